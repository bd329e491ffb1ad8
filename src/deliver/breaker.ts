// The circuit breaker of one account: stops asking a receiver that keeps failing, then lets a single request find out.

/** `until` is when an open breaker may let its probe through; `trips` counts openings in a row. */
export type Breaker =
  | { state: 'closed'; failures: number }
  | { state: 'open'; until: number; trips: number }
  | { state: 'half_open'; trips: number };

/** Consecutive failures that open it, and how long it then stays open: `first`, doubled each time up to `most`. */
export type BreakerLimits = { failures: number; first: number; most: number };
export const BREAKER_LIMITS: BreakerLimits = { failures: 10, first: 5_000, most: 300_000 };

export const CLOSED: Breaker = { state: 'closed', failures: 0 };

const open = (trips: number, now: number, { first, most }: BreakerLimits): Breaker => ({
  state: 'open',
  until: now + Math.min(first * 2 ** (trips - 1), most),
  trips,
});

/** May a request start? In half-open state the probe is under way and nothing else is sent. */
export const maySend = (breaker: Breaker, now: number, limits = BREAKER_LIMITS): boolean => {
  if (breaker.state !== 'open') return breaker.state === 'closed';
  // A pause longer than the longest comes from a clock that was set back.
  return now >= breaker.until || breaker.until - now > limits.most;
};

/** A request starts; on an open breaker it is the probe. */
export const started = (breaker: Breaker): Breaker =>
  breaker.state === 'open' ? { state: 'half_open', trips: breaker.trips } : breaker;

/** A request failed. Failures of requests that were under way when it opened change nothing. */
export const failed = (breaker: Breaker, now: number, limits = BREAKER_LIMITS): Breaker => {
  if (breaker.state === 'open') return breaker;
  if (breaker.state === 'half_open') return open(breaker.trips + 1, now, limits);
  const failures = breaker.failures + 1;
  return failures >= limits.failures ? open(1, now, limits) : { state: 'closed', failures };
};

/** A request was not made after all; if it was the probe, another one may be. */
export const unproven = (breaker: Breaker, now: number): Breaker =>
  breaker.state === 'half_open' ? { state: 'open', until: now, trips: breaker.trips } : breaker;

/** Closed again only if a probe succeeds: for an account that somebody has just resumed. */
export const onProbation = (now: number): Breaker => ({ state: 'open', until: now, trips: 0 });
