// Comparing very many orders, over real HTTP: pages that are too large, shops that fail over some, and ends that come.
import { describe, expect, test } from 'vitest';
import { lampRefund } from '../support/hooks.ts';
import { type ShopApi, startShopifyApi, startWooApi, wooAt } from '../support/listing.ts';
import { buildStore } from '../support/stores.ts';
import { HOUR, MINUTE, useReconcile } from './reconcile-rig.ts';

const rig = useReconcile();
const { changedAgo, hooks, order, replica, shopify, told } = rig;

describe('a comparison of very many orders', () => {
  /** So many orders that count for nothing, one in each of these minutes. */
  const listedEach = (orders: number, minutes: number, over: object = {}) =>
    Array.from({ length: orders }, (_, index) =>
      order(index + 1, { ...changedAgo(20 + (orders - index) * minutes), financial_status: 'pending', ...over }),
    );
  const asked = () =>
    rig.api.received.map(({ url }) => Date.parse(new URL(url, rig.api.url).searchParams.get('updated_at_min') ?? ''));

  test('comes to its end, and asks for not many more pages than there are', async () => {
    await rig.api.close();
    rig.api = await startShopifyApi(20);
    rig.api.records = listedEach(1_000, 1);
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 1_000 }]);
    expect(rig.api.received.length).toBeLessThan(90);
  });

  test('reads more pages of one second only where so many were changed in it', async () => {
    rig.api.records = listedEach(7, 0);
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 7 }]);
  });

  test('asks for less at once where a page is larger than can be read', async () => {
    await rig.api.close();
    rig.api = await startShopifyApi(100);
    rig.api.records = listedEach(20, 1, { note: 'x'.repeat(1_000_000) });
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 20 }]);
  });

  test('asks for less at once where the shop fails over a full page', async () => {
    await rig.api.close();
    rig.api = await startShopifyApi(100);
    rig.api.records = listedEach(40, 1);
    const weak: NonNullable<ShopApi['instead']> = ({ url }, response) => {
      rig.api.instead = weak;
      const { searchParams } = new URL(url, rig.api.url);
      const [since = 0, until = 0] = ['updated_at_min', 'updated_at_max'].map((name) =>
        Date.parse(searchParams.get(name) ?? ''),
      );
      const texts = rig.api.records.filter((text) => {
        const at = Date.parse(JSON.parse(text).updated_at);
        return at >= since && at <= until;
      });
      if (texts.length > 25) response.writeHead(500).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(`{"orders":[${texts.join()}]}`);
    };
    rig.api.instead = weak;
    await replica(await shopify()).round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 40 }]);
  });

  test('leaves out the second of a record that the shop fails over again and again, says which, and goes on', async () => {
    await rig.api.close();
    rig.api = await startShopifyApi(100);
    rig.api.records = listedEach(60, 5, { financial_status: 'paid' });
    const { updated_at } = JSON.parse(rig.api.records[30] ?? '');
    const { send } = rig.http;
    rig.http.send = (request, options) => {
      const { searchParams } = new URL(request.url);
      const [since = '', until = ''] = ['updated_at_min', 'updated_at_max'].map((name) => searchParams.get(name) ?? '');
      if (updated_at >= since && updated_at <= until)
        rig.api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    for (const missing of [30, 29, 0]) {
      await one.round();
      expect(rig.logged.filter(({ message }) => message.startsWith('reconcile.')).at(-1)).toMatchObject({ missing });
      rig.now += 15 * MINUTE;
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
    rig.api.records = listedEach(5, 5);
    const { send } = rig.http;
    rig.http.send = (request, options) => {
      rig.api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    for (let rounds = 0; rounds < 3; rounds += 1, rig.now += 15 * MINUTE) await one.round();
    expect(told('reconcile.failed').map(({ reason }) => reason)).toEqual(Array(3).fill('the API answers 500'));
    expect(await rig.keep.listComparisons()).toMatchObject([{ compared_until: undefined }]);
    expect(rig.api.received.length).toBeLessThan(75);
  });

  test('has kept what was listed until the shop failed, and goes on from there the next time', async () => {
    rig.api.records = listedEach(60, 5, { financial_status: 'paid' });
    const { send } = rig.http;
    let isWell = false;
    rig.http.send = (request, options) => {
      if (!isWell && rig.api.received.length > 30)
        rig.api.instead = (_, response) => void response.writeHead(500).end();
      return send(request, options);
    };
    const one = replica(await shopify());
    await one.round();
    expect(told('reconcile.failed')).toMatchObject([{ reason: 'the API answers 500' }]);
    const [{ compared_until: mark = 0 } = {}] = await rig.keep.listComparisons();
    const kept = (await hooks()).length;
    expect([kept > 10, kept < 60]).toEqual([true, true]);
    isWell = true;
    const before = rig.api.received.length;
    rig.now += 15 * MINUTE;
    await one.round();
    expect(told('reconcile.done')).toMatchObject([{ missing: 60 - kept }]);
    expect(asked()[before]).toBe(mark - 1_000);
    expect(mark).toBeGreaterThan(rig.now - 5 * HOUR);
  });

  test('lets the other lists have a turn, and goes on in the next round', async () => {
    rig.api.records = listedEach(30, 5);
    const { send } = rig.http;
    rig.http.send = (request, options) => {
      rig.now += MINUTE;
      return send(request, options);
    };
    const one = replica(await shopify());
    await one.round();
    const first = rig.api.received.length;
    expect([first < 10, told('reconcile.done')]).toEqual([true, []]);
    for (let rounds = 0; rounds < 20 && told('reconcile.done').length === 0; rounds += 1) await one.round();
    expect(told('reconcile.done')).toMatchObject([{ listed: 30 }]);
    expect(Math.min(...asked().slice(first))).toBeGreaterThan(Math.min(...asked()));
  });

  test('knows of a refund at the border of two parts that its order does not count', async () => {
    const border = new Date(Math.floor(rig.now / 1_000) * 1_000 - 23 * HOUR).toISOString();
    const refund = { ...lampRefund(77, 1), created_at: border, processed_at: border };
    const refunded = { financial_status: 'refunded', source_name: 'pos', refunds: [refund] };
    rig.api.records = [order(1, { ...refunded, updated_at: border })];
    await replica(await shopify()).round();
    expect([await hooks(), told('reconcile.done')]).toMatchObject([[], [{ listed: 1, missing: 0 }]]);
  });

  test('finds what is missing though others are edited while the pages are read', async () => {
    await rig.api.close();
    rig.api = await startWooApi(5);
    const changes = new Map(Array.from({ length: 60 }, (_, id) => [id + 1, rig.now - HOUR - id * MINUTE]));
    const list = () => {
      rig.api.records = [...changes].map(([id, at]) =>
        JSON.stringify({
          id,
          status: 'pending',
          total: '1.00',
          currency: 'EUR',
          date_modified_gmt: new Date(at).toISOString().slice(0, 19),
        }),
      );
    };
    const { send } = rig.http;
    const seen = new Set<number>();
    let edited = 0;
    rig.http.send = async (request, options) => {
      list();
      const reply = await send(request, options);
      if ('body' in reply) for (const { id } of JSON.parse(reply.body)) seen.add(id);
      edited += 1;
      changes.set(edited, rig.now);
      return reply;
    };
    await replica(await buildStore('woocommerce', { sources: { woocommerce: wooAt(rig.api) } })).round();
    expect(told('reconcile.done')).toHaveLength(1);
    expect([...changes].filter(([id, at]) => at < rig.now && !seen.has(id))).toEqual([]);
  });

  test('says so where the shop lists everything, whatever it is asked for, and asks it no more then', async () => {
    rig.api.isOld = true;
    rig.api.records = listedEach(100, 60 * 24).slice(0, 50);
    await replica(await shopify()).round();
    expect(told('reconcile.failed')).toMatchObject([{ reason: expect.stringContaining('it may be too old') }]);
    expect(rig.api.received.length).toBeLessThan(20);
  });
});
