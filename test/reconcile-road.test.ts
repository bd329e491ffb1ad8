// Orders whose webhooks got lost on the whole road: fetched by the command beside a running bridge, and sent once to each destination.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noteComparison } from '../src/keep/questions/comparisons.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import { type Browser, becomeAdmin } from './support/browser.ts';
import { runHere } from './support/cli.ts';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { type ShopApi, shopifyAt, startShopifyApi } from './support/listing.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeStore } from './support/service.ts';
import { traceOf } from './support/shop.ts';

const HALF_AN_HOUR = 1_800_000;
let rig: Rig;
let api: ShopApi;
beforeAll(async () => {
  api = await startShopifyApi(2);
  rig = await startRig();
  const store = storeFile(rig.standins);
  await writeStore(rig, {
    ...store,
    sources: { ...store.sources, shopify: { ...store.sources.shopify, ...shopifyAt(api) } },
  });
});
afterAll(async () => {
  await rig.close();
  await api.close();
});
beforeEach(() => {
  api.records = [];
});

const changed = { updated_at: new Date(Date.now() - HALF_AN_HOUR).toISOString() };
const sent = (id: number, destination: string) =>
  rig.standins.received.filter(
    (one) => one.destination === destination && JSON.stringify(one.body).includes(`"${id}"`),
  );
const everywhere = (id: number) => ['ga4', 'meta', 'sgtm'].map((destination) => sent(id, destination).length);
const reconcile = (...args: string[]) =>
  runHere(['reconcile', '--store', 'shop', ...args], {
    ...SECRETS,
    ALLOW_PRIVATE_DESTINATIONS: 'true',
    DATA_DIR: join(rig.folder, 'data'),
    MAPPINGS_DIR: join(rig.folder, 'mappings'),
  });

describe('the command', () => {
  test('tells which orders are missing, and with --dry-run keeps none of them', async () => {
    api.records = [901, 902, 903].map((id) => JSON.stringify(lampOrder(id, changed)));
    await post(rig.service.url, fromShopify(lampOrder(902, changed)));
    await eventually(() => sent(902, 'ga4').length === 1, 'the order that a webhook told of is sent');
    const { code, out } = await reconcile('--source', 'shopify', '--dry-run', '--since', '3d');
    expect(out).toContain('orders listed: 3; known, or not counted: 1; missing: 2');
    expect(out).toContain('missing, as orders/create: 901, 903');
    expect(out).not.toMatch(/example\.com|fetched/);
    expect([code, sent(901, 'ga4')]).toEqual([0, []]);
  });

  test('fetches what is missing, which is sent once everywhere, also when its webhook comes later', async () => {
    api.records = [JSON.stringify(lampOrder(911, changed))];
    const { out } = await reconcile('--source', 'shopify');
    expect(out).toContain('fetched: 1 hook, which take the road now');
    await eventually(() => everywhere(911).every((times) => times === 1), 'it is sent everywhere');
    expect(JSON.stringify(sent(911, 'ga4')[0]?.body)).toContain('1380133182.1764792191');
    await post(rig.service.url, fromShopify(lampOrder(911, changed)));
    await post(rig.service.url, fromShopify(lampOrder(912)));
    await eventually(() => everywhere(912).every((times) => times === 1), 'what came after its webhook is sent');
    expect(everywhere(911)).toEqual([1, 1, 1]);
    expect((await reconcile('--source', 'shopify')).out).toContain(
      'orders listed: 1; known, or not counted: 1; missing: 0',
    );
  });

  test('fetches a refund of which no webhook told', async () => {
    await post(rig.service.url, fromShopify(lampOrder(921)));
    await eventually(() => everywhere(921).every((times) => times === 1), 'the order is sent');
    const refunded = {
      ...changed,
      financial_status: 'refunded',
      refunds: [{ ...lampRefund(77, 921), created_at: changed.updated_at }],
    };
    api.records = [JSON.stringify(lampOrder(921, refunded))];
    expect((await reconcile('--source', 'shopify')).out).toContain('missing, as refunds/create: 77');
    await eventually(() => sent(921, 'ga4').length === 2, 'the refund is sent');
    expect(sent(921, 'ga4')[1]?.body).toMatchObject({ events: [{ name: 'refund' }] });
  });

  test('says what a source lacks, what the shop answers, and what it does not know', async () => {
    expect(await reconcile('--source', 'woo')).toMatchObject({
      code: 78,
      err: expect.stringContaining('consumer_key'),
    });
    api.instead = (_, response) => void response.writeHead(401).end();
    const { code, out } = await reconcile('--source', 'shopify');
    expect([code, out]).toEqual([1, expect.stringContaining('not compared to the end: api_token was refused (401)')]);
    expect(await reconcile('--source', 'phone')).toMatchObject({
      code: 78,
      err: expect.stringContaining('lists nothing'),
    });
    expect(await reconcile('--source', 'shopify', '--since', 'soon')).toMatchObject({ code: 78 });
    expect(await reconcile('--source', 'shopify', '--since', '5m')).toMatchObject({
      code: 78,
      err: expect.stringContaining('the last 10 minutes is left to its webhook'),
    });
  });
});

describe('the pages', () => {
  let admin: Browser;
  beforeAll(async () => {
    admin = await becomeAdmin(rig);
  });

  test('of a hook and of all hooks say that no webhook told of it', async () => {
    api.records = [JSON.stringify(lampOrder(931, changed))];
    await reconcile('--source', 'shopify');
    const trace = await admin.get(await traceOf(admin, '931'));
    expect(trace.text).toContain('Fetched from the shop, because no webhook had told of it');
    expect(trace.text).toContain('Nobody sent it');
    await post(rig.service.url, fromShopify(lampOrder(932)));
    const other = await admin.get(await traceOf(admin, '932'));
    expect(other.text).toContain('It was let in because it proved its sender');
    const listed = (await admin.get('/hooks')).text.match(/<span class="tag">fetched<\/span>/g);
    expect(listed).toHaveLength(3);
  });

  test('of a source say when it was compared, what failed, and how much had to be fetched', async () => {
    const place = { store: 'shop', source: 'shopify', list: 'orders' };
    const before = await admin.get('/sources/shop/shopify');
    expect(before.text).toContain('Not compared yet with the orders that Shopify lists');
    expect(before.text).toContain('3 hooks had to be fetched in 7 days');
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    await noteComparison(db, { ...place, at: Date.now() - 300_000, until: Date.now(), listed: 1234 });
    await noteComparison(db, { ...place, at: Date.now() - 60_000, problem: 'the API answers 500' });
    await close();
    await eventually(async () => (await admin.get('/sources/shop/shopify')).text.includes('answers 500'), 'it is told');
    const { text } = await admin.get('/sources/shop/shopify');
    expect(text).toContain('1,234 had changed');
    expect(text).toMatch(/The last comparison, at .* failed: the API answers 500/);
    expect((await admin.get('/sources/shop/woo')).text).not.toMatch(/compared|had to be fetched/i);
    const shown = await (await fetch(`${rig.service.adminUrl}/metrics`)).text();
    expect(shown).toMatch(/^tagbridge_last_compared_seconds\{store="shop",source="shopify"\} 3\d\d/m);
    expect(shown).toContain('tagbridge_comparison_failed{store="shop",source="shopify"} 1');
    expect(shown).toContain('tagbridge_hooks_fetched{store="shop",source="shopify"} 3');
    expect(shown).not.toMatch(/(compar|fetched).*source="woo"/);
  });
});
