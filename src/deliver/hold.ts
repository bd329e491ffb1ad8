// What replicas tell each other of an account's breaker: opened by one it is open for all, and one of them finds out.
import { type Breaker, CLOSED } from './breaker.ts';
import { REQUEST_TIMEOUT_MS } from './http.ts';
import type { Hold } from './questions.ts';

/** Whoever finds out has this long to say so; then another one may. */
export const PROBE_MS = REQUEST_TIMEOUT_MS + 5_000;

/** The breaker once all have heard of the hold; `told` is the hold that was known before. A probe of our own goes on. */
export function shared(breaker: Breaker, hold: Hold | undefined, told: Hold | undefined): Breaker {
  if (breaker.state === 'half_open') return breaker;
  if (hold === undefined) return told !== undefined && breaker.state === 'open' ? CLOSED : breaker;
  if (hold.trips === 0 || (breaker.state === 'open' && breaker.until >= hold.until)) return breaker;
  return { state: 'open', until: hold.until, trips: hold.trips };
}

/** What the others must hear after a request: a hold, or that the account answers again; undefined when nothing changed. */
export function toTell(
  account: string,
  { before, after, waitUntil, told }: { before: Breaker; after: Breaker; waitUntil: number; told: Hold | undefined },
): { hold: Hold | undefined } | undefined {
  if (after.state === 'open' && before !== after && after.until > waitUntil)
    return { hold: { account, until: after.until, trips: after.trips } };
  if (waitUntil > (told?.until ?? 0)) return { hold: { account, until: waitUntil, trips: 0 } };
  return after.state === 'closed' && after.failures === 0 && told !== undefined ? { hold: undefined } : undefined;
}
