// Switching webhooks on again: which ones, how often at most whatever the shop lists in between, and what stays known of a failure.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttp } from '../../src/deliver/http.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Source } from '../../src/map/files/source.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createAskWebhooks } from '../../src/road/webhooks.ts';
import { buildStore } from '../support/stores.ts';
import { startWooWebhooks, type WooWebhook, type WooWebhooks, wooWebhooksAt } from '../support/woo-webhooks.ts';

const HOUR = 3_600_000;
const OURS = 'https://hooks.lamps.example';
const HERE = `${OURS}/hooks/shop/woocommerce`;
const off = (id: number, topic: string, over: Partial<WooWebhook> = {}): WooWebhook => ({
  ...{ id, topic, status: 'disabled', delivery_url: HERE },
  ...over,
});

let shop: WooWebhooks;
let folder: string;
let keep: Keep;
let close: () => Promise<void>;
let clock: number;
let source: Source;

const sourceWith = async (more: object) => {
  const { sources } = await buildStore('woocommerce', {}, wooWebhooksAt(shop, { mends: true, ...more }));
  const found = sources.get('woocommerce');
  if (found === undefined) throw new Error('there is no source');
  return found;
};
beforeEach(async () => {
  shop = await startWooWebhooks();
  shop.right = 'read_write';
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-mending-'));
  const { db, ...opened } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  keep = createKeep({ db, vault: plainVault });
  close = opened.close;
  clock = Date.UTC(2026, 0, 15);
  source = await sourceWith({});
});
afterEach(async () => {
  await close();
  await shop.close();
  await rm(folder, { recursive: true, force: true });
});

/** Asks as the service does, an hour later unless said. `isLive` is for rates, which the real clock keeps. */
async function ask(publicUrl: string | undefined = OURS, { isLive = false } = {}) {
  clock += HOUR;
  const now = isLive ? Date.now : () => clock;
  const parts = { keep, now, signal: new AbortController().signal };
  const log = { info: () => undefined, warn: () => undefined };
  const lookups = createLookups({ ...parts, send: createHttp({ allowPrivate: true }).send, log });
  const asked = await createAskWebhooks({
    ...parts,
    lookups,
    publicUrl: publicUrl === '' ? undefined : publicUrl,
    knows: () => true,
  })(source, {
    mend: { actor: 'tagbridge', atOnce: false },
  });
  if (asked === undefined) throw new Error('nobody was asked');
  return asked;
}

test('all that are off are switched on again, as fast as the rate of the shop allows', async () => {
  source = await sourceWith({ rate: '2/s' });
  shop.webhooks = [off(1, 'order.updated'), off(2, 'order.created')];
  const { mended, unmended } = await ask(OURS, { isLive: true });
  expect({ mended, unmended }).toEqual({ mended: ['1', '2'], unmended: undefined });
});

test('an empty list in between makes it no more often', async () => {
  const times: number[] = [];
  for (let hour = 0; hour < 34; hour += 1) {
    shop.webhooks = hour % 2 === 1 ? [] : [off(1, 'order.updated')];
    const before = shop.changes().length;
    await ask();
    if (shop.changes().length > before) times.push(hour);
  }
  expect(times).toEqual([0, 2, 8, 32]);
});

test('one that was replaced by another, or of which nobody needs to hear, is left as it is', async () => {
  shop.webhooks = [off(1, 'order.updated'), off(2, 'order.updated', { status: 'active' }), off(3, 'product.updated')];
  await ask();
  expect(shop.changes()).toEqual([]);
});

test('where nobody said under which address this service is reached, none is taken for its own', async () => {
  shop.webhooks = [off(1, 'order.updated', { delivery_url: 'https://test.lamps.example/hooks/shop/woocommerce' })];
  const { unmended } = await ask('');
  expect(shop.changes()).toEqual([]);
  expect(unmended).toContain('PUBLIC_URL');
});

test('a redirect is not followed', async () => {
  shop.webhooks = [off(1, 'order.updated')];
  const elsewhere = await startWooWebhooks();
  shop.redirect = `${elsewhere.url}/wp-json/wc/v3/webhooks/1`;
  const { mended, unmended } = await ask();
  await elsewhere.close();
  expect({ mended, asked: elsewhere.received }).toEqual({ mended: [], asked: [] });
  expect(unmended).toContain('sends elsewhere');
});

test('why it could not be done stays known until it is on', async () => {
  shop.right = 'read';
  shop.webhooks = [off(1, 'order.updated')];
  await ask();
  const known = async () => (await keep.listWebhooks())[0]?.found?.here.map(({ unmended }) => unmended);
  const [why] = (await known()) ?? [];
  expect(why).toContain('(401)');
  await ask();
  expect(await known()).toEqual([why]);
  shop.webhooks = [off(1, 'order.updated', { status: 'active' })];
  await ask();
  expect(await known()).toEqual([undefined]);
});

test('what a shop writes is kept in short', async () => {
  const long = 'x'.repeat(100_000);
  shop.webhooks = [off(1, `order.${long}`, { delivery_url: `${HERE}?${long}` })];
  await ask();
  expect(JSON.stringify(await keep.listWebhooks()).length).toBeLessThan(2_000);
});
