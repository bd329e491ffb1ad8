// What alerts compare with the week before: which events carry a key, what went to a destination, what purchases are worth.
import { alikeIn } from '../alert/fall.ts';
import type { MatchFacts, ReachFacts, WatchedKey, Worth, WorthFacts } from '../alert/finding.ts';
import type { AttemptSum, EventSum } from '../keep/questions/hours.ts';

const DAY = 24;
const WEEK = 7 * DAY;

/**
 * The hour that runs, and for the subject of an incident that is open, or was over not long ago, the one in which it was opened:
 * its week before is the one before that.
 */
export type Hours = { hour: number; opened: ReadonlyMap<string, number> };

/** The first of the hours that are compared. */
export const firstCompared = (hour: number): number => hour - DAY - WEEK + 1;
export const firstRead = ({ hour, opened }: Hours): number => firstCompared(Math.min(hour, ...opened.values()));

/** The rows of the last 24 hours, and those of the week before that a subject is compared with. */
function parted<T extends { hour: number }>(rows: readonly T[], { hour, opened }: Hours, subject: string) {
  const compared = opened.get(subject) ?? hour;
  return {
    now: rows.filter((row) => row.hour > hour - DAY),
    before: rows.filter((row) => row.hour >= firstCompared(compared) && row.hour <= compared - DAY),
  };
}

function eventsByName(rows: readonly EventSum[]): Map<string, number> {
  const names = new Map<string, number>();
  for (const { name, events } of rows) names.set(name, (names.get(name) ?? 0) + events);
  return names;
}
const eventsOf = (rows: readonly EventSum[]): number => rows.reduce((all, { events }) => all + events, 0);

export function matchesOf(sums: readonly EventSum[], hours: Hours): MatchFacts[] {
  const sumUp = (rows: readonly EventSum[]) => {
    const sumOf = (key: WatchedKey) => rows.reduce((all, { keys }) => all + keys[key], 0);
    return {
      events: eventsOf(rows),
      keys: { client_id: sumOf('client_id'), email: sumOf('email'), click_id: sumOf('click_id') },
    };
  };
  return [...Map.groupBy(sums, ({ store, name }) => `${store} ${name}`).values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { store, name } = first;
    const { now, before } = parted(rows, hours, `match ${store} ${name}`);
    return [{ store, name, now: sumUp(now), before: sumUp(before) }];
  });
}

/** Ends of deliveries that were made, and not left out. */
const TAKEN = ['delivered', 'rejected', 'expired', 'dead'];

/** What ended at each destination or waits for it, compared with the events of its store. */
export function reachesOf(
  places: readonly { store: string; destination: string; waiting: number }[],
  events: readonly EventSum[],
  attempts: readonly AttemptSum[],
  hours: Hours,
): ReachFacts[] {
  const eventsOfStore = Map.groupBy(events, ({ store }) => store);
  const taken = attempts.filter(({ kind }) => TAKEN.includes(kind));
  const takenAt = Map.groupBy(taken, ({ store, destination }) => `${store}/${destination}`);
  return places.map(({ store, destination, waiting }) => {
    const place = `${store}/${destination}`;
    const made = parted(eventsOfStore.get(store) ?? [], hours, `skipped ${place}`);
    const ended = parted(takenAt.get(place) ?? [], hours, `skipped ${place}`);
    const sumUp = (when: 'now' | 'before', left: number) => {
      const all = eventsOf(made[when]);
      const sent = ended[when].reduce((sum, one) => sum + one.attempts, 0);
      // What was sent again ended twice.
      return { events: all, taken: Math.min(sent + left, all) };
    };
    const before = sumUp('before', 0);
    const alike = alikeIn(eventsByName(made.now), eventsByName(made.before), before.taken);
    return { store, destination, now: { ...sumUp('now', waiting), alike }, before };
  });
}

function worthBy(rows: readonly EventSum[]): Map<string, Worth> {
  const worths = new Map<string, Worth>();
  for (const { currency, events, value } of rows) {
    const before = worths.get(currency) ?? { events: 0, value: 0, most: 0 };
    const most = Math.max(before.most, value);
    worths.set(currency, { events: before.events + events, value: before.value + value, most });
  }
  return worths;
}

/** Purchases by store and currency. */
export function worthsOf(sums: readonly EventSum[], hours: Hours): WorthFacts[] {
  const stores = Map.groupBy(
    sums.filter(({ name }) => name === 'purchase'),
    ({ store }) => store,
  );
  return [...stores].map(([store, rows]) => {
    const { now, before } = parted(rows, hours, `value ${store}`);
    return { store, now: worthBy(now), before: worthBy(before) };
  });
}
