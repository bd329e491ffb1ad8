// The request a destination would get for an event, with its secrets masked.
import { z } from 'zod';
import type { Event } from '../event.ts';
import type { Route } from '../map/files/route.ts';
import type { HttpRequest } from '../types.ts';

export type TriedRequest = {
  destination: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
};

/** Values of a destination's secret settings, in the forms they may take in a request. */
function secretsOf({ destination, settings }: Route): string[] {
  const table: Record<string, unknown> = z.record(z.string(), z.unknown()).parse(settings);
  const values = destination.secrets.flatMap((name) => {
    const value = table[name];
    return typeof value === 'object' && value !== null ? Object.values(value) : [value];
  });
  return values.filter((value) => typeof value === 'string').flatMap((value) => [value, encodeURIComponent(value)]);
}

/** A request of a route as it may be shown. */
export function masked(route: Route, { method, url, headers, body }: HttpRequest): TriedRequest {
  const secrets = secretsOf(route);
  const mask = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  return {
    destination: route.name,
    method,
    url: mask(url),
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)])),
      ...(route.destination.token !== undefined && { authorization: 'Bearer ***' }),
    },
    body: JSON.parse(mask(body)),
  };
}

/** As it would be built at `now`. */
export const preview = (route: Route, event: Event, now: number): TriedRequest =>
  masked(route, route.destination.build([event], route.settings, now));
