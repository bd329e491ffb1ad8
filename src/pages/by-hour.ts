// Sums by hour made into what pages show: the last 24 hours against the same hours a week before.
import type { Compared, HourFacts, StoreFacts } from '../admin/overview/facts.ts';
import type { HookSum } from '../keep/questions/hook-hours.ts';
import { type EventSum, forEachKey, hourOf } from '../keep/questions/hours.ts';
import { HOUR_MS } from '../lib/time.ts';

const HOURS = 24;
const WEEK = 7 * 24;

/** Hours count from 1970; the hour that runs and the 23 before it. */
export type Times = { at: number; first: number; last: number };
export const timesAt = (at: number): Times => ({ at, first: hourOf(at) - HOURS + 1, last: hourOf(at) });

/** Asks for the hours, and for the same ones a week before. */
export async function readWeeks<T>(
  { first, last }: Times,
  read: (from: number, until: number) => Promise<T[]>,
): Promise<T[]> {
  return (await Promise.all([read(first, last), read(first - WEEK, last - WEEK)])).flat();
}

/** How much of a row counts now, and how much a week before: the last hour then counts as far as this one has come. */
function weigh(hour: number, { at, last }: Times): Compared {
  if (hour > last - HOURS) return { now: 1, before: 0 };
  return { now: 0, before: hour === last - WEEK ? (at % HOUR_MS) / HOUR_MS : 1 };
}

function compare<T extends { hour: number }>(rows: readonly T[], times: Times, amount: (row: T) => number): Compared {
  const sum = { now: 0, before: 0 };
  for (const row of rows) {
    const weight = weigh(row.hour, times);
    sum.now += weight.now * amount(row);
    sum.before += weight.before * amount(row);
  }
  return sum;
}

/** What one hour had and the same hour a week before, each as a whole. */
const pair = <T extends { hour: number }>(rows: readonly T[], hour: number, amount: (row: T) => number): Compared => {
  const sumOf = (one: number) => rows.reduce((all, row) => (row.hour === one ? all + amount(row) : all), 0);
  return { now: sumOf(hour), before: sumOf(hour - WEEK) };
};

const hookCount = ({ hooks }: HookSum) => hooks;
const eventCount = ({ events }: EventSum) => events;
const worth = ({ value }: EventSum) => value;

/** The sums of one store; the rows are those of both weeks. */
export function storeSums(
  events: readonly EventSum[],
  hooks: readonly HookSum[],
  times: Times,
): Pick<StoreFacts, 'hooks' | 'events' | 'revenue' | 'keys' | 'hours'> {
  const purchases = [
    ...Map.groupBy(
      events.filter(({ name, currency }) => name === 'purchase' && currency !== ''),
      ({ currency }) => currency,
    ),
  ];
  const hourAt = (hour: number): HourFacts => ({
    hour,
    hooks: pair(hooks, hour, hookCount),
    events: pair(events, hour, eventCount),
    revenue: new Map(purchases.map(([currency, own]) => [currency, pair(own, hour, worth)])),
  });
  return {
    hooks: compare(hooks, times, hookCount),
    events: compare(events, times, eventCount),
    revenue: purchases.map(([currency, own]) => ({ currency, ...compare(own, times, worth) })),
    keys: forEachKey((key) => compare(events, times, ({ keys }) => keys[key]).now),
    hours: Array.from({ length: HOURS }, (_, index) => hourAt(times.first + index)),
  };
}
