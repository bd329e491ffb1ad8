// Comparing with what shops list, over real HTTP and with a clock that the tests move: from when on, how often, and what goes wrong.
import { describe, expect, test } from 'vitest';
import { lampRefund } from '../support/hooks.ts';
import type { ShopApi } from '../support/listing.ts';
import { buildStore } from '../support/stores.ts';
import { HOUR, MINUTE, useReconcile } from './reconcile-rig.ts';

const rig = useReconcile();
const { bodies, order, replica, shopify, told } = rig;

describe('a comparison', () => {
  test('goes on from the mark, however long nobody was there, and no further back than orders count', async () => {
    const one = replica(await shopify());
    let before = 0;
    const since = () => {
      const [{ url = '' } = {}] = rig.api.received.slice(before);
      before = rig.api.received.length;
      return Date.parse(new URL(url, rig.api.url).searchParams.get('updated_at_min') ?? '');
    };
    await one.round();
    since();
    rig.now += 15 * MINUTE;
    await one.round();
    expect(Math.round((rig.now - since()) / MINUTE)).toBe(40);
    rig.now += 48 * HOUR;
    await one.round();
    expect(Math.round((rig.now - since()) / HOUR)).toBe(48);
    rig.now += 30 * 24 * HOUR;
    await one.round();
    expect(Math.round((rig.now - since()) / HOUR)).toBe(7 * 24);
  });

  test('of a new source is about what came since it was set up, for others counted what was before', async () => {
    await rig.own.db.transaction([{ sql: 'delete from known_sources', rows: [[]] }]);
    const began = rig.now;
    const one = replica(await shopify());
    await one.round();
    expect([rig.api.received, await rig.keep.listComparisons()]).toEqual([[], []]);
    rig.now += 15 * MINUTE;
    await one.round();
    rig.now += 15 * MINUTE;
    await one.round();
    const asked = rig.api.received.map(({ url }) => new URL(url, rig.api.url).searchParams.get('updated_at_min') ?? '');
    const second = `${new Date(began - 1_000).toISOString().slice(0, 19)}Z`;
    expect(asked).toEqual([second, second]);
  });

  test('of a new source leaves out what happened before it was set up, though the shop changed it since', async () => {
    await rig.own.db.transaction([{ sql: 'update known_sources set known_since = $1', rows: [[rig.now - HOUR]] }]);
    const [before, since] = [rig.now - 48 * HOUR, rig.now - HOUR / 2].map((at) => new Date(at).toISOString());
    const old = { created_at: before, processed_at: before };
    const refund = { ...lampRefund(77, 1), ...old };
    rig.api.records = [
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
    const first = rig.api.received.length;
    await other.round();
    rig.now += 14 * MINUTE;
    await one.round();
    expect([told('reconcile.done').length, rig.api.received.length]).toEqual([1, first]);
    rig.now += MINUTE;
    await Promise.all([one.round(), other.round()]);
    expect([told('reconcile.done').length, rig.api.received.length]).toEqual([2, first + 1]);
  });

  test('asks nobody for a source without the settings', async () => {
    await replica(
      await buildStore('shopify', { sources: { shopify: { shop_domain: 'lamps.myshopify.com' } } }),
    ).round();
    await replica(await buildStore('woocommerce')).round();
    expect([rig.api.received, rig.logged, await rig.keep.listComparisons()]).toEqual([[], [], []]);
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
    rig.api.records = [order(1)];
    const always: typeof instead = (...given) => {
      rig.api.instead = always;
      instead(...given);
    };
    rig.api.instead = always;
    const one = replica(await shopify());
    await one.round();
    rig.api.instead = undefined;
    expect(told('reconcile.failed')).toMatchObject([
      { store: 'shop', source: 'shopify', reason: expect.stringMatching(reason) },
    ]);
    expect(await rig.keep.listComparisons()).toMatchObject([
      { compared_until: undefined, problem: expect.stringMatching(reason) },
    ]);
    expect(JSON.stringify(rig.logged)).not.toMatch(/token-of-the-shop|example\.com/);
    rig.now += 15 * MINUTE;
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ missing: 1 }]);
    expect(await rig.keep.listComparisons()).toMatchObject([{ listed: 1, problem: undefined }]);
  });

  test('asks again for a page that the shop failed to give, and goes on', async () => {
    rig.api.records = [order(1), order(2), order(3)];
    rig.api.instead = (_, response) => void response.writeHead(502).end();
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 3, missing: 3 }]);
  });

  test('that is stopped while it waits for a page ends at once and leaves no trace', async () => {
    const asked = Promise.withResolvers<void>();
    rig.api.instead = () => asked.resolve();
    const running = replica(await shopify()).round();
    await asked.promise;
    rig.ending.abort();
    await running;
    expect([await rig.keep.listComparisons(), told('reconcile.failed')]).toEqual([[], []]);
  });
});
