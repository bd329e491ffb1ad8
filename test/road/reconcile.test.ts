// Comparing with what shops list, over real HTTP and with a clock that the tests move: what is fetched, what is not, what goes wrong.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import type { Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import type { Store } from '../../src/map/load.ts';
import { mapHook } from '../../src/map/map.ts';
import { dedupeKeys } from '../../src/road/hook-keys.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createReconcile } from '../../src/road/reconcile.ts';
import { createReconciling } from '../../src/road/reconciling.ts';
import { startReceiver } from '../support/deliver-receiver.ts';
import { lampOrder, lampRefund } from '../support/hooks.ts';
import { type ShopApi, shopifyAt, startShopifyApi, startWooApi, wooAt } from '../support/listing.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { buildStore } from '../support/stores.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let own: OwnKeep;
let keep: Keep;
let http: Http;
let api: ShopApi;
let now: number;
let logged: { message: string; [field: string]: unknown }[];
let ending: AbortController;

beforeAll(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterAll(() => own.close());
beforeEach(async () => {
  const tables = ['hooks', 'hook_bodies', 'events', 'event_keys', 'orders', 'comparisons', 'found_hooks', 'throttles'];
  await own.db.transaction(
    [...tables, 'watches', 'known_sources'].map((table) => ({ sql: `delete from ${table}`, rows: [[]] })),
  );
  http = createHttp({ allowPrivate: true });
  api = await startShopifyApi(2);
  now = Date.now();
  for (const source of ['shopify', 'woo', 'woocommerce'])
    await keep.knowSources([{ store: 'shop', source }], now - 30 * 24 * HOUR);
  logged = [];
  ending = new AbortController();
});
afterEach(async () => {
  await http.close();
  await api.close();
});

/** One replica, which compares what is due; `clock` is moved by hand unless it is given. */
function replica(store: Store, clock = () => now) {
  const { signal } = ending;
  const say = (fields: object, message: string) => void logged.push({ message, ...fields });
  const parts = { keep, now: clock, newId, signal, log: { info: say, warn: say, error: say } };
  const lookups = createLookups({ ...parts, send: http.send });
  return createReconciling({
    ...parts,
    stores: { all: () => [store] },
    reconcile: createReconcile({ ...parts, lookups }),
  });
}
const shopify = (over: object = {}) => buildStore('shopify', { sources: { shopify: { ...shopifyAt(api), ...over } } });
const told = (message: string) => logged.filter((line) => line.message === message);
/** Changed half an hour ago unless `over` says something else. */
const order = (id: number, over: object = {}) =>
  JSON.stringify(lampOrder(id, { updated_at: new Date(now - HOUR / 2).toISOString(), ...over }));
const changedAgo = (minutes: number) => ({ updated_at: new Date(now - minutes * MINUTE).toISOString() });
const hooks = () => own.db.query('select id, source, state from hooks order by id');
const bodies = async (): Promise<string[]> => {
  const kept = await Promise.all((await hooks()).map(({ id }) => keep.findHook(String(id))));
  return kept.map((hook) => Buffer.from(hook?.content?.body ?? []).toString());
};

/** As a webhook that came and is kept, under this state; answers what the mapping makes of it. */
async function arrived(store: Store, body: string, state: 'kept' | 'stuck' | 'waiting' | 'mapped'): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' };
  const hook = { id: newId(), store: 'shop', source: 'shopify', received_at: now, headers, body: Buffer.from(body) };
  await keep.keepHooks([{ hook, keys: dedupeKeys(hook, 'orders/paid', hook.id), due_at: now, lease_id: 'lease' }]);
  const source = store.sources.get('shopify');
  if (source === undefined) throw new Error('no source');
  const { events, verdict } = await mapHook(source, hook);
  const made = events.map(({ key, keys = [], event }) => ({
    id: newId(),
    key,
    keys,
    event,
    deliveries: [],
    skipped: [],
  }));
  const base = { hook_id: hook.id, store: 'shop', lease_id: 'lease', uncounted: [] };
  if (state !== 'kept') await keep.recordDigests([{ ...base, state, events: state === 'mapped' ? made : [] }], now);
  return verdict;
}

