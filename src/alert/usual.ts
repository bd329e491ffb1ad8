// What is usual for a source: how many hooks come in each hour of the week, and how much they come in clumps.
import { HOUR_MS } from '../lib/time.ts';

const DAY = 24;
const WEEK = 7 * DAY;
/** No more is learned from. */
const MOST_WEEKS = 8;
/** What is this much older counts half. */
const HALF_LIFE = 3 * WEEK;
/** An hour of the week is believed as much as so many weeks of "this hour on any day" times "any hour on this day". */
const PRIOR_WEEKS = 2;
/** A week counts as no more than so many times the one in the middle. */
const MOST_OVER_MEDIAN = 1.5;
/** Days differ at least so much, relative to their mean, whatever a short past says. */
const LEAST_UNEVEN = 0.3;

/** Hooks by hour; hours count from 1970, and those without hooks may be missing. */
export type HourCounts = ReadonlyMap<number, number>;
export type Usual = {
  /** Hooks per hour, for each hour of the week; weeks begin as 1970 did. */
  rates: Float64Array;
  perWeek: number;
  /** How many hooks come together: 1 where each comes by itself. An order that tells itself in 4 hooks makes it 4. */
  clump: number;
  /** How good and bad days differ, relative to their mean. */
  unevenness: number;
  counts: HourCounts;
  first: number;
};

const slotOf = (hour: number): number => hour % WEEK;

/** The mean of hours by some slot of theirs, relative to the mean of all, drawn a little to 1. */
function profile(hours: readonly Hour[], size: number, mean: number) {
  const hooks = new Float64Array(size).fill(mean);
  const weights = new Float64Array(size).fill(1);
  for (const one of hours) {
    const slot = size === DAY ? one.hour % DAY : Math.floor(slotOf(one.hour) / DAY);
    hooks[slot] = (hooks[slot] ?? 0) + one.hooks * one.weight;
    weights[slot] = (weights[slot] ?? 0) + one.weight;
  }
  return hooks.map((sum, slot) => sum / (weights[slot] ?? 1) / mean);
}

const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
/** The mean without the least and the most, where there are enough to leave them out: one odd week changes nothing. */
function middle(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const kept = sorted.length < 5 ? sorted : sorted.slice(1, -1);
  return sum(kept) / kept.length;
}

type Hour = { hour: number; hooks: number; weight: number };

/** Weeks of a sale count as weeks that were somewhat better than usual: what follows them is no silence. */
function withoutPeaks(hours: readonly Hour[]): Hour[] {
  const begin = hours.length % WEEK;
  const weekOf = (index: number) => Math.floor((index - begin) / WEEK);
  const weeks = [...Map.groupBy(hours.slice(begin), (_, index) => weekOf(index + begin)).values()];
  const sums = weeks.map((week) => sum(week.map(({ hooks }) => hooks)));
  const most = MOST_OVER_MEDIAN * (sums.toSorted((a, b) => a - b)[Math.floor(sums.length / 2)] ?? 0);
  return hours.map((one, index) => {
    const came = sums[weekOf(index)] ?? 0;
    return came > most && most > 0 ? { ...one, hooks: (one.hooks * most) / came } : one;
  });
}

type Spread = { clump: number; unevenness: number };

const BLOCK = 6;
type Slot = { hooks: number; rate: number };
const parts = (hours: readonly Slot[], size: number) =>
  Array.from({ length: Math.ceil(hours.length / size) }, (_, index) => {
    const own = hours.slice(index * size, (index + 1) * size);
    return { own, came: sum(own.map(({ hooks }) => hooks)), usual: sum(own.map(({ rate }) => rate)) };
  });

/** How hooks lie within some hours, whatever came in all of these: good days and bad days make no clumps. */
function clumpOf(week: readonly Slot[]): number {
  const blocks = parts(week, BLOCK).filter(({ came, usual }) => came > 0 && usual > 0);
  const spread = blocks.map(({ own, came, usual }) =>
    sum(own.map(({ hooks, rate }) => (hooks - (rate * came) / usual) ** 2)),
  );
  const alone = blocks.map(({ own, came, usual }) => came * (1 - sum(own.map(({ rate }) => (rate / usual) ** 2))));
  return Math.max(1, sum(spread) / Math.max(1, sum(alone)));
}

