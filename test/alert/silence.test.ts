// Silence, over months of made-up shops: how often a shop that sells is called silent, and how soon one that stopped is.
import { describe, expect, test, vi } from 'vitest';
import { clumpsNeeded, judgeSilence, patienceAt } from '../../src/alert/silence.ts';
import { expectedBetween, learnUsual, sameBefore, type Usual } from '../../src/alert/usual.ts';
import {
  countsOf,
  createRandom,
  detectedAfter,
  EVERY_DAY,
  falseAlarms,
  OFFICE,
  ONLINE,
  type Shop,
  START,
  simulate,
  WORKDAYS,
} from './simulated.ts';

vi.setConfig({ testTimeout: 60_000 });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const online = { hooksPerOrder: 3, hours: ONLINE, days: EVERY_DAY, unevenness: 0.35 };
const SHOPS = {
  tiny: { ...online, ordersPerDay: 2 },
  small: { ...online, ordersPerDay: 20 },
  large: { ...online, ordersPerDay: 2_400 },
  office: { hooksPerOrder: 2, hours: OFFICE, days: WORKDAYS, unevenness: 0.4, ordersPerDay: 30 },
} satisfies Record<string, Shop>;
const shops = (shop: Shop, many: number, days = 112) =>
  Array.from({ length: many }, (_, seed) => simulate(shop, days, createRandom(seed + 1)));

/** The weeks before `end` of a shop. */
function usualOf(shop: Shop, weeks: number, seed = 7): Usual {
  const hooks = simulate(shop, weeks * 7, createRandom(seed));
  const usual = learnUsual(countsOf(hooks), START / HOUR, (START + weeks * WEEK) / HOUR);
  if (usual === undefined) throw new Error('nothing was learned');
  return usual;
}
const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
/** How soon silences are told that begin at this hour of ten different days. */
const foundFrom = (shop: Shop, hour: number) => {
  const [hooks = []] = shops(shop, 1, 70);
  return Array.from({ length: 10 }, (_, day) => detectedAfter(hooks, START + 8 * WEEK + day * DAY + hour * HOUR));
};

describe('a shop that sells', () => {
  test.each([
    ['of 2 orders a day', SHOPS.tiny, 20],
    ['of 20 orders a day', SHOPS.small, 20],
    ['of 100 orders an hour', SHOPS.large, 1],
    ['of office hours', SHOPS.office, 20],
  ])('%s is called silent less than once in ten months', (_, shop, many) => {
    const found = shops(shop, many).map(falseAlarms);
    const months = found.reduce((all, one) => all + one.months, 0);
    const alarms = found.reduce((all, one) => all + one.alarms + one.quiet, 0);
    expect(months).toBeGreaterThan(many * 2);
    expect(alarms / months).toBeLessThan(0.1);
  });

  test('five times as much in one week and less afterwards is no silence', () => {
    const season = (day: number) => (day >= 49 && day < 56 ? 5 : day >= 56 && day < 70 ? 0.7 : 1);
    const found = shops({ ...online, ordersPerDay: 200, season }, 5).map(falseAlarms);
    const months = found.reduce((all, one) => all + one.months, 0);
    expect(found.reduce((all, { alarms }) => all + alarms, 0) / months).toBeLessThan(0.2);
  });

  test('an hour earlier or later by the clock of summer is no silence', () => {
    const hooks = simulate(SHOPS.office, 56, createRandom(3));
    const last = hooks.at(-1) ?? 0;
    const usual = learnUsual(countsOf(hooks), START / HOUR, Math.floor(last / HOUR) + 1);
    if (usual === undefined) throw new Error('nothing was learned');
    const monday = START + 8 * WEEK + 9 * HOUR;
    expect(judgeSilence(usual, { last, watchedSince: START, now: monday + HOUR }).kind).toBe('usual');
  });
});

describe('a shop that fell silent', () => {
  test('at noon is told within an hour where 100 orders come in an hour', () => {
    const found = foundFrom(SHOPS.large, 12);
    expect(middle(found) / HOUR).toBeLessThan(1);
    expect(Math.max(...found) / HOUR).toBeLessThan(1.5);
  });
  test('at midnight is told by morning where 100 orders come in an hour', () => {
    expect(Math.max(...foundFrom(SHOPS.large, 0)) / HOUR).toBeLessThan(9);
  });
  test('is told within a day and a half where 20 orders come in a day', () => {
    expect(Math.max(...foundFrom(SHOPS.small, 12)) / HOUR).toBeLessThan(36);
  });
  test('is told within a week, but not overnight, where 2 orders come in a day', () => {
    const found = foundFrom(SHOPS.tiny, 20).map((ms) => ms / DAY);
    expect(Math.min(...found)).toBeGreaterThan(1.5);
    expect(Math.max(...found)).toBeLessThan(7);
  });
  test('on a Friday evening is told on Monday where offices are closed on weekends', () => {
    const [hooks = []] = shops(SHOPS.office, 1);
    const friday = START + 8 * WEEK + 4 * DAY + 18 * HOUR;
    const found = friday + detectedAfter(hooks, friday);
    expect(found).toBeGreaterThan(START + 9 * WEEK + 9 * HOUR);
    expect(found).toBeLessThan(START + 9 * WEEK + 18 * HOUR);
  });
});

