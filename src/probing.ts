// Tests of the connection to a destination, as an admin asks for them: one request, sent like any other, recorded nowhere.
import type { Probing } from './admin/places/probe-pages.ts';
import type { Http } from './deliver/http.ts';
import { redact } from './deliver/redact.ts';
import type { Mappings } from './map/mappings.ts';
import { masked } from './preview.ts';
import type { Clock, Reply } from './types.ts';

export type ProbingParts = {
  mappings: Pick<Mappings, 'get'>;
  http: Pick<Http, 'send'>;
  now: Clock;
  /** Ends requests that are under way. */
  signal: AbortSignal;
};

const statusOf = (reply: Reply): number | undefined => ('status' in reply ? reply.status : undefined);

export function createProbing({ mappings, http, now, signal }: ProbingParts): Probing {
  const routeOf = (store: string, destination: string) =>
    mappings.get(store)?.routes.find(({ name }) => name === destination);
  return {
    find: (store, destination) => routeOf(store, destination)?.destination.probe,
    run: async (store, destination, given) => {
      const route = routeOf(store, destination);
      if (route === undefined) return undefined;
      const { probe } = route.destination;
      const request = probe.build(route.settings, given, now());
      const reply = await http.send(request, { signal });
      const { ok, text, details } = probe.read(reply);
      // The receiver's own lines may quote what was sent.
      return { ok, text, details: details.map(redact), status: statusOf(reply), request: masked(route, request) };
    },
  };
}
