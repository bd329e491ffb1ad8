// Webhooks that a shop switched off, as people hear of it: on the pages, in the API, on the command line, and until they are on again.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaveWatch, takeWatch } from '../src/keep/questions/watches.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import { createClient, makeToken } from './support/api.ts';
import { type Browser, becomeAdmin } from './support/browser.ts';
import { runHere } from './support/cli.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile } from './support/service.ts';
import { startWooWebhooks, type WooWebhooks, wooWebhooksAt } from './support/woo-webhooks.ts';

const PUBLIC_URL = 'https://hooks.lamps.example';
let shop: WooWebhooks;
let rig: Rig;
let admin: Browser;
beforeAll(async () => {
  shop = await startWooWebhooks();
  const woo = { platform: 'woocommerce', secrets: ['${WOO_SECRET}'], ...wooWebhooksAt(shop) };
  const quiet = { ga4: { origin: shop.url }, meta: { origin: shop.url }, sgtm: { origin: shop.url } };
  rig = await startRig({ PUBLIC_URL }, { sources: { ...storeFile(quiet).sources, woo } });
  admin = await becomeAdmin(rig);
});
afterAll(async () => {
  await rig.close();
  await shop.close();
});
const run = (...args: string[]) =>
  runHere(['webhooks', ...args], {
    ...{ ...SECRETS, PUBLIC_URL, ALLOW_PRIVATE_DESTINATIONS: 'true' },
    ...{ DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') },
  });
const page = async (path: string) => (await admin.get(path)).text;
/** Pages may be some seconds old. */
const shows = (path: string, words: string) =>
  eventually(async () => (await page(path)).includes(words), `${path} says ${words}`);
const list = (status: 'active' | 'paused' | 'disabled') => {
  const delivery_url = `${PUBLIC_URL}/hooks/shop/woo?key=hidden-key`;
  shop.webhooks = [
    { id: 1, topic: 'order.updated', status, delivery_url },
    { id: 2, topic: 'order.created', status: 'active', delivery_url },
    { id: 3, topic: 'order.created', status: 'active', delivery_url: 'https://stock.example/?key=hidden-key' },
  ];
};

test('one that is switched off is told until it is on again', async () => {
  list('active');
  const well = await run();
  expect(well).toMatchObject({ code: 0 });
  expect(well.out).toContain('shop/woo: 2 webhooks send here, 1 elsewhere');
  expect(await page('/sources/shop/woo')).toContain('What WooCommerce says it sends here');
  expect(await page('/')).not.toContain('does not send all that counts');

  list('disabled');
  const off = await run('--store', 'shop', '--source', 'woo');
  expect(off).toMatchObject({ code: 1 });
  expect(off.out).toContain('off 1 disabled: order.updated');
  expect(off.out).toContain('In WordPress open');
  await shows('/sources/shop/woo', 'off</span> (disabled)');
  const shown = await page('/sources/shop/woo');
  expect(shown).toMatch(/order\.updated<\/td>.*off<\/span> \(disabled\)/s);
  expect(shown).toContain('In WordPress open WooCommerce');
  await shows('/', 'shop/woo: WooCommerce does not send all that counts');
  const client = createClient(rig, await makeToken(admin));
  const { json } = await client.get('/sources');
  expect(JSON.stringify(json)).toContain('"here":[{"id":"1","address":"https://hooks.lamps.example/hooks/shop/woo?…"');
  expect(JSON.stringify(json)).toContain('"on":false,"state":"disabled"');

  const refused = await run('--mend');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.out).toContain('not switched on again');
  expect(refused.out).toContain('Read/Write');
  await shows('/sources/shop/woo', 'It could not be switched on again from here: ');
  expect(await page('/sources/shop/woo')).toContain('(401). That takes Read/Write.');
  expect(JSON.stringify((await client.get('/sources')).json)).toContain('"unmended":"');
  shop.right = 'read_write';
  const mended = await run('--mend', '--json');
  expect(mended).toMatchObject({ code: 0 });
  expect(JSON.parse(mended.out)).toMatchObject([
    { store: 'shop', source: 'woo', switched_on: ['1'], off: [], gone: [] },
  ]);
  await shows('/sources/shop/woo', 'switched on again at');
  await eventually(async () => !(await page('/')).includes('does not send all'), 'the trouble is gone');
  expect(await page('/audit')).toContain('webhook on');
  const all = [well, off, refused, mended].map(({ out }) => out).join('') + shown + rig.logged.join('');
  expect(all).not.toMatch(/hidden-key|cs_made_up/);
});

