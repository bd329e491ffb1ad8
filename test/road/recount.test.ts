// Comparing days with what a report counted, over real HTTP and with a clock that the tests move: what is missing, double, different, strange.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import { createSender } from '../../src/deliver/sender.ts';
import type { Keep } from '../../src/keep/keep.ts';
import type { Found } from '../../src/keep/questions/recounts.ts';
import { newId } from '../../src/lib/id.ts';
import type { Store } from '../../src/map/files/load.ts';
import { createRecount } from '../../src/road/recount.ts';
import { createRecounting, settledDays } from '../../src/road/recounting.ts';
import type { Recounted } from '../../src/types.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { type Made, sendPurchase } from '../support/purchase.ts';
import { type ReportApi, startReportApi } from '../support/report-api.ts';
import { buildStore } from '../support/stores.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The latest day that is settled then is the 17th. */
const NOW = Date.parse('2026-11-20T13:00:00Z');
const SETTLED = '2026-11-17';
const TABLES = [
  'hooks',
  'hook_bodies',
  'events',
  'event_keys',
  'orders',
  'deliveries',
  'attempts',
  'recounts',
  'watches',
];
let own: OwnKeep;
let keep: Keep;
let http: Http;
let api: ReportApi;
let now: number;
let logged: { message: string; [field: string]: unknown }[];
let ending: AbortController;

