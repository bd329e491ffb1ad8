// Comparing with what shops list, over real HTTP: which orders are kept, and which are known from their webhooks.
import { describe, expect, test } from 'vitest';
import { startReceiver } from '../support/deliver-receiver.ts';
import { lampRefund } from '../support/hooks.ts';
import { startWooApi, wooAt } from '../support/listing.ts';
import { buildStore } from '../support/stores.ts';
import { HOUR, MINUTE, useReconcile } from './reconcile-rig.ts';

const rig = useReconcile();
const { arrived, bodies, changedAgo, hooks, order, replica, shopify, told } = rig;

describe('an order of which no webhook told', () => {
  test('is kept as a hook of its source, from whichever page, and once however often it is listed', async () => {
    rig.api.records = [1, 2, 3, 4, 5].map((id) => order(id, changedAgo(20 + id)));
    const one = replica(await shopify());
    await one.round();
    expect(await hooks()).toHaveLength(5);
    expect(told('reconcile.done')).toMatchObject([{ store: 'shop', source: 'shopify', listed: 5, missing: 5 }]);
    rig.now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(5);
    expect(told('reconcile.done').at(-1)).toMatchObject({ listed: 5, missing: 0 });
    expect(await rig.keep.countFound({ store: 'shop', source: 'shopify' }, rig.now - HOUR)).toBe(5);
  });

  test('is asked for from a day ago until some minutes ago, with the token and nothing else', async () => {
    await replica(await shopify()).round();
    const queries = rig.api.received.map(({ url }) => new URL(url, rig.api.url).searchParams);
    const second = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
    expect(queries[0]?.get('updated_at_min')).toBe(second(rig.now - 24 * HOUR - 1_000));
    expect(queries.at(-1)?.get('updated_at_max')).toBe(second(rig.now - 10 * MINUTE));
    const times = queries.flatMap((query) => [query.get('updated_at_min'), query.get('updated_at_max')]);
    const before = (time: string | null = '') => second(Date.parse(String(time)) - 1_000);
    for (let end = 1; end < times.length - 1; end += 2) expect(times[end + 1]).toBe(before(times[end]));
    expect([queries[0]?.get('status'), queries[0]?.get('order')]).toEqual(['any', 'updated_at asc']);
    expect(rig.api.received[0]?.headers['x-shopify-access-token']).toBe('token-of-the-shop');
  });

  test('keeps every digit of long ids', async () => {
    rig.api.records = [order(1).replace('"id":1,', '"id":98765432109876543210,')];
    await replica(await shopify()).round();
    expect(JSON.parse((await bodies())[0] ?? '')).toMatchObject({ id: '98765432109876543210' });
  });

  test('is kept without what is never kept of a webhook', async () => {
    rig.api.records = [order(1, { payment_details: { credit_card_number: '4242 4242' } })];
    await replica(await shopify()).round();
    const [body = '', ...others] = await bodies();
    expect(body).toContain('"payment_details":');
    expect(body).not.toContain('4242 4242');
    expect(others).toEqual([]);
  });

  test('that counts for nothing is not kept', async () => {
    rig.api.records = [
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
    rig.api.records = [order(1, { updated_at: new Date(rig.now - MINUTE).toISOString() })];
    const one = replica(await shopify());
    await one.round();
    expect(await hooks()).toEqual([]);
    rig.now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(1);
  });

  test('of WooCommerce is found too, page by number, with times as the shop compares them', async () => {
    await rig.api.close();
    rig.api = await startWooApi(2);
    const at = new Date(rig.now - HOUR).toISOString().slice(0, 19);
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
    rig.api.records = [bread(1), bread(2), bread(3)];
    const store = await buildStore('woocommerce', { sources: { woocommerce: wooAt(rig.api) } });
    await replica(store).round();
    expect(new Set(rig.api.received.map(({ url }) => new URL(url, rig.api.url).searchParams.get('page')))).toEqual(
      new Set(['1', '2']),
    );
    expect(rig.api.received[0]?.url).toContain(
      `modified_after=${encodeURIComponent(new Date(rig.now - 24 * HOUR - 1_000).toISOString().slice(0, 19))}&`,
    );
    expect(await hooks()).toHaveLength(3);
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 3 }]);
  });
});