test('one is switched on by one at a time, and who comes second says why it does not ask', async () => {
  list('disabled');
  shop.right = 'read_write';
  const before = shop.changes().length;
  const both = await Promise.all([run('--mend'), run('--mend')]);
  expect(shop.changes().slice(before)).toHaveLength(1);
  expect(both.some(({ out }) => out.includes('switched on again now'))).toBe(true);
  const lease = { name: 'webhooks shop/woo', holder: 'the service', now: Date.now(), gap: 0 };
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  await takeWatch(db, { ...lease, lease_until: Date.now() + 60_000 });
  list('disabled');
  expect(await run('--mend')).toMatchObject({ code: 1, out: expect.stringContaining('try again in a minute') });
  await leaveWatch(db, 'the service', 'webhooks shop/woo');
  await close();
  expect(shop.changes().slice(before)).toHaveLength(1);
});

test('one that was deleted is told by what it told of; a key that may not ask is no trouble', async () => {
  shop.webhooks = shop.webhooks.filter(({ id }) => id !== 1);
  expect((await run()).out).toContain('gone: order.updated');
  await shows('/sources/shop/woo', 'gone</span>');
  shop.right = 'read';
  list('active');
  expect(await run()).toMatchObject({ code: 0 });
  shop.right = 'customer';
  const refused = await run();
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('may not read this (403)');
  expect(refused.out).toContain('asking for them takes a key');
  await shows('/sources/shop/woo', 'It could not say at');
  await eventually(async () => !(await page('/')).includes('WooCommerce'), 'there is no trouble');
});

test('what a right is needed for is said where one lacks, not where the shop itself failed', async () => {
  shop.instead = { status: 500, type: 'text/html', body: 'oops' };
  const failed = await run();
  expect(failed.out).toContain('the API answers 500');
  expect(failed.out).not.toContain('takes');
  await shows('/sources/shop/woo', 'the API answers 500. Hooks are taken as ever');
  shop.instead = undefined;
  shop.right = 'none';
  expect((await run()).out).toContain('asking for them takes a key');
  await shows('/sources/shop/woo', 'To see its webhooks here takes a key');
});

test('one that has the address of a source which was renamed is told with the address that it should have', async () => {
  shop.right = 'read';
  list('active');
  shop.webhooks = shop.webhooks.map((one) => ({
    ...one,
    delivery_url: `${PUBLIC_URL}/hooks/shop/lamps?key=hidden-key`,
  }));
  shop.webhooks.push({
    id: 4,
    topic: 'order.updated',
    status: 'active',
    delivery_url: `${PUBLIC_URL}/hooks/shop/shopify`,
  });
  const { out, code } = await run();
  expect(code).toBe(1);
  expect(out).toContain('sent to /hooks/shop/shopify, another source here: order.updated');
  expect(out).toContain('sent to /hooks/shop/lamps, and no source is there: order.updated, order.created');
  await shows('/sources/shop/woo', 'and no source is there, so it is refused');
  expect(await page('/sources/shop/woo')).toMatch(/order\.updated: sent to another source of this bridge, .*shopify/);
  await shows('/', 'shop/woo: WooCommerce sends nothing here any more');
  const client = createClient(rig, await makeToken(admin));
  expect(JSON.stringify((await client.get('/sources')).json)).toContain('"lost":[{"path":"/hooks/shop/lamps"');
});

test('a source that cannot be asked says what it takes', async () => {
  const { out, err, code } = await run('--store', 'shop', '--source', 'shopify');
  expect(code).toBe(78);
  expect(out + err).toContain('Shopify is not asked for its webhooks');
});