describe('an order of which no webhook told', () => {
  test('is kept as a hook of its source, from whichever page, and once however often it is listed', async () => {
    api.records = [1, 2, 3, 4, 5].map((id) => order(id, changedAgo(20 + id)));
    const one = replica(await shopify());
    await one.round();
    expect(await hooks()).toHaveLength(5);
    expect(told('reconcile.done')).toMatchObject([{ store: 'shop', source: 'shopify', listed: 5, missing: 5 }]);
    now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(5);
    expect(told('reconcile.done').at(-1)).toMatchObject({ listed: 5, missing: 0 });
    expect(await keep.countFound({ store: 'shop', source: 'shopify' }, now - HOUR)).toBe(5);
  });

  test('is asked for from a day ago until some minutes ago, with the token and nothing else', async () => {
    await replica(await shopify()).round();
    const queries = api.received.map(({ url }) => new URL(url, api.url).searchParams);
    const second = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
    expect(queries[0]?.get('updated_at_min')).toBe(second(now - 24 * HOUR - 1_000));
    expect(queries.at(-1)?.get('updated_at_max')).toBe(second(now - 10 * MINUTE));
    const times = queries.flatMap((query) => [query.get('updated_at_min'), query.get('updated_at_max')]);
    const before = (time: string | null = '') => second(Date.parse(String(time)) - 1_000);
    for (let end = 1; end < times.length - 1; end += 2) expect(times[end + 1]).toBe(before(times[end]));
    expect([queries[0]?.get('status'), queries[0]?.get('order')]).toEqual(['any', 'updated_at asc']);
    expect(api.received[0]?.headers['x-shopify-access-token']).toBe('token-of-the-shop');
  });

  test('keeps every digit of long ids', async () => {
    api.records = [order(1).replace('"id":1,', '"id":98765432109876543210,')];
    await replica(await shopify()).round();
    expect(JSON.parse((await bodies())[0] ?? '')).toMatchObject({ id: '98765432109876543210' });
  });

  test('is kept without what is never kept of a webhook', async () => {
    api.records = [order(1, { payment_details: { credit_card_number: '4242 4242' } })];
    await replica(await shopify()).round();
    const [body = '', ...others] = await bodies();
    expect(body).toContain('"payment_details":');
    expect(body).not.toContain('4242 4242');
    expect(others).toEqual([]);
  });

  test('that counts for nothing is not kept', async () => {
    api.records = [
      order(1, { financial_status: 'pending' }),
      order(2, { test: true }),
      order(3, { source_name: 'pos' }),
      order(4, { created_at: '2020-01-01T00:00:00Z', processed_at: '2020-01-01T00:00:00Z' }),
    ];
    await replica(await shopify()).round();
    expect(await hooks()).toEqual([]);
    expect(told('reconcile.done')).toMatchObject([{ listed: 4, missing: 0 }]);
  });

  test('that changed a moment ago is left to its webhook until the next time', async () => {
    api.records = [order(1, { updated_at: new Date(now - MINUTE).toISOString() })];
    const one = replica(await shopify());
    await one.round();
    expect(await hooks()).toEqual([]);
    now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(1);
  });

  test('of WooCommerce is found too, page by number, with times as the shop compares them', async () => {
    await api.close();
    api = await startWooApi(2);
    const at = new Date(now - HOUR).toISOString().slice(0, 19);
    const bread = (id: number) =>
      JSON.stringify({
        id,
        number: String(id),
        status: 'processing',
        currency: 'EUR',
        total: '12.10',
        total_tax: '2.10',
        created_via: 'checkout',
        date_created_gmt: at,
        date_paid_gmt: at,
        date_modified_gmt: at,
        billing: { email: `buyer${id}@example.com`, country: 'NL' },
        line_items: [{ id: 1, sku: 'RYE', name: 'Rye', quantity: 1, total: '10.00', total_tax: '2.10' }],
        refunds: id === 3 ? [{ id: 77, reason: '', total: '-12.10' }] : [],
      });
    api.records = [bread(1), bread(2), bread(3)];
    const store = await buildStore('woocommerce', { sources: { woocommerce: wooAt(api) } });
    await replica(store).round();
    expect(new Set(api.received.map(({ url }) => new URL(url, api.url).searchParams.get('page')))).toEqual(
      new Set(['1', '2']),
    );
    expect(api.received[0]?.url).toContain(
      `modified_after=${encodeURIComponent(new Date(now - 24 * HOUR - 1_000).toISOString().slice(0, 19))}&`,
    );
    expect(await hooks()).toHaveLength(3);
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 3 }]);
  });
});