describe('an order of which a webhook told', () => {
  test.each(['mapped', 'kept', 'waiting', 'stuck'] as const)(
    'is not kept again while its hook is %s',
    async (state) => {
      rig.api.records = [order(1), order(2)];
      const store = await shopify();
      await arrived(store, order(1), state);
      await replica(store).round();
      expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
      expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
      expect(await hooks()).toHaveLength(2);
    },
  );

  test('is not kept again while its hook waits for an answer of the shop', async () => {
    rig.api.records = [order(1)];
    const risk = { about: 'the risk', url: `${rig.api.url}/risks/{id}` };
    const store = await shopify({ lookups: { risk } });
    await arrived(store, order(1), 'waiting');
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 1, missing: 0 }]);
  });

  test('and that nobody can map is not kept again; one of which none told is, to be seen as stuck', async () => {
    const odd = { currency: 'NOSUCH' };
    rig.api.records = [order(1, odd), order(2, odd)];
    const store = await shopify();
    expect(await arrived(store, order(1, odd), 'stuck')).toBe('stuck');
    const one = replica(store);
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
    rig.now += 15 * MINUTE;
    await one.round();
    expect(await hooks()).toHaveLength(2);
  });

  test('and that goes by several names is known by one of them', async () => {
    const store = await shopify({ events: { purchase: { keys: ['$string(id)', 'name'] } } });
    await arrived(store, order(1, { name: '#A' }), 'mapped');
    await arrived(store, order(2, { name: '#B' }), 'kept');
    rig.api.records = [order(1, { name: '#A1' }), order(12, { name: '#B' }), order(3, { name: '#C' })];
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":3,'))).toHaveLength(1);
  });

  test('and of which only another part cannot be mapped is not fetched for that', async () => {
    const odd = { emit: 'thanks', topics: ['orders/*'], key: '$string(id)' };
    const store = await shopify({ events: { odd: { ...odd, fields: { event_time: 'created_at', value: 'name' } } } });
    expect(await arrived(store, order(1, { name: '#A' }), 'mapped')).toBe('stuck');
    rig.api.records = [order(1, { name: '#A', note: 'edited' }), order(2, { name: '#B' })];
    await replica(store).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 2, missing: 1 }]);
    expect((await bodies()).filter((body) => body.includes('"id":2,'))).toHaveLength(1);
  });

  test('and that was erased since is not fetched', async () => {
    rig.api.records = [order(1)];
    const sql = "insert into orders (store, order_id, reason, seen_at) values ('shop', '1', 'erased', $1)";
    await rig.own.db.transaction([{ sql, rows: [[rig.now]] }]);
    await replica(await shopify()).round();
    expect(await hooks()).toEqual([]);
  });

  test('and of whose refund none did: the refund alone is kept', async () => {
    const store = await shopify();
    await arrived(store, order(1), 'mapped');
    rig.api.records = [order(1, { financial_status: 'refunded', refunds: [lampRefund(77, 1)] })];
    rig.now += 15 * MINUTE;
    await replica(store).round();
    expect((await bodies()).filter((body) => JSON.parse(body).order_id === 1)).toHaveLength(1);
    expect(told('reconcile.done')).toMatchObject([{ listed: 1, missing: 1 }]);
  });

  test('refunds that their own records show to be of shipping alone are not fetched, one of articles is', async () => {
    await rig.api.close();
    rig.api = await startWooApi(10);
    const at = new Date(rig.now - HOUR).toISOString().slice(0, 19);
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
    rig.api.records = ids.map((id) => JSON.stringify(loaf(id)));
    const lines = [{ id: 9, total: '-5.00', total_tax: '-1.05', quantity: -1 }];
    const refunds = await startReceiver(({ url }, response) => {
      const [, order, id] = /orders\/(\d+)\/refunds\?include=(\d+)/.exec(url) ?? [];
      const told = order === '2' ? { line_items: lines } : { shipping_lines: lines };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify([{ id: Number(id), ...told }]));
    });
    const lookups = { refunds: { url: `${refunds.url}/orders/{id}/refunds?include={$join($in_part, ',')}` } };
    const store = await buildStore('woocommerce', { sources: { woocommerce: { ...wooAt(rig.api), lookups } } });
    await rig.own.db.transaction(
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
    rig.api.records = [order(1, { source_name: 'pos', refunds: [lampRefund(77, 1)] })];
    rig.now += 15 * MINUTE;
    await replica(await shopify()).round();
    expect(await hooks()).toEqual([]);
  });
});
