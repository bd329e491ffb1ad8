// What a report says of one order, as far as it is sure. Pure.
import { describe, expect, test } from 'vitest';
import type { Found, Recount } from '../../src/keep/questions/recounts.ts';
import { latestOf, orderCount, reportsOf } from '../../src/pages/recounts.ts';

const HOUR = 3_600_000;
const ASKED = Date.parse('2026-11-20T12:00:00Z');
const EVENT = { id: 'event', event_time: '2026-11-17T12:00:00Z' };
const order = { event_id: 'event', hook_id: 'hook', id: '1' };
const day = (over: Partial<Found> = {}, more: Partial<Recount> = {}): Recount => ({
  ...{ store: 'shop', destination: 'ga4', day: '2026-11-17', asked_at: ASKED, problem: undefined },
  found: {
    ...{ sent: 3, counted: 3, missing: [], repeated: 0, repeats: [], different: 0, differences: [] },
    ...{ strange: 0, strangers: [], channels: {}, currency: 'EUR', time_zone: 'UTC', partial: false },
    ...over,
  },
  ...more,
});
const said = (one: Recount, delivered_at: number | undefined = ASKED - 25 * HOUR, event = EVENT) =>
  orderCount([one], event, delivered_at);
const TOLD = { day: '2026-11-17', currency: 'EUR' };

describe('an order of a day that was compared', () => {
  test('is counted once where no list has it', () => {
    expect(said(day())).toEqual({ ...TOLD, times: 1 });
  });

  test('is missing, counted more often, or worth something else where a list says so', () => {
    expect(said(day({ counted: 2, missing: [order] }))).toEqual({ ...TOLD, times: 0 });
    expect(said(day({ repeated: 1, repeats: [{ ...order, times: 3 }] }))).toEqual({ ...TOLD, times: 3 });
    const differences = [{ ...order, sent: 50, counted: 60 }];
    expect(said(day({ different: 1, differences }))).toEqual({ ...TOLD, times: 1, sent: 50, counted: 60 });
  });

  test('is nothing sure where it arrived too late, or never, or lists were cut', () => {
    expect(said(day(), ASKED - 23 * HOUR)).toBeUndefined();
    expect(orderCount([day()], EVENT, undefined)).toBeUndefined();
    for (const cut of [{ counted: 2 }, { repeated: 1 }, { different: 1 }]) expect(said(day(cut))).toBeUndefined();
  });

  test('is nothing sure where it is missing in a report that is not whole', () => {
    expect(said(day({ counted: 2, missing: [order], partial: true }))).toBeUndefined();
  });

  test('is nothing sure of one in no list, where the report could not be asked again: nobody knows when it was asked', () => {
    expect(said(day({}, { problem: 'away' }))).toBeUndefined();
    expect(said(day({ counted: 2, missing: [order] }, { problem: 'away' }))).toEqual({ ...TOLD, times: 0 });
  });

  test('is looked for on its day in the time zone of the report, of which an answer came', () => {
    const late = { ...EVENT, event_time: '2026-11-17T23:30:00Z' };
    expect(said(day(), undefined, late)).toEqual({ ...TOLD, times: 1 });
    expect(said(day({ time_zone: 'Europe/Amsterdam' }), undefined, late)).toBeUndefined();
    expect(said(day({}, { found: undefined }))).toBeUndefined();
    expect(said(day({ time_zone: 'Nowhere/At-all' }))).toEqual({ ...TOLD, times: 1 });
  });
});

describe('what reports counted last', () => {
  const on = (date: number, found: Partial<Found>) => day(found, { day: `2026-11-${date}` });
  const latest = (...days: Recount[]) => latestOf([{ store: 'shop', destination: 'ga4', title: 'GA4', days }]);

  test('is of the latest day alone where it has enough', () => {
    const days = [on(17, { sent: 20, counted: 18, repeated: 1 }), on(16, { sent: 90, counted: 0 })];
    const own = { sent: 20, counted: 18, repeated: 1 };
    expect(latest(...days)).toMatchObject([{ day: '2026-11-17', ...own, together: { ...own, since: '2026-11-17' } }]);
  });

  test('is of some days together where each has few, but for those that tell nothing', () => {
    const days = [
      on(17, { sent: 0, counted: 0 }),
      on(16, { sent: 2, counted: 0 }),
      on(15, { sent: 50, counted: 3, partial: true }),
      day({}, { day: '2026-11-14', found: undefined, problem: 'away' }),
      on(13, { sent: 7, counted: 1 }),
      on(12, { sent: 12, counted: 12, repeated: 2 }),
      on(11, { sent: 9, counted: 9 }),
    ];
    const together = { sent: 21, counted: 13, repeated: 2, since: '2026-11-12' };
    expect(latest(...days)).toMatchObject([{ day: '2026-11-16', sent: 2, counted: 0, partial: false, together }]);
  });

  test('is nothing where no day tells of purchases', () => {
    expect(latest(on(17, { sent: 0, counted: 0 }))).toMatchObject([{ sent: 0 }]);
    expect(latest(on(17, { partial: true }))).toMatchObject([{ partial: true }]);
    expect(latest()).toEqual([]);
  });
});

describe('a report that does not answer', () => {
  const failed = (over: Partial<Recount> = {}) => day({}, { found: undefined, problem: 'refused', ...over });
  const told = (...days: Recount[]) =>
    reportsOf([{ store: 'shop', destination: 'ga4', title: 'GA4', days }]).flatMap(({ silent }) => silent ?? []);

  test('is told of when the latest three days could not be asked about, since the first of these questions', () => {
    const days = [failed({ asked_at: ASKED + 2 }), failed({ asked_at: ASKED }), failed({ asked_at: ASKED + 1 }), day()];
    expect(told(...days)).toEqual([{ problem: 'refused', since: ASKED }]);
  });

  test('is told of with what was last said, of whichever day that was', () => {
    const [fourth, third] = [ASKED + 3 * HOUR, ASKED + 2 * HOUR];
    const days = [failed(), failed({ asked_at: ASKED + HOUR }), failed({ asked_at: third })];
    const last = failed({ asked_at: fourth, problem: 'the property is gone' });
    expect(told(...days, last)).toMatchObject([{ problem: 'the property is gone', since: ASKED }]);
  });

  test('is not told of for one day or two, or where an answer came before', () => {
    expect(told()).toEqual([]);
    expect(told(failed(), failed())).toEqual([]);
    expect(told(failed(), failed(), day())).toEqual([]);
    expect(told(failed(), day({}, { problem: 'refused' }), failed())).toEqual([]);
    expect(told(day(), failed(), failed(), failed())).toEqual([]);
  });
});