describe('what is usual', () => {
  test('is nothing before a week has passed, or where nothing ever came', () => {
    const counts = countsOf(simulate(SHOPS.small, 14, createRandom(1)));
    expect(learnUsual(counts, START / HOUR, START / HOUR + 7 * 24 - 1)).toBeUndefined();
    expect(learnUsual(counts, START / HOUR, START / HOUR + 7 * 24)).toBeDefined();
    expect(learnUsual(new Map(), START / HOUR, START / HOUR + 900)).toBeUndefined();
  });
  test('follows the hours of the day and the days of the week', () => {
    const usual = usualOf(SHOPS.office, 8);
    const at = (day: number, hour: number) => START + 8 * WEEK + day * DAY + hour * HOUR;
    expect(expectedBetween(usual, at(1, 0), at(1, 6))).toBeLessThan(1);
    expect(expectedBetween(usual, at(1, 8), at(1, 18))).toBeGreaterThan(30);
    expect(expectedBetween(usual, at(5, 0), at(7, 0))).toBeLessThan(4);
  });
  test('takes hooks that come together as one', () => {
    expect(usualOf(SHOPS.large, 8).clump).toBeGreaterThan(2);
    expect(usualOf({ ...SHOPS.large, hooksPerOrder: 1 }, 8).clump).toBeLessThan(1.5);
    expect(usualOf(SHOPS.tiny, 8).clump).toBeGreaterThan(1.5);
  });
  test('asks a large shop for more missing orders than a small one, which it has sooner', () => {
    expect(clumpsNeeded(usualOf(SHOPS.large, 8))).toBeGreaterThan(clumpsNeeded(usualOf(SHOPS.tiny, 8)));
    const noon = START + 8 * WEEK + 12 * HOUR;
    expect(patienceAt(usualOf(SHOPS.large, 8), noon)).toBeLessThan(HOUR);
    expect(patienceAt(usualOf(SHOPS.tiny, 8), noon)).toBeGreaterThan(DAY);
  });
  test('knows the same hours of the weeks before', () => {
    const counts = new Map([START, START + WEEK].map((at) => [at / HOUR + 5, 4]));
    const usual = learnUsual(counts, START / HOUR, START / HOUR + 21 * 24);
    if (usual === undefined) throw new Error('nothing was learned');
    const from = START + 3 * WEEK + 5.5 * HOUR;
    expect(sameBefore(usual, from, from + HOUR)).toEqual([0, 2, 2]);
  });
});

describe('a verdict', () => {
  const usual = usualOf({ ...SHOPS.large, hooksPerOrder: 1 }, 8);
  const noon = START + 8 * WEEK + 12 * HOUR;

  test('of silence says since when, and how many usually come', () => {
    expect(judgeSilence(usual, { last: noon, watchedSince: START, now: noon + 3 * HOUR })).toMatchObject({
      kind: 'silent',
      since: noon,
      came: 0,
      expected: expect.closeTo(490, -2),
    });
  });
  test('counts no time in which nobody listened', () => {
    const now = noon + 3 * HOUR;
    expect(judgeSilence(usual, { last: noon, watchedSince: now - 60_000, now }).kind).toBe('usual');
  });
  test('tells a day with a fraction of the usual hooks, and that it is not over yet at half of them', () => {
    const hooks = simulate({ ...SHOPS.large, hooksPerOrder: 1 }, 56, createRandom(7));
    const day = START + 8 * WEEK;
    const withPart = (part: number) => {
      const counts = countsOf(hooks);
      for (let hour = 0; hour < 24; hour++) counts.set(day / HOUR + hour, Math.round(100 * part));
      return judgeSilence({ ...usual, counts }, { last: day + DAY, watchedSince: START, now: day + DAY });
    };
    expect(withPart(0.1)).toMatchObject({ kind: 'quiet', came: 240, since: day });
    expect(withPart(0.5)).toEqual({ kind: 'usual', holds: true });
    expect(withPart(1)).toEqual({ kind: 'usual', holds: false });
  });
});
