// Is a source quieter than its own hours and weekdays explain? Statistics alone: no clock, no database.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { cameBetween, expectedBetween, sameBefore, type Usual } from './usual.ts';

const WEEKS_PER_MONTH = 4.35;
/** How many false alarms a source may give in a month. */
const FALSE_PER_MONTH = 0.02;
/** Fewer clumps than this a month are counted as so many. */
const LEAST_PER_MONTH = 20;
/** A bad day is so many times the unevenness of days away from a usual one. */
const BAD_DAY = 2;
/** A sender may pause for a moment, and so may the way from it. */
const SHORTEST_MS = 20 * MINUTE_MS;
/** With so many weeks to compare to, one of them may have been silent at the same time: it may have been broken too. */
const FORGIVING_WEEKS = 4;
/** What is much less than usual: a share of what is expected, of clumps enough to tell. */
const MUCH_LESS = 1 / 4;
const NORMAL_AGAIN = 0.6;
const ENOUGH_CLUMPS = 30;

/**
 * `silent`: nothing came since `since`, where `expected` usually come. `quiet`: `came` since then and not nothing. `usual`
 * may be a little less than expected; `holds` says that an open incident is not over yet.
 */
export type Verdict =
  | { kind: 'silent' | 'quiet'; since: number; came: number; expected: number }
  | { kind: 'usual'; holds: boolean };

/**
 * How many clumps must be missing. Each time between two clumps is another chance of a false alarm, so a large shop needs
 * more of them, which it has in minutes; `exp(-missing)` is the chance of one silence this long.
 */
export const clumpsNeeded = ({ perWeek, clump }: Usual): number =>
  Math.log(Math.max((perWeek * WEEKS_PER_MONTH) / clump, LEAST_PER_MONTH) / FALSE_PER_MONTH);

/** Was it as silent in these hours of other weeks? Then the season or the office hours explain it. */
function isKnownSilence(usual: Usual, from: number, until: number): boolean {
  const before = sameBefore(usual, from, until);
  const silent = before.filter((hooks) => hooks < 0.5).length;
  return silent > (before.length >= FORGIVING_WEEKS ? 1 : 0);
}

/** Clumps that come at least, were it a bad day, or bad days; more days even out. */
function clumpsExpected(usual: Usual, since: number, now: number): number {
  const days = Math.max(1, (now - since) / DAY_MS);
  const badDay = Math.exp((-BAD_DAY * usual.unevenness) / Math.sqrt(days));
  return (badDay * expectedBetween(usual, since, now)) / usual.clump;
}

/** Is it silent where nothing came since `since`, and no more than a `share` of what usually comes may be expected? */
export function isSilent(usual: Usual, since: number, now: number, share = 1): boolean {
  if (now - since < SHORTEST_MS) return false;
  if (share * clumpsExpected(usual, since, now) < clumpsNeeded(usual)) return false;
  return !isKnownSilence(usual, since, now);
}

/**
 * Judges a source at `now`. `last` is when its last hook came, `watchedSince` since when somebody was there to take hooks:
 * a bridge that was down heard nothing and learned nothing.
 */
export function judgeSilence(
  usual: Usual,
  { last, watchedSince, now }: { last: number; watchedSince: number; now: number },
): Verdict {
  const since = Math.max(last, watchedSince);
  if (isSilent(usual, since, now))
    return { kind: 'silent', since, came: 0, expected: expectedBetween(usual, since, now) };
  const until = Math.floor(now / HOUR_MS) * HOUR_MS;
  const from = until - DAY_MS;
  const expected = expectedBetween(usual, from, until);
  if (from < watchedSince || expected / usual.clump < ENOUGH_CLUMPS) return { kind: 'usual', holds: false };
  const came = cameBetween(usual.counts, from, until);
  const before = sameBefore(usual, from, until);
  const isOdd = came <= expected * MUCH_LESS && before.length > 0 && before.every((hooks) => came < hooks / 3);
  if (isOdd) return { kind: 'quiet', since: from, came, expected };
  return { kind: 'usual', holds: came < expected * NORMAL_AGAIN };
}

/** How long a silence that began at `since` must last to be told, in milliseconds; at most 60 days. */
export function patienceAt(usual: Usual, since: number): number {
  const most = 60 * DAY_MS;
  for (let wait = SHORTEST_MS; wait < most; wait += wait < 6 * HOUR_MS ? 5 * MINUTE_MS : HOUR_MS)
    if (isSilent(usual, since, since + wait)) return wait;
  return most;
}
