// What the reports of destinations counted, as pages, API and alerts show it: by place, and for one event.

import type { OrderCount, PlaceRecounts } from '../admin/places/recount-pages.ts';
import type { RecountFacts, ReportFacts } from '../alert/finding.ts';
import type { Keep } from '../keep/keep.ts';
import type { Found, Recount } from '../keep/questions/recounts.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { createDayIn, isSettled, reportOf } from '../road/recount.ts';
import type { Clock } from '../types.ts';

/** So many days back is shown what a day came to. */
const SHOWN_DAYS = 28;
/** A day is settled two and a half days after its end; one that is not told of for longer than this is no news. */
export const NEWS_DAYS = 8;

export type RecountsParts = { keep: Pick<Keep, 'listRecounts'>; mappings: Pick<Mappings, 'all'>; now: Clock };

/** Every destination whose report is asked, with what so many days came to, the newest first. */
export function createRecounts({ keep, mappings, now }: RecountsParts) {
  return async (back = SHOWN_DAYS): Promise<PlaceRecounts[]> => {
    const places = mappings.all().flatMap(({ routes }) =>
      routes.flatMap((route) => {
        const { report } = reportOf(route) ?? {};
        return report === undefined ? [] : [{ store: route.store, destination: route.name, title: report.title }];
      }),
    );
    if (places.length === 0) return [];
    const all = await keep.listRecounts(dayAt(now() - back * DAY_MS));
    return places.map((place) => ({
      ...place,
      days: all.filter((one) => one.store === place.store && one.destination === place.destination),
    }));
  };
}

/** Of fewer purchases the days before are counted too: a small shop has a handful a day. */
const ENOUGH = 20;

/** As many of the latest days as it takes to tell something; the first of them alone where it has enough. */
function together(days: readonly (Found & { day: string })[]): RecountFacts['together'] {
  const sum = { sent: 0, counted: 0, repeated: 0, since: '' };
  for (const { day, sent, counted, repeated } of days) {
    if (sum.sent >= ENOUGH) break;
    sum.sent += sent;
    sum.counted += counted;
    sum.repeated += repeated;
    sum.since = day;
  }
  return sum;
}

/** The latest day of each place that tells something, as long as it is not old news. */
export function latestOf(places: readonly PlaceRecounts[]): RecountFacts[] {
  return places.flatMap(({ days, ...place }) => {
    const told = days.flatMap(({ day, asked_at, found }) => (found === undefined ? [] : [{ ...found, day, asked_at }]));
    const whole = told.filter(({ sent, partial }) => sent > 0 && !partial);
    const last = whole[0] ?? told[0];
    if (last === undefined) return [];
    const { day, asked_at, sent, counted, repeated, partial } = last;
    return [{ ...place, day, asked_at, sent, counted, repeated, partial, together: together(whole) }];
  });
}

/** So many days in a row that could not be asked about are told. */
const UNASKED_DAYS = 3;

/** Places whose report is asked; some do not answer, such as after its key was revoked. */
export function reportsOf(places: readonly PlaceRecounts[]): ReportFacts[] {
  return places.map(({ days, ...place }) => {
    const latest = days.slice(0, UNASKED_DAYS);
    // The days are asked about in turn, one an hour: what was last said of any is what holds.
    const failed = days.filter((one) => one.problem !== undefined).sort((a, b) => b.asked_at - a.asked_at);
    const answered = days.filter((one) => one.problem === undefined).map(({ asked_at }) => asked_at);
    const [{ problem } = {}] = failed;
    const isUnasked = latest.every((one) => one.problem !== undefined && one.found === undefined);
    const silent =
      problem === undefined || latest.length < UNASKED_DAYS || !isUnasked
        ? undefined
        : { problem, since: Math.min(...latest.map(({ asked_at }) => asked_at)) };
    return { ...place, answered_at: answered.length === 0 ? undefined : Math.max(...answered), silent };
  });
}

const withId = <T extends { event_id: string }>(list: readonly T[], event_id: string): T | undefined =>
  list.find((one) => one.event_id === event_id);

/**
 * What the report says of one event, of these days of its place; undefined where it says nothing sure, as of one that arrived
 * there too late.
 */
export function orderCount(
  days: readonly Recount[],
  { id, event_time }: { id: string; event_time: string },
  delivered_at: number | undefined,
): OrderCount | undefined {
  for (const { day, asked_at, found, problem } of days) {
    if (found === undefined || createDayIn(found.time_zone)(Date.parse(event_time)) !== day) continue;
    const told = { day, currency: found.currency };
    if (withId(found.missing, id) !== undefined) return found.partial ? undefined : { ...told, times: 0 };
    const repeat = withId(found.repeats, id);
    if (repeat !== undefined) return { ...told, times: repeat.times };
    const { sent, counted } = withId(found.differences, id) ?? {};
    if (sent !== undefined && counted !== undefined) return { ...told, times: 1, sent, counted };
    // After a problem `asked_at` is its time, and not that of the answer.
    const isCompared = problem === undefined && delivered_at !== undefined && isSettled(delivered_at, asked_at);
    return isCompared && isListed(found) ? { ...told, times: 1 } : undefined;
  }
  return undefined;
}

/** Are the lists whole, so that who is not in them is fine? */
const isListed = ({ sent, counted, missing, repeated, repeats, different, differences }: Found): boolean =>
  missing.length === sent - counted && repeats.length === repeated && differences.length === different;