beforeAll(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterAll(() => own.close());
beforeEach(async () => {
  await own.db.transaction(TABLES.map((table) => ({ sql: `delete from ${table}`, rows: [[]] })));
  http = createHttp({ allowPrivate: true });
  api = await startReportApi();
  now = NOW;
  logged = [];
  ending = new AbortController();
});
afterEach(async () => {
  await http.close();
  await api.close();
});

const storeOf = async (name: string, destinations: object): Promise<Store> => {
  const store = await buildStore('shopify', { destinations });
  return { ...store, name, routes: store.routes.map((route) => ({ ...route, store: name })) };
};
const ga4 = (more: object = api.settings) => ({ measurement_id: 'G-ABC', api_secret: 'SECRET', ...more });
const parts = () => {
  const say = (fields: object, message: string) => void logged.push({ message, ...fields });
  const log = { info: say, warn: say, error: say };
  return { keep, now: () => now, newId, log, signal: ending.signal, send: createSender({ http, now: () => now }) };
};
const replica = (...stores: Store[]) =>
  createRecounting({ ...parts(), stores: { all: () => stores }, recount: createRecount(parts()) });
const told = (message: string) => logged.filter((line) => line.message === message);

const sent = (id: string, at: string, made: Made = {}) => sendPurchase(keep, id, at, made);
const row = (id: string, over: Partial<Recounted> = {}): Recounted => ({
  ...{ id, day: SETTLED, times: 1, value: 50, channel: 'Paid Search' },
  ...over,
});
const foundOf = async (day = SETTLED, store = 'shop', destination = 'ga4'): Promise<Found> => {
  const all = await keep.listRecounts('');
  const one = all.find((each) => each.day === day && each.store === store && each.destination === destination);
  if (one?.found === undefined) throw new Error(`nothing was found of ${day}`);
  return one.found;
};
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

describe('a day that is settled', () => {
  test('is compared with what the report has: counted, missing, more than once, another value', async () => {
    for (const id of ['1', '2', '3', '4']) await sent(id, '2026-11-17T12:00:00Z');
    api.rows = [row('1'), row('2', { times: 2, value: 100 }), row('3', { value: 60.5, channel: 'Direct' })];
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(await foundOf()).toMatchObject({
      sent: 4,
      counted: 3,
      repeated: 1,
      different: 1,
      strange: 0,
      partial: false,
    });
    const { missing, repeats, differences, channels } = await foundOf();
    expect([ids(missing), ids(repeats), ids(differences)]).toEqual([['4'], ['2'], ['3']]);
    expect([repeats[0]?.times, differences[0]]).toEqual([2, expect.objectContaining({ sent: 50, counted: 60.5 })]);
    expect(channels).toEqual({ 'Paid Search': 2, Direct: 1 });
    expect(told('recount.done')[0]).toMatchObject({
      store: 'shop',
      destination: 'ga4',
      day: SETTLED,
      sent: 4,
      counted: 3,
    });
  });

  test('names what the report has that nobody sent, each id once, and hides addresses in it', async () => {
    await sent('1', '2026-11-17T12:00:00Z');
    api.rows = [
      row('1'),
      row('#1001'),
      row('ann@example.com', { times: 2 }),
      row('', { times: 3 }),
      row('old', { day: '2026-11-16' }),
      row('counts nothing', { times: 0 }),
    ];
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(await foundOf()).toMatchObject({ strange: 6, strangers: ['#1001', '[e-mail]', '(none)'] });
  });

  test('is one of the time zone in which the report counts', async () => {
    await sent('early', '2026-11-16T23:30:00Z');
    await sent('late', '2026-11-17T23:30:00Z');
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(ids((await foundOf()).missing)).toEqual(['early']);
    expect(ids((await foundOf('2026-11-16')).missing)).toEqual([]);
  });

  test('counts what tags of a container put down to the day on which they were sent', async () => {
    await sent('1', '2026-11-17T22:00:00Z', { to: 'sgtm', arrived: Date.parse('2026-11-18T03:00:00Z') });
    api.rows = [row('1', { day: '2026-11-18' })];
    await replica(await storeOf('shop', { sgtm: { url: 'https://sst.shop.example/data', ...api.settings } })).round();
    expect(await foundOf(SETTLED, 'shop', 'sgtm')).toMatchObject({ sent: 1, counted: 1, strange: 0 });
  });

  test('leaves out what did not arrive there, arrived in the last day, or is worth something in another currency', async () => {
    await sent('waits', '2026-11-17T12:00:00Z', { arrived: undefined });
    await sent('fresh', '2026-11-17T12:00:00Z', { arrived: NOW - 23 * HOUR });
    await sent('dollars', '2026-11-17T12:00:00Z', { currency: 'USD' });
    await sent('untold', '2026-11-17T12:00:00Z', { value: undefined, currency: undefined });
    api.rows = [row('dollars', { value: 46 }), row('untold', { value: 3 }), row('waits')];
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(await foundOf()).toMatchObject({ sent: 2, counted: 2, different: 0, strange: 0 });
  });

  test('of a report that two stores share has no strangers of the other store', async () => {
    await sent('1', '2026-11-17T12:00:00Z');
    await sent('2', '2026-11-17T12:00:00Z', { store: 'other' });
    api.rows = [row('1'), row('2'), row('3')];
    const stores = [await storeOf('shop', { ga4: ga4() }), await storeOf('other', { ga4: ga4() })];
    await replica(...stores).round();
    expect((await foundOf()).strangers).toEqual(['3']);
    expect((await foundOf(SETTLED, 'other')).strangers).toEqual(['3']);
  });

  test('of a report that two stores share counts an order of each under the same number, and a third one is too many', async () => {
    await sent('1', '2026-11-17T12:00:00Z');
    await sent('1', '2026-11-17T12:00:00Z', { store: 'other', value: 80 });
    const stores = [await storeOf('shop', { ga4: ga4() }), await storeOf('other', { ga4: ga4() })];
    api.rows = [row('1', { times: 2, value: 130 })];
    await replica(...stores).round();
    expect(await foundOf()).toMatchObject({ sent: 1, counted: 1, repeated: 0, different: 0 });
    await keep.noteRecount({ store: 'shop', destination: 'ga4', day: SETTLED }, 0, { problem: 'asked before' });
    api.rows = [row('1', { times: 3, value: 180 })];
    await replica(...stores).round();
    expect(await foundOf()).toMatchObject({ repeated: 1, different: 0 });
  });

  test('is read page by page', async () => {
    for (const id of ['1', '2', '3', '4', '5']) await sent(id, '2026-11-17T12:00:00Z');
    api.rows = ['1', '2', '3', '4', '5'].map((id) => row(id));
    api.most = 2;
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(await foundOf()).toMatchObject({ sent: 5, counted: 5 });
    const offsets = api.asked
      .filter(({ dateRanges }) => dateRanges[0]?.startDate === '2026-11-16')
      .map(({ offset }) => offset);
    expect(offsets).toEqual(['0', '2', '4']);
  });

  test('of very many shows some and counts all', async () => {
    for (let id = 0; id < 205; id++) await sent(String(id), '2026-11-17T12:00:00Z');
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    const { sent: all, counted, missing } = await foundOf();
    expect([all, counted, missing.length]).toEqual([205, 0, 200]);
  });
});

describe('days', () => {
  const days = async () => (await keep.listRecounts('')).map(({ day }) => day);

  test('are settled two and a half days after their end, and a week of them is asked about, the newest first', async () => {
    expect(settledDays(NOW)[0]).toBe(SETTLED);
    expect(settledDays(Date.parse('2026-11-20T11:59:00Z'))[0]).toBe('2026-11-16');
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect(api.asked.map(({ dateRanges }) => dateRanges[0])).toHaveLength(7);
    expect(api.asked[0]?.dateRanges).toEqual([{ startDate: '2026-11-16', endDate: '2026-11-20' }]);
    expect(await days()).toEqual(settledDays(NOW));
  });

  test('are asked about once where all is there, and once more a day later where something is missing', async () => {
    await sent('1', '2026-11-17T12:00:00Z');
    const one = replica(await storeOf('shop', { ga4: ga4() }));
    await one.round();
    api.asked.length = 0;
    now += 23 * HOUR - 2 * 60_000;
    await one.round();
    expect(api.asked.map(({ dateRanges }) => dateRanges[0]?.startDate)).toEqual([]);
    now += DAY;
    api.rows = [row('1')];
    await one.round();
    expect(await foundOf()).toMatchObject({ sent: 1, counted: 1 });
    api.asked.length = 0;
    now += DAY / 2;
    await one.round();
    expect(api.asked.every(({ dateRanges }) => dateRanges[0]?.startDate !== '2026-11-16')).toBe(true);
  });

  test('of a report that cannot be asked are asked about again after an hour, and not one after the other', async () => {
    api.failing = { status: 403, body: '{}' };
    const one = replica(await storeOf('shop', { ga4: ga4() }));
    await one.round();
    expect(await days()).toEqual([SETTLED]);
    expect(told('recount.failed')).toMatchObject([{ day: SETTLED, reason: expect.stringContaining('as a viewer') }]);
    api.failing = undefined;
    now += HOUR - 1;
    await one.round();
    expect((await keep.listRecounts(''))[0]?.found).toBeUndefined();
    now += 1;
    await one.round();
    expect((await keep.listRecounts('')).map(({ problem }) => problem)).toEqual(Array(7).fill(undefined));
  });

  test('of a report that cannot be asked take one question an hour, not one a minute until all have failed', async () => {
    api.failing = { status: 429, body: '{}' };
    const one = replica(await storeOf('shop', { ga4: ga4() }));
    for (let minute = 0; minute < 61; minute++) {
      await one.round();
      now += 60_000;
    }
    expect(told('recount.failed').length).toBe(2);
  });

  test('of which one cannot be asked about keep no other day from being asked about', async () => {
    const one = replica(await storeOf('shop', { ga4: ga4() }));
    api.failing = { status: 500, body: '{}' };
    await one.round();
    now += HOUR;
    await one.round();
    expect(told('recount.failed').map(({ day }) => day)).toEqual(settledDays(NOW).slice(0, 2));
    now += 6 * HOUR;
    api.failing = undefined;
    await one.round();
    expect(told('recount.done').map(({ day }) => day)).toEqual([
      ...settledDays(NOW).slice(2),
      ...settledDays(NOW).slice(0, 2),
    ]);
  });

  test('are asked about by one of two replicas', async () => {
    const store = await storeOf('shop', { ga4: ga4() });
    await Promise.all([replica(store).round(), replica(store).round()]);
    expect(api.asked).toHaveLength(7);
  });

  test('are read no further as soon as everything has to end', async () => {
    for (const id of ['1', '2']) await sent(id, `2026-11-17T12:00:0${id}Z`);
    const stores = [await storeOf('shop', { ga4: ga4() })];
    const read: string[] = [];
    const one = createRecount({
      ...parts(),
      keep: {
        async *madePurchases(made) {
          for await (const page of keep.madePurchases(made))
            for (const purchase of page) {
              read.push(purchase.event.transaction_id ?? '');
              ending.abort();
              yield [purchase];
            }
        },
      },
    });
    await createRecounting({ ...parts(), stores: { all: () => stores }, recount: one }).round();
    expect([read, await days()]).toEqual([['1'], []]);
  });

  test('are not asked about where the settings are not there, or everything has to end', async () => {
    await replica(await storeOf('shop', { ga4: ga4({}) })).round();
    ending.abort();
    await replica(await storeOf('shop', { ga4: ga4() })).round();
    expect([api.asked, await days()]).toEqual([[], []]);
  });
});