describe('an order of which a webhook told', () => {
  test.each(['mapped', 'kept', 'waiting', 'stuck'] as const)(
    'is not kept again while its hook is %s',
    async (state) => {
      api.records = [order(1), order(2)];
      const store = await shopify();
      await arrived(store, order(1), state);
      await replica(store).round();
      expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
      expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
      expect(await hooks()).toHaveLength(2);
    },
  );

  test('is not kept again while its hook waits for an answer of the shop', async () => {
    api.records = [order(1)];
    const risk = { about: 'the risk', url: `${api.url}/risks/{id}` };
    const store = await shopify({ lookups: { risk } });
    await arrived(store, order(1), 'waiting');
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 1, missing: 0 }]);
  });

  test('and that nobody can map is not kept again; one of which none told is, to be seen as stuck', async () => {
    const odd = { currency: 'NOSUCH' };
    api.records = [order(1, odd), order(2, odd)];
    const store = await shopify();
    expect(await arrived(store, order(1, odd), 'stuck')).toBe('stuck');
    const one = replica(store);
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
    now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(2);
  });

  test('and that goes by several names is known by one of them', async () => {
    const store = await shopify({ events: { purchase: { keys: ['$string(id)', 'name'] } } });
    await arrived(store, order(1, { name: '#A' }), 'mapped');
    await arrived(store, order(2, { name: '#B' }), 'kept');
    api.records = [order(1, { name: '#A1' }), order(12, { name: '#B' }), order(3, { name: '#C' })];
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":3,'))).toHaveLength(1);
  });

  test('and of which only another part cannot be mapped is not fetched for that', async () => {
    const odd = { emit: 'thanks', topics: ['orders/*'], key: '$string(id)' };
    const store = await shopify({ events: { odd: { ...odd, fields: { event_time: 'created_at', value: 'name' } } } });
    expect(await arrived(store, order(1, { name: '#A' }), 'mapped')).toBe('stuck');
    api.records = [order(1, { name: '#A', note: 'edited' }), order(2, { name: '#B' })];
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
  });

  test('and that was erased since is not fetched', async () => {
    api.records = [order(1)];
    const sql = "insert into orders (store, order_id, reason, seen_at) values ('shop', '1', 'erased', $1)";
    await own.db.transaction([{ sql, rows: [[now]] }]);
    await replica(await shopify()).round();
    expect(await hooks()).toEqual([]);
  });

  test('and of whose refund none did: the refund alone is kept', async () => {
    const store = await shopify();
    await arrived(store, order(1), 'mapped');
    api.records = [order(1, { financial_status: 'refunded', refunds: [lampRefund(77, 1)] })];
    now += 15 * MINUTE;
    await replica(store).round();
    expect((await bodies()).filter((body) => JSON.parse(body).order_id === 1)).toHaveLength(1);
    expect(told('reconcile.done')).toMatchObject([{ listed: 1, missing: 1 }]);
  });

  test('refunds that their own records show to be of shipping alone are not fetched, one of articles is', async () => {
    await api.close();
    api = await startWooApi(10);
    const at = new Date(now - HOUR).toISOString().slice(0, 19);
    const loaf = (id: number) => ({
      id,
      status: 'processing',
      currency: 'EUR',
      total: '12.10',
      total_tax: '2.10',
      created_via: 'checkout',
      date_paid_gmt: at,
      date_modified_gmt: at,
      line_items: [{ id: 1, sku: 'RYE', name: 'Rye', quantity: 2, total: '5.00', total_tax: '1.05' }],
      refunds: [{ id: 100 + id, reason: '', total: '-6.05' }],
    });
    // More of them than may be asked at once.
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    api.records = ids.map((id) => JSON.stringify(loaf(id)));
    const lines = [{ id: 9, total: '-5.00', total_tax: '-1.05', quantity: -1 }];
    const refunds = await startReceiver(({ url }, response) => {
      const [, order, id] = /orders\/(\d+)\/refunds\?include=(\d+)/.exec(url) ?? [];
      const told = order === '2' ? { line_items: lines } : { shipping_lines: lines };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify([{ id: Number(id), ...told }]));
    });
    const lookups = { refunds: { url: `${refunds.url}/orders/{id}/refunds?include={$join($in_part, ',')}` } };
    const store = await buildStore('woocommerce', { sources: { woocommerce: { ...wooAt(api), lookups } } });
    await own.db.transaction(
      ids.map((id) => ({
        sql: "insert into event_keys (store, key, event_id) values ('shop', $1, $1)",
        rows: [[`purchase:${id}`]],
      })),
    );
    await replica(store, Date.now).round();
    await refunds.close();
    expect(told('reconcile.done')).toMatchObject([{ listed: 8, missing: 1 }]);
    expect((await bodies()).map((body) => JSON.parse(body).id)).toEqual([2]);
  });

  test('a refund of an order that does not count is not fetched', async () => {
    api.records = [order(1, { source_name: 'pos', refunds: [lampRefund(77, 1)] })];
    now += 15 * MINUTE;
    await replica(await shopify()).round();
    expect(await hooks()).toEqual([]);
  });
});

