// The whole road with real HTTP at both ends: signed hooks in, requests at the stand-ins out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeMapping, writeStore } from './support/service.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const send = (...args: Parameters<typeof fromShopify>) => post(rig.service.url, fromShopify(...args));

describe('a signed order', () => {
  test('is acknowledged and arrives once at every destination', async () => {
    expect(await send(lampOrder(1001))).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    await eventually(
      () =>
        rig.standins.sgtm.counted.size > 0 && rig.standins.meta.counted.size > 0 && rig.standins.ga4.counted.size > 0,
      'all have it',
    );
    const keys = rig.standins.received.map(({ destination }) => destination).sort();
    expect(keys).toEqual(['ga4', 'meta', 'sgtm']);
  });

  test('that comes again with its delivery id is a duplicate', async () => {
    await send(lampOrder(1002), 'orders/paid', 'delivery-1002');
    expect(await send(lampOrder(1002, { note: 'edited' }), 'orders/paid', 'delivery-1002')).toMatchObject({
      status: 200,
      body: '{"status":"duplicate"}',
    });
  });

  test('S15 that comes again with the same body under a new delivery id is a duplicate', async () => {
    const body = lampOrder(1003);
    await send(body);
    expect(await send(body)).toMatchObject({ body: '{"status":"duplicate"}' });
  });

  test('under three topics, in any order, is one purchase', async () => {
    await send(lampOrder(1004, { financial_status: 'pending' }), 'orders/create');
    await send(lampOrder(1004, { updated_at: 'a' }), 'orders/updated');
    await send(lampOrder(1004, { updated_at: 'b' }), 'orders/paid');
    await send(lampOrder(1005));
    // What came later may arrive earlier.
    const cameTo = (order: number) => [...rig.standins.ga4.counted.keys()].some((key) => key.includes(String(order)));
    await eventually(() => cameTo(1004) && cameTo(1005), '1004 and 1005 arrived');
    const purchases = rig.standins.received.filter(
      ({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes('"1004"'),
    );
    expect(purchases).toHaveLength(1);
  });

  test('and its refund arrive under the same transaction id and client id', async () => {
    await send(lampOrder(1006));
    await send(lampRefund(77, 1006), 'refunds/create');
    const refund = () =>
      rig.standins.received.find(
        ({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes('"refund"'),
      );
    await eventually(() => refund() !== undefined, 'the refund arrived');
    expect(refund()?.body).toMatchObject({
      client_id: '1380133182.1764792191',
      events: [{ name: 'refund', params: { transaction_id: '1006', currency: 'EUR', value: 50 } }],
    });
  });
});

describe('the hook port', () => {
  const url = (path: string) => `${rig.service.url}${path}`;
  test('S03 refuses an unsigned body and keeps nothing of it in the log', async () => {
    const { headers, ...hook } = fromShopify(lampOrder(2001));
    const { 'x-shopify-hmac-sha256': _signature, ...unsigned } = headers;
    expect(await post(rig.service.url, { ...hook, headers: unsigned })).toMatchObject({
      status: 401,
      body: '{"error":"unauthorized"}',
    });
    expect(rig.logged.join('')).not.toContain('buyer2001');
  });
  test('S19 answers 404 for an unknown store, source or path', async () => {
    for (const path of ['/hooks/nobody/shopify', '/hooks/shop/nothing', '/hooks', '/', '/admin', '/metrics']) {
      expect((await fetch(url(path), { method: 'POST', body: '{}' })).status).toBe(404);
    }
  });
  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
    'S20 answers 405 to %s and never redirects',
    async (method) => {
      const reply = await fetch(url('/hooks/shop/shopify'), { method, redirect: 'manual' });
      expect(reply.status).toBe(405);
      expect(reply.headers.get('allow')).toBe('POST');
    },
  );
  test('S22 answers 413 to a body over the limit, announced or not', async () => {
    const large = 'x'.repeat(2_000_001);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url('/hooks/shop/shopify'), { method: 'POST', headers, body: large })).status).toBe(413);
  });
  test('S29 answers 415 to a compressed body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await fetch(url('/hooks/shop/shopify'), { method: 'POST', headers, body: 'x' })).status).toBe(415);
  });
  test('S47 answers 415 to another content type', async () => {
    expect(
      (
        await fetch(url('/hooks/shop/shopify'), {
          method: 'POST',
          headers: { 'content-type': 'text/csv' },
          body: 'a,b',
        })
      ).status,
    ).toBe(415);
  });
  test('answers the unsigned form ping of WordPress with exactly 200', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await fetch(url('/hooks/shop/woo'), { method: 'POST', headers, body: 'webhook_id=7' })).status).toBe(200);
  });
  test('S84 shows no stack and no server name', async () => {
    const reply = await fetch(url('/hooks/%E0%A4%A/x'), { method: 'POST' });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('x-powered-by')).toBeNull();
    expect(await reply.text()).toBe('{"error":"bad request"}');
  });
  test('says that it is healthy and ready', async () => {
    expect((await fetch(url('/healthz'))).status).toBe(200);
    expect((await fetch(url('/readyz'))).status).toBe(200);
  });
});

describe('mapping files', () => {
  test('that break are named in the log with file and line, and the last good ones stay in use', async () => {
    await writeMapping(rig, 'stores/shop.yaml', 'store: shop\nsources: { shopify: { platfrm: shopify } }\n');
    expect(rig.logged.find((line) => line.includes('mappings.broken'))).toMatch(/stores\/shop\.yaml:\d+:\d+ /);
    expect((await send(lampOrder(3001))).status).toBe(200);
  });
  test('that change are used without a restart', async () => {
    const store = storeFile(rig.standins);
    const changed = { ...store, sources: { ...store.sources, lamps: store.sources.shopify } };
    await writeStore(rig, changed);
    const hook = { ...fromShopify(lampOrder(3002)), path: '/hooks/shop/lamps' };
    expect((await post(rig.service.url, hook)).status).toBe(200);
  });
  test('that count two shops with the same ids as one are used, and named in the log', async () => {
    const store = storeFile(rig.standins);
    const changed = { ...store, sources: { ...store.sources, woo_be: store.sources.woo } };
    await writeStore(rig, changed);
    expect(rig.logged.find((line) => line.includes('mappings.doubtful'))).toContain('woo and woo_be');
  });
});
