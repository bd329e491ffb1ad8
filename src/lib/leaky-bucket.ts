// A leaky bucket in one number, the time at which it is empty again: for tries, requests and posts, in memory and in a table.
import { notBefore } from './ahead.ts';

/** `burst` at once, then one more every `every` milliseconds; `held` is the longest hold there may be. */
export type Rate = { every: number; burst: number; held?: number };

/** How far ahead it may be empty and still have room. */
export const slackOf = ({ every, burst }: Rate): number => every * (burst - 1);

/**
 * How far ahead it is empty at most: twice what it holds, because the clocks of two who ask may differ a little. What lies
 * further ahead is of a time before the clock was set back.
 */
export const mostAhead = ({ every, burst, held = 0 }: Rate): number => 2 * every * burst + held;

/** When it is empty, now or later, and for how many milliseconds it has no room yet; 0 or less where it has. */
export function fillOf(emptyAt: number | undefined, now: number, rate: Rate): { empty: number; wait: number } {
  const empty = notBefore(emptyAt, now, mostAhead(rate));
  return { empty, wait: empty - now - slackOf(rate) };
}
