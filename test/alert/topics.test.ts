// Topics that stopped while others of their source go on: found in time, and never where everything is as it was.
import { describe, expect, test } from 'vitest';
import { findInTopics } from '../../src/alert/find-topics.ts';
import type { Weight } from '../../src/alert/finding.ts';
import { learnUsual } from '../../src/alert/usual.ts';
import { factsOf, sourceOf } from '../support/facts.ts';
import { countsOf, createRandom, EVERY_DAY, ONLINE, type Shop, START, simulate } from './simulated.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LAMPS: Shop = { ordersPerDay: 30, hooksPerOrder: 3, hours: ONLINE, days: EVERY_DAY, unevenness: 0.4 };
const TOPIC = 'refunds/create';

type Look = { own: readonly number[]; all: readonly number[]; now: number; opened_at?: number };

/** What a look at `now` finds of a topic whose hooks are `own`, of a source whose hooks are `all`. */
function lookAt({ own, all, now, opened_at }: Look): Weight | undefined {
  const [ownNow, allNow] = [own.filter((at) => at <= now), all.filter((at) => at <= now)];
  const learn = (hooks: readonly number[]) => {
    const [first = now, last = now] = [hooks[0], hooks.at(-1)];
    return learnUsual(countsOf(hooks), Math.floor(first / HOUR), Math.floor(last / HOUR) + 1);
  };
  const last = Math.min(now, (Math.floor((ownNow.at(-1) ?? START) / HOUR) + 1) * HOUR);
  const source = sourceOf({
    ...{ source: 'shopify', known_since: START, last: allNow.at(-1), usual: learn(allNow) },
    lately: { hooks: 9, refused: 0 },
    topics: [{ topic: TOPIC, last, usual: learn(ownNow) }],
  });
  const incident = opened_at === undefined ? [] : [{ kind: 'silence', since: last, opened_at }];
  const open = new Map(incident.map((one) => [`topic shop/shopify ${TOPIC}`, one] as const));
  return findInTopics(factsOf({ now, watchedSince: START, sources: [source], open }))[0]?.weight;
}

/** Looks every twelve hours from the third week on; answers when it was found to have stopped, in days from the start. */
function alarms(own: readonly number[], others: readonly number[], days: number): number[] {
  const all = [...own, ...others].sort((a, b) => a - b);
  const found: number[] = [];
  for (let now = START + 21 * DAY; now < START + days * DAY; now += 12 * HOUR)
    if (lookAt({ own, all, now }) === 'opens') found.push((now - START) / DAY);
  return found;
}

const refundsOf = (perDay: number, shop: Shop = LAMPS): Shop => ({ ...shop, ordersPerDay: perDay, hooksPerOrder: 1 });

describe('a topic that goes on', () => {
  test.each([
    ['three a day', 3],
    ['one a day', 1],
    ['two a week', 2 / 7],
    ['one a week', 1 / 7],
    ['one a month', 1 / 30],
  ])('of %s is told by nobody in half a year', (_, perDay) => {
    for (const seed of [1, 2]) {
      const random = createRandom(seed);
      const others = simulate(LAMPS, 180, random);
      expect([seed, alarms(simulate(refundsOf(perDay), 180, random), others, 180)]).toEqual([seed, []]);
    }
  });

  test('and rests for two weeks with the whole shop is not told, neither then nor after', () => {
    const season = (day: number) => (day >= 60 && day < 74 ? 0 : 1);
    const random = createRandom(3);
    const others = simulate({ ...LAMPS, season }, 120, random);
    expect(alarms(simulate({ ...refundsOf(2), season }, 120, random), others, 120)).toEqual([]);
  });

  test('and becomes less as the whole shop does is not told', () => {
    const season = (day: number) => (day >= 60 ? 0.2 : 1);
    const random = createRandom(4);
    const others = simulate({ ...LAMPS, season }, 120, random);
    expect(alarms(simulate({ ...refundsOf(2), season }, 120, random), others, 120)).toEqual([]);
  });

  test('came once, and much of it, is no habit', () => {
    const random = createRandom(5);
    const others = simulate(LAMPS, 120, random);
    const once = Array.from({ length: 5_000 }, (_, index) => START + 10 * DAY + index * 8_000);
    const stray = [...once, START + 12 * DAY, START + 30 * DAY];
    expect(alarms(stray, others, 120)).toEqual([]);
    const weekly = (of: number) => Array.from({ length: 30 }, (_, index) => START + of * DAY + index * HOUR);
    expect(alarms([...weekly(2), ...weekly(9)], others, 120)).toEqual([]);
  });
});

describe('a topic that stops while others go on', () => {
  test.each([
    ['orders, as many as the rest', 30, 2],
    ['ten a day', 10, 2],
    ['three a day', 3, 6],
    ['one a day', 1, 15],
    ['four a week', 4 / 7, 28],
  ])('of %s is told in time', (_, perDay, within) => {
    const random = createRandom(6);
    const others = simulate(LAMPS, 150, random);
    const stop = START + 70 * DAY;
    const own = simulate(refundsOf(perDay), 150, random).filter((at) => at < stop);
    const [first = Number.POSITIVE_INFINITY] = alarms(own, others, 150);
    expect(first).toBeGreaterThan(70);
    expect(first - 70).toBeLessThanOrEqual(within);
  });

  test('together with the whole source is told of the source alone, and of itself once the others are back', () => {
    const random = createRandom(7);
    const [stop, back] = [START + 70 * DAY, START + 80 * DAY];
    const others = simulate(LAMPS, 150, random).filter((at) => at < stop || at > back);
    const own = simulate(refundsOf(5), 150, random).filter((at) => at < stop);
    const [first = 0] = alarms(own, others, 150);
    expect(first).toBeGreaterThan(80);
    expect(first).toBeLessThan(90);
  });

  test('is told for about eight days, ends as left, and is not begun again', () => {
    const random = createRandom(8);
    const others = simulate(LAMPS, 150, random);
    const own = simulate(refundsOf(5), 150, random).filter((at) => at < START + 70 * DAY);
    const found = alarms(own, others, 150);
    const [first = 0, last = 0] = [found[0], found.at(-1)];
    expect(last - first).toBeGreaterThan(6);
    expect(last - first).toBeLessThan(9);
    const all = [...own, ...others].sort((a, b) => a - b);
    const opened_at = START + first * DAY;
    const later = (days: number) => lookAt({ own, all, now: opened_at + days * DAY, opened_at });
    expect([later(1), later(9)]).toEqual(['opens', 'left']);
  });

  test('is over when it comes again, and not before', () => {
    const random = createRandom(9);
    const others = simulate(LAMPS, 100, random);
    const before = simulate(refundsOf(5), 100, random).filter((at) => at < START + 70 * DAY);
    const again = START + 75 * DAY;
    const own = [...before, again];
    const all = [...own, ...others].sort((a, b) => a - b);
    const opened_at = START + 73 * DAY;
    expect(lookAt({ own, all, now: again - HOUR, opened_at })).toBe('opens');
    expect(lookAt({ own, all, now: again + HOUR, opened_at })).toBeUndefined();
  });
});