/** How hooks of one week lie about the rates: within hours of a day, and between days. */
function spreadOf(week: readonly Slot[]): Spread {
  const clump = clumpOf(week);
  const days = parts(week, DAY);
  const between = sum(days.map(({ came, usual }) => (came - usual) ** 2 - clump * usual));
  return { clump, unevenness: between / sum(days.map(({ usual }) => usual ** 2)) };
}

function usualSpread(hours: readonly Hour[], rates: Float64Array): Spread {
  const spreads: Spread[] = [];
  for (let from = hours.length % WEEK; from < hours.length; from += WEEK)
    spreads.push(
      spreadOf(hours.slice(from, from + WEEK).map(({ hour, hooks }) => ({ hooks, rate: rates[slotOf(hour)] ?? 0 }))),
    );
  const unevenness = middle(spreads.map((one) => one.unevenness));
  return {
    clump: middle(spreads.map(({ clump }) => clump)),
    unevenness: Math.sqrt(Math.min(Math.max(unevenness, LEAST_UNEVEN ** 2), 1)),
  };
}

/**
 * Learns from the hours `first` to before `end`. Undefined for less than a week, or when no hook came: nothing is usual yet.
 */
export function learnUsual(counts: HourCounts, first: number, end: number): Usual | undefined {
  const start = Math.max(first, end - MOST_WEEKS * WEEK);
  if (end - start < WEEK) return undefined;
  const hours = withoutPeaks(
    Array.from({ length: end - start }, (_, index) => {
      const hour = start + index;
      return { hour, hooks: counts.get(hour) ?? 0, weight: 2 ** ((hour - end) / HALF_LIFE) };
    }),
  );
  const mean = sum(hours.map(({ hooks, weight }) => hooks * weight)) / sum(hours.map(({ weight }) => weight));
  if (mean === 0) return undefined;
  const ofDay = profile(hours, DAY, mean);
  const ofWeek = profile(hours, 7, mean);
  const weights = new Float64Array(WEEK).fill(PRIOR_WEEKS);
  const rates = Float64Array.from(
    weights,
    (prior, slot) => prior * mean * (ofDay[slot % DAY] ?? 1) * (ofWeek[Math.floor(slot / DAY)] ?? 1),
  );
  for (const { hour, hooks, weight } of hours) {
    const slot = slotOf(hour);
    rates[slot] = (rates[slot] ?? 0) + hooks * weight;
    weights[slot] = (weights[slot] ?? 0) + weight;
  }
  for (const [slot, weight] of weights.entries()) rates[slot] = (rates[slot] ?? 0) / weight;
  return {
    rates,
    perWeek: mean * WEEK,
    ...usualSpread(hours, rates),
    counts,
    first: start,
  };
}

/** Adds up what `ofHour` says from one time to another, in milliseconds, taking parts of hours in proportion. */
function integrate(from: number, until: number, ofHour: (hour: number) => number): number {
  let sum = 0;
  for (let at = from; at < until; ) {
    const hour = Math.floor(at / HOUR_MS);
    const next = Math.min(until, (hour + 1) * HOUR_MS);
    sum += (ofHour(hour) * (next - at)) / HOUR_MS;
    at = next;
  }
  return sum;
}

/** The clock of a shop moves by an hour twice a year, and ours does not: whichever reading expects least. */
const SHIFTS = [-1, 0, 1];

/** Hooks that usually come between two times. */
export const expectedBetween = ({ rates }: Usual, from: number, until: number): number =>
  Math.min(...SHIFTS.map((shift) => integrate(from, until, (hour) => rates[slotOf(hour + shift)] ?? 0)));

/** Hooks that came between two times, as far as hours tell. */
export const cameBetween = (counts: HourCounts, from: number, until: number): number =>
  integrate(from, until, (hour) => counts.get(hour) ?? 0);

/** Hooks of the same stretch of each week before, those weeks that were learned from whole and lie before it. */
export function sameBefore({ counts, first }: Usual, from: number, until: number): number[] {
  const weekMs = WEEK * HOUR_MS;
  const stretches: number[] = [];
  for (let back = weekMs; from - back >= first * HOUR_MS; back += weekMs)
    if (until - back <= from) stretches.push(cameBetween(counts, from - back, until - back));
  return stretches;
}
