// When a delivery is tried again, and when it is too old: pure arithmetic on explicit times, all in milliseconds.

import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Delivery } from '../types.ts';

/** A receiver may put us off this long at most, whatever its Retry-After says. */
const AFTER_MAX_MS = HOUR_MS;
/** How long before it expires a delivery has its last try: longer than breakers stay open, and a request takes. */
const LAST_TRY_MS = 10 * MINUTE_MS;

/** The wait a receiver asked for, within reason; 0 for none, a negative one or nonsense. */
export const waitAsked = (after: number | undefined): number =>
  after === undefined || !(after > 0) ? 0 : Math.min(after, AFTER_MAX_MS);

/** Is it too early still? A wait longer than the longest comes from a clock that was set back, and is over. */
export const isHeld = (until: number, now: number): boolean => now < until && until - now <= AFTER_MAX_MS;

/**
 * The next time to try, or undefined when the delivery expires before it. `attempts` counts the tries made, this one
 * included; the last wait of `schedule` repeats. Full jitter: the wait is `random` (0 to 1) of the scheduled one, but
 * never shorter than what the receiver asked for. A wait that would outlast the delivery ends shortly before it expires,
 * unless this try was made as late as that.
 */
export const nextDue = ({
  schedule,
  attempts,
  now,
  after,
  random,
  expires,
}: {
  schedule: readonly number[];
  attempts: number;
  now: number;
  after: number | undefined;
  random: number;
  expires: number;
}): number | undefined => {
  const wait = schedule[Math.min(attempts, schedule.length) - 1] ?? 0;
  const asked = now + waitAsked(after);
  const due = Math.max(now + Math.round(wait * random), asked);
  if (due < expires) return due;
  const last = expires - LAST_TRY_MS;
  return now < last && asked < expires ? Math.max(last, asked) : undefined;
};

/** When the event of a delivery is too old to be sent: `maxAge` after it happened, or after it was made if that is earlier. */
export const expiresAt = ({ event, created_at }: Pick<Delivery, 'event' | 'created_at'>, maxAge: number): number => {
  const happened = Date.parse(event.event_time);
  return (happened < created_at ? happened : created_at) + maxAge;
};
