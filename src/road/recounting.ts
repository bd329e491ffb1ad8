// Compares each day, once it is settled, with what the reports of destinations counted, by one thread of one replica.
import type { Keep } from '../keep/keep.ts';
import type { Recount as Counted } from '../keep/questions/recounts.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { DAY_MS, dayAt, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Store } from '../map/files/load.ts';
import type { Route } from '../map/files/route.ts';
import type { Clock } from '../types.ts';
import { createAlone } from './alone.ts';
import { type Recount, reportOf, startOf } from './recount.ts';

export type RecountingParts = {
  stores: { all: () => readonly Store[] };
  keep: Pick<Keep, 'listRecounts' | 'noteRecount' | 'takeWatch' | 'leaveWatch'>;
  recount: Recount;
  now: Clock;
  newId: () => string;
  log: Log;
  signal: AbortSignal;
};

const LOOK_MS = MINUTE_MS;
/** A report is complete two days after the end of a day, which is over everywhere half a day after UTC's. */
const SETTLED_MS = 60 * HOUR_MS;
/** What is missing then may come a day later still. */
const ONCE_MORE_MS = SETTLED_MS + DAY_MS;
const AGAIN_MS = HOUR_MS;
const DAYS = 7;
const LEASE_MS = 5 * MINUTE_MS;

/** The days that reports have settled, the newest first. */
export const settledDays = (now: number): string[] =>
  Array.from({ length: DAYS }, (_, index) => dayAt(now - SETTLED_MS - (index + 1) * DAY_MS));

/** Nobody is asked again so soon after a problem, about no day. */
const justFailed = ({ asked_at, problem }: Counted, now: number): boolean =>
  problem !== undefined && asked_at <= now && now - asked_at < AGAIN_MS;

/** Days that could not be asked about go behind the others, the longest ago first, so that none of them stops the rest. */
const failureOf = (last: Counted | undefined): number => (last?.problem === undefined ? 0 : last.asked_at);

/** Is the day to be asked about, after this last time? */
export function isDue(day: string, last: Counted | undefined, now: number): boolean {
  if (last === undefined || last.asked_at > now) return true;
  const { asked_at, found, problem } = last;
  if (problem !== undefined) return true;
  const once = startOf(day) + DAY_MS + ONCE_MORE_MS;
  return found !== undefined && found.counted < found.sent && asked_at < once && now >= once;
}

/** The other routes whose purchases are in the same report; one for each store. */
export function besides(all: readonly Route[], route: Route): Route[] {
  const subject = reportOf(route)?.subject;
  const others = all.filter((one) => one.store !== route.store && reportOf(one)?.subject === subject);
  return [...new Map(others.map((one) => [one.store, one])).values()];
}

export function createRecounting({ stores, keep, recount, now, newId, log, signal }: RecountingParts) {
  const alone = createAlone({ keep, now, newId }, LEASE_MS);

  const recountDay = async (route: Route, beside: readonly Route[], day: string): Promise<boolean> => {
    const { store, name: destination } = route;
    const place = { store, destination, day };
    const end = await recount({ route, beside, day });
    if (signal.aborted) return false;
    await keep.noteRecount(place, now(), end);
    if ('problem' in end) {
      log.warn({ ...place, reason: end.problem }, 'recount.failed');
      return false;
    }
    const { sent, counted, repeated, different, strange } = end.found;
    log.info({ ...place, sent, counted, repeated, different, strange }, 'recount.done');
    return true;
  };

  const readKnown = (): Promise<Counted[]> => keep.listRecounts(settledDays(now()).at(-1) ?? '');
  const dueDays = ({ store, name }: Route, known: readonly Counted[]): string[] => {
    const own = known.filter((one) => one.store === store && one.destination === name);
    const lastOf = (day: string) => own.find((one) => one.day === day);
    if (own.some((one) => justFailed(one, now()))) return [];
    const failedAt = (day: string) => failureOf(lastOf(day));
    const due = settledDays(now()).filter((day) => isDue(day, lastOf(day), now()));
    return due.sort((one, other) => failedAt(one) - failedAt(other));
  };

  /** Whoever had the lease before may have asked meanwhile; after a problem the other days wait as well. */
  const recountRoute = async (route: Route, beside: readonly Route[]): Promise<void> => {
    await alone(`recount ${route.store}/${route.name}`, async (hold) => {
      for (const day of dueDays(route, await readKnown()))
        if (signal.aborted || !(await hold()) || !(await recountDay(route, beside, day))) return;
    });
  };

  /** Asks about what is due, one destination after the other. Never rejects. */
  const round = async (): Promise<void> => {
    const all = stores.all().flatMap(({ routes }) => routes);
    let known: readonly Counted[] | undefined;
    for (const route of all.filter((one) => reportOf(one) !== undefined)) {
      if (signal.aborted) return;
      try {
        known ??= await readKnown();
        if (dueDays(route, known).length > 0) await recountRoute(route, besides(all, route));
      } catch (error) {
        const { store, name: destination } = route;
        log.error({ store, destination, error: describeError(error) }, 'recount.failed');
      }
    }
  };

  return { round, keepRecounting: (): Promise<void> => every(LOOK_MS, signal, round) };
}