describe('a comparison of very many orders', () => {
  /** So many orders that count for nothing, one in each of these minutes. */
  const listedEach = (orders: number, minutes: number, over: object = {}) =>
    Array.from({ length: orders }, (_, index) =>
      order(index + 1, { ...changedAgo(20 + (orders - index) * minutes), financial_status: 'pending', ...over }),
    );
  const asked = () =>
    api.received.map(({ url }) => Date.parse(new URL(url, api.url).searchParams.get('updated_at_min') ?? ''));

  test('comes to its end, and asks for not many more pages than there are', async () => {
    await api.close();
    api = await startShopifyApi(20);
    api.records = listedEach(1_000, 1);
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 1_000 }]);
    expect(api.received.length).toBeLessThan(90);
  });

  test('reads more pages of one second only where so many were changed in it', async () => {
    api.records = listedEach(7, 0);
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 7 }]);
  });

  test('asks for less at once where a page is larger than can be read', async () => {
    await api.close();
    api = await startShopifyApi(100);
    api.records = listedEach(20, 1, { note: 'x'.repeat(1_000_000) });
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 20 }]);
  });

  test('asks for less at once where the shop fails over a full page', async () => {
    await api.close();
    api = await startShopifyApi(100);
    api.records = listedEach(40, 1);
    const weak: NonNullable<ShopApi['instead']> = ({ url }, response) => {
      api.instead = weak;
      const { searchParams } = new URL(url, api.url);
      const [since = 0, until = 0] = ['updated_at_min', 'updated_at_max'].map((name) =>
        Date.parse(searchParams.get(name) ?? ''),
      );
      const texts = api.records.filter((text) => {
        const at = Date.parse(JSON.parse(text).updated_at);
        return at >= since && at <= until;
      });
      if (texts.length > 25) response.writeHead(500).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(`{"orders":[${texts.join()}]}`);
    };
    api.instead = weak;
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 40 }]);
  });

  test('leaves out the second of a record that the shop fails over again and again, says which, and goes on', async () => {
    await api.close();
    api = await startShopifyApi(100);
    api.records = listedEach(60, 5, { financial_status: 'paid' });
    const { updated_at } = JSON.parse(api.records[30] ?? '');
    const { send } = http;
    http.send = (request, options) => {
      const { searchParams } = new URL(request.url);
      const [since = '', until = ''] = ['updated_at_min', 'updated_at_max'].map((name) => searchParams.get(name) ?? '');
      if (updated_at >= since && updated_at <= until) api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    for (const missing of [30, 29, 0]) {
      await one.round();
      expect(logged.filter(({ message }) => message.startsWith('reconcile.')).at(-1)).toMatchObject({ missing });
      now += 15 * MINUTE;
    }
    const reasons = told('reconcile.failed').map(({ reason }) => String(reason));
    expect(reasons).toEqual([
      'the API answers 500',
      expect.stringContaining('which leaves out what was changed about'),
    ]);
    const at = Date.parse(reasons[1]?.slice(-24) ?? '');
    expect(Math.abs(at - Date.parse(updated_at))).toBeLessThan(2_000);
    expect(told('reconcile.done')).toHaveLength(1);
  });

  test('leaves out nothing where the shop fails over everything', async () => {
    api.records = listedEach(5, 5);
    const { send } = http;
    http.send = (request, options) => {
      api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    for (let rounds = 0; rounds < 3; rounds += 1, now += 15 * MINUTE) await one.round();
    expect(told('reconcile.failed').map(({ reason }) => reason)).toEqual(Array(3).fill('the API answers 500'));
    expect(await keep.listComparisons()).toMatchObject([{ compared_until: undefined }]);
    expect(api.received.length).toBeLessThan(75);
  });

  test('has kept what was listed until the shop failed, and goes on from there the next time', async () => {
    api.records = listedEach(60, 5, { financial_status: 'paid' });
    const { send } = http;
    let isWell = false;
    http.send = (request, options) => {
      if (!isWell && api.received.length > 30) api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    await one.round();
    expect(told('reconcile.failed')).toMatchObject([{ reason: 'the API answers 500' }]);
    const [{ compared_until: mark = 0 } = {}] = await keep.listComparisons();
    const kept = (await hooks()).length;
    expect([kept > 10, kept < 60]).toEqual([true, true]);
    isWell = true;
    const before = api.received.length;
    now += 15 * MINUTE;
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ missing: 60 - kept }]);
    expect(asked()[before]).toBe(mark - 1_000);
    expect(mark).toBeGreaterThan(now - 5 * HOUR);
  });

  test('lets the other lists have a turn, and goes on in the next round', async () => {
    api.records = listedEach(30, 5);
    const { send } = http;
    http.send = (request, options) => {
      now += MINUTE;
      return send(request, options);
    };
    const one = replica(await shopify());
    await one.round();
    const first = api.received.length;
    expect([first < 10, told('reconcile.done')]).toEqual([true, []]);
    for (let rounds = 0; rounds < 20 && told('reconcile.done').length === 0; rounds += 1) await one.round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 30 }]);
    expect(Math.min(...asked().slice(first))).toBeGreaterThan(Math.min(...asked()));
  });

  test('knows of a refund at the border of two parts that its order does not count', async () => {
    const border = new Date(Math.floor(now / 1_000) * 1_000 - 23 * HOUR).toISOString();
    const refund = { ...lampRefund(77, 1), created_at: border, processed_at: border };
    const refunded = { financial_status: 'refunded', source_name: 'pos', refunds: [refund] };
    api.records = [order(1, { ...refunded, updated_at: border })];
    await replica(await shopify()).round();
    expect([await hooks(), told('reconcile.done')]).toMatchObject([[], [{ listed: 1, missing: 0 }]]);
  });

  test('finds what is missing though others are edited while the pages are read', async () => {
    await api.close();
    api = await startWooApi(5);
    const changes = new Map(Array.from({ length: 60 }, (_, id) => [id + 1, now - HOUR - id * MINUTE]));
    const list = () => {
      api.records = [...changes].map(([id, at]) =>
        JSON.stringify({
          id,
          status: 'pending',
          total: '1.00',
          currency: 'EUR',
          date_modified_gmt: new Date(at).toISOString().slice(0, 19),
        }),
      );
    };
    const { send } = http;
    const seen = new Set<number>();
    let edited = 0;
    http.send = async (request, options) => {
      list();
      const reply = await send(request, options);
      if ('body' in reply) for (const { id } of JSON.parse(reply.body)) seen.add(id);
      edited += 1;
      changes.set(edited, now);
      return reply;
    };
    await replica(await buildStore('woocommerce', { sources: { woocommerce: wooAt(api) } })).round();
    expect(told('reconcile.done')).toHaveLength(1);
    expect([...changes].filter(([id, at]) => at < now && !seen.has(id))).toEqual([]);
  });

  test('says so where the shop lists everything, whatever it is asked for, and asks it no more then', async () => {
    api.isOld = true;
    api.records = listedEach(100, 60 * 24).slice(0, 50);
    await replica(await shopify()).round();
    expect(told('reconcile.failed')).toMatchObject([{ reason: expect.stringContaining('it may be too old') }]);
    expect(api.received.length).toBeLessThan(20);
  });
});

