// What went to a destination compared with the events of its store, from sums by hour.
import { expect, test } from 'vitest';
import { type EventSum, MATCH_KEYS } from '../../src/keep/questions/hours.ts';
import { firstCompared, firstRead, reachesOf, worthsOf } from '../../src/pages/shares.ts';

const HOUR = 492_000;
const HOURS = { hour: HOUR, opened: new Map<string, number>() };
const NO_KEYS = { email: 0, phone: 0, client_id: 0, session_id: 0, click_id: 0, fbc: 0, fbp: 0, device: 0 };
const made = (hour: number, events: number, store = 'shop'): EventSum => ({
  ...{ hour, store, events, name: 'purchase', currency: 'EUR', value: 1 },
  keys: NO_KEYS,
});
const ended = (hour: number, attempts: number, kind = 'delivered', destination = 'meta') => ({
  ...{ hour, attempts, kind, destination, store: 'shop' },
});
const reach = (events: EventSum[], attempts: ReturnType<typeof ended>[]) =>
  reachesOf([{ store: 'shop', destination: 'meta', waiting: 0 }], events, attempts, HOURS)[0];

test('hours are those of the last day and of the week before', () => {
  expect(Object.keys(NO_KEYS)).toEqual([...MATCH_KEYS]);
  expect(HOUR - firstCompared(HOUR) + 1).toBe(8 * 24);
  const events = [made(HOUR, 1), made(HOUR - 23, 2), made(HOUR - 24, 4), made(firstCompared(HOUR), 8)];
  expect(reach(events, [])).toMatchObject({ now: { events: 3 }, before: { events: 12 } });
});

test('the week before an incident is compared with while it is open', () => {
  const hours = { hour: HOUR, opened: new Map([['value shop', HOUR - 72]]) };
  expect(firstRead(hours)).toBe(firstCompared(HOUR - 72));
  expect(firstRead(HOURS)).toBe(firstCompared(HOUR));
  const rows = [made(HOUR, 1), made(HOUR - 48, 2), made(HOUR - 72 - 24, 4), made(firstCompared(HOUR - 72), 8)];
  const before = (of: typeof hours) => worthsOf(rows, of)[0]?.before.get('EUR')?.events;
  expect([before(hours), before(HOURS)]).toEqual([12, 6]);
});

test('every end counts but those that were left out, or are tried again; other places do not', () => {
  const attempts = [
    ...['delivered', 'rejected', 'expired', 'dead', 'retry', 'skipped'].map((kind) => ended(HOUR, 1, kind)),
    ended(HOUR, 5, 'delivered', 'ga4'),
  ];
  expect(reach([made(HOUR, 9), made(HOUR, 90, 'other')], attempts)).toMatchObject({ now: { events: 9, taken: 4 } });
});

test('what waits was taken in the last day, not in the week before', () => {
  const place = { store: 'shop', destination: 'meta', waiting: 2 };
  const [both] = reachesOf([place], [made(HOUR, 3), made(HOUR - 30, 9)], [ended(HOUR - 30, 5)], HOURS);
  expect(both).toMatchObject({ now: { events: 3, taken: 2 }, before: { events: 9, taken: 5 } });
});

test.each<[string, Record<string, number>, Record<string, number>, number, number]>([
  ['as many of each as before', { purchase: 100, refund: 20 }, { purchase: 700, refund: 140 }, 700, 120],
  ['five times as many of each', { purchase: 500, refund: 100 }, { purchase: 700, refund: 140 }, 700, 600],
  ['leads of a new source', { purchase: 100, generate_lead: 300 }, { purchase: 700 }, 700, 100],
  ['ten times the refunds', { purchase: 100, refund: 200 }, { purchase: 700, refund: 140 }, 700, 120],
  ['ten times the refunds where all go', { purchase: 100, refund: 200 }, { purchase: 700, refund: 140 }, 840, 300],
  ['fewer purchases', { purchase: 10, refund: 20 }, { purchase: 700, refund: 140 }, 700, 12],
  ['a destination that got nothing', { purchase: 100 }, { purchase: 700 }, 0, 0],
  ['no events before', { purchase: 100 }, {}, 0, 0],
])('of %s so many can be compared', (_, now, before, taken, alike) => {
  const rows = (given: Record<string, number>, hour: number) =>
    Object.entries(given).map(([name, events]) => ({ ...made(hour, events), name }));
  const events = [...rows(now, HOUR), ...rows(before, HOUR - 30)];
  expect(reach(events, [ended(HOUR - 30, taken)])?.now.alike).toBe(alike);
});

test('what was sent a second time is no more than all of them', () => {
  expect(reach([made(HOUR, 3)], [ended(HOUR, 5)])).toMatchObject({ now: { events: 3, taken: 3 } });
});

test('purchases are summed by store and currency, other events are not', () => {
  const rows = [made(HOUR, 1), made(HOUR - 1, 2), { ...made(HOUR, 4), currency: 'USD' }, made(HOUR - 30, 8)];
  const lead = { ...made(HOUR, 16), name: 'generate_lead' };
  expect(worthsOf([...rows, lead], HOURS)).toEqual([
    {
      store: 'shop',
      now: new Map([
        ['EUR', { events: 3, value: 2, most: 1 }],
        ['USD', { events: 4, value: 1, most: 1 }],
      ]),
      before: new Map([['EUR', { events: 8, value: 1, most: 1 }]]),
    },
  ]);
});
