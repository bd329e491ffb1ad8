// Made-up shops for the tests of silence: their orders over months, with days and weekdays, good and bad days, and clumps.
import { judgeSilence, type Verdict } from '../../src/alert/silence.ts';
import { learnUsual, type Usual } from '../../src/alert/usual.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Monday. */
export const START = Date.UTC(2026, 0, 5);

export type Shop = {
  ordersPerDay: number;
  /** Hooks that one order tells itself in. */
  hooksPerOrder: number;
  /** How much of a day's orders come in each hour, and of a week's on each day from Monday on. */
  hours: readonly number[];
  days: readonly number[];
  /** Standard deviation of the logarithm of good and bad days. */
  unevenness: number;
  /** Factor by day, for sales, holidays and decline. */
  season?: (day: number) => number;
};

/** Round the clock with a quiet night, as online shops sell. */
export const ONLINE = [8, 5, 3, 2, 2, 3, 8, 15, 25, 35, 45, 50, 52, 50, 48, 48, 50, 55, 62, 70, 75, 65, 40, 18];
/** Nine to five, as sales teams work. */
export const OFFICE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 100, 100, 70, 80, 100, 100, 80, 30, 0, 0, 0, 0, 0, 0];
export const EVERY_DAY = [1, 0.95, 0.95, 1, 1.05, 1.1, 1.2];
export const WORKDAYS = [1, 1, 1, 1, 0.8, 0, 0];

/** mulberry32: the same numbers for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** When the hooks of so many days come, in order. */
export function simulate(shop: Shop, days: number, random: () => number): number[] {
  const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);
  const perHour = shop.hours.map((share) => (shop.ordersPerDay * share) / sum(shop.hours));
  const dayMean = sum(shop.days) / 7;
  const hooks: number[] = [];
  for (let day = 0; day < days; day++) {
    const luck = Math.exp(shop.unevenness * normal(random) - shop.unevenness ** 2 / 2);
    const factor = ((shop.days[day % 7] ?? 1) / dayMean) * luck * (shop.season?.(day) ?? 1);
    for (const [hour, orders] of perHour.entries()) {
      const rate = orders * factor;
      const gap = () => (rate === 0 ? 1 : -Math.log(1 - random()) / rate);
      for (let at = gap(); at < 1; at += gap())
        for (let hook = 0; hook < shop.hooksPerOrder; hook++)
          hooks.push(START + day * DAY + (hour + at) * HOUR + hook * 3_000);
    }
  }
  return hooks.sort((a, b) => a - b);
}

export const countsOf = (hooks: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const at of hooks) counts.set(Math.floor(at / HOUR), (counts.get(Math.floor(at / HOUR)) ?? 0) + 1);
  return counts;
};

const usualAfter = (counts: Map<number, number>, last: number): Usual | undefined =>
  learnUsual(counts, START / HOUR, Math.floor(last / HOUR) + 1);

/** Alarms of a shop that never fell silent, from its fifth week on: those of each gap, and those of quiet days. Learns daily. */
export function falseAlarms(hooks: readonly number[]): { alarms: number; quiet: number; months: number } {
  const counts = countsOf(hooks);
  const watched = hooks.filter((at) => at > START + 4 * WEEK);
  let alarms = 0;
  let quiet = 0;
  let quietUntil = 0;
  let learnedAt = 0;
  let usual: Usual | undefined;
  for (const [index, last] of watched.entries()) {
    const next = watched[index + 1] ?? last;
    if (Math.floor(last / DAY) !== learnedAt) {
      learnedAt = Math.floor(last / DAY);
      usual = usualAfter(counts, last);
      const verdict = usual && judgeSilence(usual, { last, watchedSince: START, now: last });
      if (verdict?.kind === 'quiet' && last > quietUntil) {
        quiet += 1;
        quietUntil = last + DAY;
      }
    }
    if (usual === undefined || next - last < 20 * 60_000) continue;
    if (judgeSilence(usual, { last, watchedSince: START, now: next - 1 }).kind === 'silent') alarms += 1;
  }
  const span = (watched.at(-1) ?? 0) - (watched[0] ?? 0);
  return { alarms, quiet, months: span / (30.4 * DAY) };
}

/** How long after hooks stopped at `stop` the silence is told, in milliseconds. */
export function detectedAfter(hooks: readonly number[], stop: number): number {
  const end = hooks.findIndex((at) => at >= stop);
  const before = hooks.slice(0, end === -1 ? hooks.length : end);
  const last = before.at(-1) ?? START;
  const usual = usualAfter(countsOf(before), last);
  if (usual === undefined) throw new Error('nothing was learned');
  let verdict: Verdict = { kind: 'usual', holds: false };
  let now = stop;
  for (; verdict.kind !== 'silent' && now < stop + 60 * DAY; now += 5 * 60_000)
    verdict = judgeSilence(usual, { last, watchedSince: START, now });
  return now - stop;
}