describe('a comparison', () => {
  test('goes on from the mark, however long nobody was there, and no further back than orders count', async () => {
    const one = replica(await shopify());
    let before = 0;
    const since = () => {
      const [{ url = '' } = {}] = api.received.slice(before);
      before = api.received.length;
      return Date.parse(new URL(url, api.url).searchParams.get('updated_at_min') ?? '');
    };
    await one.round();
    since();
    now += 15 * MINUTE;
    await one.round();
    expect(Math.round((now - since()) / MINUTE)).toBe(40);
    now += 48 * HOUR;
    await one.round();
    expect(Math.round((now - since()) / HOUR)).toBe(48);
    now += 30 * 24 * HOUR;
    await one.round();
    expect(Math.round((now - since()) / HOUR)).toBe(7 * 24);
  });

  test('of a new source is about what came since it was set up, for others counted what was before', async () => {
    await own.db.transaction([{ sql: 'delete from known_sources', rows: [[]] }]);
    const began = now;
    const one = replica(await shopify());
    await one.round();
    expect([api.received, await keep.listComparisons()]).toEqual([[], []]);
    now += 15 * MINUTE;
    await one.round();
    now += 15 * MINUTE;
    await one.round();
    const asked = api.received.map(({ url }) => new URL(url, api.url).searchParams.get('updated_at_min') ?? '');
    const second = `${new Date(began - 1_000).toISOString().slice(0, 19)}Z`;
    expect(asked).toEqual([second, second]);
  });

  test('of a new source leaves out what happened before it was set up, though the shop changed it since', async () => {
    await own.db.transaction([{ sql: 'update known_sources set known_since = $1', rows: [[now - HOUR]] }]);
    const [before, since] = [now - 48 * HOUR, now - HOUR / 2].map((at) => new Date(at).toISOString());
    const old = { created_at: before, processed_at: before };
    const refund = { ...lampRefund(77, 1), ...old };
    api.records = [
      order(1, { ...old, financial_status: 'partially_refunded', refunds: [refund] }),
      order(2, { created_at: since, processed_at: since }),
      order(3, { ...old, refunds: [{ ...lampRefund(78, 3), created_at: since, processed_at: since }] }),
    ];
    await replica(await shopify()).round();
    expect((await bodies()).map((body) => JSON.parse(body).id).toSorted((a, b) => a - b)).toEqual([2, 78]);
  });

  test('is made once in 15 minutes, by one of several replicas', async () => {
    const store = await shopify();
    const [one, other] = [replica(store), replica(store)];
    await Promise.all([one.round(), other.round()]);
    const first = api.received.length;
    await other.round();
    now += 14 * MINUTE;
    await one.round();
    expect([told('reconcile.done').length, api.received.length]).toEqual([1, first]);
    now += MINUTE;
    await Promise.all([one.round(), other.round()]);
    expect([told('reconcile.done').length, api.received.length]).toEqual([2, first + 1]);
  });

  test('asks nobody for a source without the settings', async () => {
    await replica(
      await buildStore('shopify', { sources: { shopify: { shop_domain: 'lamps.myshopify.com' } } }),
    ).round();
    await replica(await buildStore('woocommerce')).round();
    expect([api.received, logged, await keep.listComparisons()]).toEqual([[], [], []]);
  });

  const broken: [string, NonNullable<ShopApi['instead']>, RegExp][] = [
    ['credentials are refused', (_, response) => void response.writeHead(401).end(), /api_token was refused \(401\)/],
    ['the right to read is missing', (_, response) => void response.writeHead(403).end(), /may not read this \(403\)/],
    [
      'the API wants to be left alone',
      (_, response) => void response.writeHead(429, { 'retry-after': '120' }).end(),
      /answers 429/,
    ],
    ['the shop is elsewhere', (_, response) => void response.writeHead(301).end(), /with or without www/],
    ['the list is not there', (_, response) => void response.writeHead(404).end(), /no such list \(404\)/],
    [
      'an answer breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 500 });
        response.write('{"orders":[', () => response.destroy());
      },
      /broke off/,
    ],
    [
      'an answer is no list',
      (_, response) => void response.end('<html><body>Back soon</body></html>'),
      /holds no list|cannot be read/,
    ],
    ['a record has no id', (_, response) => void response.end('{"orders":[{}]}'), /has no id/],
    [
      'the next page is elsewhere',
      (_, response) =>
        void response.writeHead(200, { link: '<https://other.example/orders.json>; rel="next"' }).end('{"orders":[]}'),
      /another host/,
    ],
  ];
  test.each(broken)('where %s says so, moves no mark, and is made again', async (_, instead, reason) => {
    api.records = [order(1)];
    const always: typeof instead = (...given) => {
      api.instead = always;
      instead(...given);
    };
    api.instead = always;
    const one = replica(await shopify());
    await one.round();
    api.instead = undefined;
    expect(told('reconcile.failed')).toMatchObject([
      { store: 'shop', source: 'shopify', reason: expect.stringMatching(reason) },
    ]);
    expect(await keep.listComparisons()).toMatchObject([
      { compared_until: undefined, problem: expect.stringMatching(reason) },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/token-of-the-shop|example\.com/);
    now += 15 * MINUTE;
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ missing: 1 }]);
    expect(await keep.listComparisons()).toMatchObject([{ listed: 1, problem: undefined }]);
  });

  test('asks again for a page that the shop failed to give, and goes on', async () => {
    api.records = [order(1), order(2), order(3)];
    api.instead = (_, response) => void response.writeHead(502).end();
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 3 }]);
  });

  test('that is stopped while it waits for a page ends at once and leaves no trace', async () => {
    const asked = Promise.withResolvers<void>();
    api.instead = () => asked.resolve();
    const running = replica(await shopify()).round();
    await asked.promise;
    ending.abort();
    await running;
    expect([await keep.listComparisons(), told('reconcile.failed')]).toEqual([[], []]);
  });
});
