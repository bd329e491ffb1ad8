// The last 24 hours against the same hours a week before.
import { describe, expect, test } from 'vitest';
import type { EventSum } from '../../src/keep/questions/hours.ts';
import { readWeeks, storeSums, timesAt } from '../../src/pages/by-hour.ts';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 10, 20, 12, 15);
const LAST = Math.floor(AT / HOUR);
const WEEK = 168;
const times = timesAt(AT);

const NONE = { email: 0, phone: 0, client_id: 0, session_id: 0, click_id: 0, fbc: 0, fbp: 0, device: 0 };
const sold = (hour: number, events: number, value: number, currency = 'EUR'): EventSum => ({
  hour,
  store: 'shop',
  name: 'purchase',
  currency,
  events,
  value,
  keys: { ...NONE, email: events },
});
const came = (hour: number, hooks: number) => ({ hour, store: 'shop', source: 'shopify', hooks, refused: 0 });

describe('the sums of a store', () => {
  test('compare the hour that runs with as much of the same hour a week before', () => {
    const { events, hooks, revenue, keys } = storeSums(
      [sold(LAST, 3, 30), sold(LAST - 23, 2, 20), sold(LAST - WEEK, 4, 80), sold(LAST - WEEK - 1, 1, 10)],
      [came(LAST, 5), came(LAST - WEEK, 8)],
      times,
    );
    expect(events).toEqual({ now: 5, before: 2 });
    expect(hooks).toEqual({ now: 5, before: 2 });
    expect(revenue).toEqual([{ currency: 'EUR', now: 50, before: 30 }]);
    expect(keys).toMatchObject({ email: 5, phone: 0 });
  });

  test('by hour are 24, the last one whole on both sides, currencies apart', () => {
    const { hours } = storeSums(
      [sold(LAST, 3, 30), sold(LAST, 1, 9, 'SEK'), sold(LAST - WEEK, 4, 80), sold(LAST - 1, 1, 5)],
      [came(LAST - 23, 7), came(LAST - 24, 100)],
      times,
    );
    expect(hours).toHaveLength(24);
    expect(hours[0]).toMatchObject({ hour: LAST - 23, hooks: { now: 7, before: 0 }, events: { now: 0, before: 0 } });
    const last = hours.at(-1);
    expect(last).toMatchObject({ hour: LAST, events: { now: 4, before: 4 }, hooks: { now: 0, before: 0 } });
    expect(Object.fromEntries(last?.revenue ?? [])).toEqual({
      EUR: { now: 30, before: 80 },
      SEK: { now: 9, before: 0 },
    });
  });

  test('count refunds among events and not into revenue', () => {
    const refund = { ...sold(LAST, 1, 30), name: 'refund' };
    expect(storeSums([refund], [], times)).toMatchObject({ events: { now: 1, before: 0 }, revenue: [] });
  });
});

test('both weeks are asked for', async () => {
  const asked: number[][] = [];
  await readWeeks(times, async (from, until) => {
    asked.push([from, until]);
    return [];
  });
  expect(asked).toEqual([
    [LAST - 23, LAST],
    [LAST - 23 - WEEK, LAST - WEEK],
  ]);
});
