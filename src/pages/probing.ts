// What people ask a receiver themselves: whether the connection works, and what became of a request. Recorded nowhere.
import type { Probing } from '../admin/places/probe-pages.ts';
import type { Asking } from '../admin/trace/ask-pages.ts';
import { redact } from '../deliver/redact.ts';
import type { Send } from '../deliver/sender.ts';
import type { Keep } from '../keep/keep.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { masked } from '../road/preview.ts';
import type { Clock, Probed, Reply } from '../types.ts';

export type ProbingParts = {
  mappings: Pick<Mappings, 'get'>;
  send: Send;
  now: Clock;
  /** Ends requests that are under way. */
  signal: AbortSignal;
};

const statusOf = (reply: Reply): number | undefined => ('status' in reply ? reply.status : undefined);
/** The receiver's own lines may quote what was sent. */
const redacted = ({ ok, text, details }: Probed): Probed => ({ ok, text, details: details.map(redact) });
const untold = (reason: string): Probed => ({ ok: false, text: redact(reason), details: [] });

const routeIn = (mappings: Pick<Mappings, 'get'>, store: string, destination: string) =>
  mappings.get(store)?.routes.find(({ name }) => name === destination);

export function createProbing({ mappings, send, now, signal }: ProbingParts): Probing {
  const routeOf = (store: string, destination: string) => routeIn(mappings, store, destination);
  return {
    find: (store, destination) => routeOf(store, destination)?.destination.probe,
    run: async (store, destination, given) => {
      const route = routeOf(store, destination);
      if (route === undefined) return undefined;
      const { probe } = route.destination;
      const request = probe.build(route.settings, given, now());
      const sent = await send(route, request, { signal });
      const shown = { request: masked(route, request) };
      if ('unsent' in sent) return { ...untold(sent.unsent.reason), status: undefined, ...shown };
      return { ...redacted(probe.read(sent)), status: statusOf(sent), ...shown };
    },
  };
}

export type AskingParts = Omit<ProbingParts, 'now'> & { keep: Pick<Keep, 'findReceipt'> };

/** Asks a receiver what became of a request that it took. */
export function createAsking({ mappings, keep, send, signal }: AskingParts): Asking {
  return async (event_id, destination) => {
    const found = await keep.findReceipt(event_id, destination);
    const route = found && routeIn(mappings, found.store, destination);
    const inquiry = route?.destination.inquiry;
    if (found === undefined || route === undefined || inquiry === undefined) return undefined;
    const sent = await send(route, inquiry.build(route.settings, found.receipt), { signal });
    const { title } = route.destination;
    return { title, ...('unsent' in sent ? untold(sent.unsent.reason) : redacted(inquiry.read(sent))) };
  };
}
