// Counts the hooks that could not be kept lately, in memory alone: what fails may be the database itself.
import type { Heard } from '../lib/meter.ts';
import { MINUTE_MS } from '../lib/time.ts';
import type { Clock } from '../types.ts';

/** For so many minutes a hook is counted. */
export const LATELY_MINUTES = 10;

export function createNotKept(now: Clock) {
  const byMinute = new Map<number, number>();
  const minute = (): number => {
    const current = Math.floor(now() / MINUTE_MS);
    for (const one of byMinute.keys()) if (one <= current - LATELY_MINUTES) byMinute.delete(one);
    return current;
  };

  /** Hears the fields of `hook.received`. */
  const hear: Heard = (message, { outcome }) => {
    if (message !== 'hook.received' || outcome !== 'not_kept') return;
    const current = minute();
    byMinute.set(current, (byMinute.get(current) ?? 0) + 1);
  };

  return {
    hear,
    /** How many hooks this process could not keep lately. */
    count: (): number => {
      minute();
      return [...byMinute.values()].reduce((all, one) => all + one, 0);
    },
  };
}
