// Alerts from end to end about what orders tell: purchases that stop, what is left out, and currencies.
import { expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeDigest, makeEvent, makeHook, makePurchase } from '../keep/make.ts';
import { HOUR, NOON, useWatched, type Watched } from '../support/alerting.ts';
import { SECRETS } from '../support/service.ts';

const start = useWatched();
/** The other source of the store never sends anything, which is told after a day. */
const ofShopify = (told: string[]) => told.filter((text) => text.includes('shop/shopify'));

test('purchases that stop while other hooks come are told once, and their end once', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 60, 1);
  await shop.restart();
  for (let minute = 0; minute < 60; minute += 5) {
    await shop.hookComes({ state: 'ignored', reason: 'no event for products/update' });
    await shop.pass(5);
  }
  expect(shop.told()).toEqual(['🔴 shop: no purchase is made']);
  expect(shop.chat.received[0]?.body).toMatch(/No purchase has been made for \d+ min\. Usually about \d+ are made/);
  const bought = makeEvent(makePurchase('1'));
  await shop.hookComes({ events: [bought] });
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop: no purchase is made', '🟢 Over: shop: no purchase is made']);
});

test('purchases that stop because no hook comes are told as the silence of their source alone', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 60, 0);
  await shop.hookComes();
  await shop.restart();
  await shop.pass(150);
  expect(ofShopify(shop.told())).toEqual(['🔴 shop/shopify is silent']);
  expect(shop.told().join()).not.toContain('purchase');
});

test.each<[string, { state: 'stuck' | 'kept'; reason?: string; due_at?: number }, string]>([
  ['are stuck', { state: 'stuck', reason: 'no such field' }, '🔴 shop/shopify: hooks are stuck'],
  ['are not mapped yet', { state: 'kept', due_at: NOON }, '🔴 shop/shopify: hooks wait to be mapped'],
])('purchases whose hooks %s are told as that alone', async (_, digest, told) => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 60, 1);
  await shop.restart();
  for (let minute = 0; minute < 60; minute++) {
    await shop.hookComes(digest);
    await shop.pass(1);
  }
  expect(shop.told()).toEqual([told]);
});

test('purchases of a store that people alone enter may stop', async () => {
  const shop = await start({}, { sources: { desk: { platform: 'phone' } } });
  await shop.alerting.round();
  await shop.earnFor(4, 60, 1);
  await shop.restart();
  await shop.pass(120);
  expect(shop.told()).toEqual([]);
});

test('one stuck hook is no reason for purchases to stop', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 60, 1);
  await shop.restart();
  await shop.hookComes({ state: 'stuck', reason: 'no such field' });
  for (let minute = 0; minute < 60; minute += 5) {
    shop.clock.at += 1;
    await shop.hookComes({ state: 'ignored', reason: 'no event for products/update' });
    await shop.pass(5);
  }
  expect(shop.told()).toEqual(['🔴 shop/shopify: hooks are stuck', '🔴 shop: no purchase is made']);
});

test('a destination that gets much fewer of the events, because they are left out, is told', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 6, 0);
  await shop.deliverFor(4, 6, 'ga4', 0);
  await shop.deliverFor(4, 5, 'meta', 14);
  await shop.restart();
  await shop.hookComes();
  await shop.pass(5);
  expect(shop.told()).toEqual(['🔴 shop/meta: fewer events go there']);
  expect(shop.chat.received[0]?.body).toMatch(/Of 144 events in 24 hours 35% went there \(83% the week before\)/);
});

test('what waited for a destination and then went there was not left out', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.earnFor(4, 6, 20);
  await shop.deliverFor(4, 6, 'meta', 20);
  await shop.restart();
  const account = '1234567890123456';
  for (let order = 0; order < 100; order++) {
    shop.clock.at += 1_000;
    const deliveries = [{ destination: 'meta', account, due_at: shop.clock.at }];
    await shop.hookComes({ events: [{ ...makeEvent({ ...makePurchase(`${order}`), value: 1 }), deliveries }] });
  }
  await shop.pass(1);
  const lease = { now: shop.clock.at, lease_until: shop.clock.at + HOUR, lease_id: 'lease', limit: 100 };
  const claimed = await shop.keep.claimDeliveries({ account, ...lease });
  const attempt = { at: shop.clock.at, ms: 80, kind: 'delivered' as const };
  await shop.keep.finishDeliveries(claimed.map((delivery) => ({ delivery, attempt })));
  await shop.pass(15);
  expect(shop.told()).toEqual([]);
});

const OTHERS = { alerts: { ignore: ['silence', 'purchases', 'skipped'] } };
/** A month of purchases in euros, and a day of them in dollars, which is told. */
async function sellAbroad(): Promise<Watched> {
  const shop = await start({}, OTHERS);
  await shop.earnFor(4, 6, 24);
  await shop.earnFor(1 / 7, 6, 0, 'USD');
  await shop.restart();
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop: purchases come in another currency']);
  return shop;
}
/** From one day after that to another. */
async function sellDays(shop: Watched, from: number, to: number, currency: string): Promise<void> {
  for (let day = from; day <= to; day++) {
    shop.clock.at = NOON + day * 24 * HOUR;
    await shop.earnFor(1 / 7, 6, 0, currency);
    await shop.pass(70);
  }
}

test('a shop that does not let its orders be compared is told after hours of it, and its end', async () => {
  const keys = { shop_domain: 'acme.myshopify.com', api_token: 'shpat_made_up' };
  const shopify = { platform: 'shopify', secrets: [SECRETS.SHOP_SECRET], ...keys };
  const shop = await start({}, { sources: { shopify } });
  const place = { store: 'shop', source: 'shopify', list: 'orders' };
  const fails = async (quarters: number, problem: string | undefined) => {
    for (let quarter = 0; quarter < quarters; quarter++) {
      const end = problem === undefined ? { until: shop.clock.at, listed: 3 } : { problem };
      await shop.keep.noteComparison({ ...place, at: shop.clock.at, ...end });
      await shop.pass(15);
    }
  };
  await fails(1, undefined);
  await fails(11, 'the API answers 500');
  expect(shop.told()).toEqual([]);
  await fails(2, 'api_token was refused (401)');
  expect(shop.told()).toEqual(['🔴 shop/shopify: what came from it cannot be compared with what it lists']);
  expect(shop.chat.received[0]?.body).toContain('api_token was refused (401)');
  await fails(1, undefined);
  expect(shop.told()).toHaveLength(2);
});

test('a currency that came and stays is told as still there after a week, and not as over, and then is usual', async () => {
  const shop = await sellAbroad();
  await sellDays(shop, 1, 7, 'USD');
  expect(shop.told()).toHaveLength(1);
  await sellDays(shop, 8, 9, 'USD');
  expect(shop.told()).toHaveLength(2);
  const last = shop.chat.received[1]?.body;
  expect(last).toContain('⚪ *Still there: shop: purchases come in another currency*');
  expect(last).toContain('is taken for usual from now on');
});

test('a currency that came and went is told as over', async () => {
  const shop = await sellAbroad();
  await sellDays(shop, 1, 2, 'USD');
  await sellDays(shop, 3, 4, 'EUR');
  expect(shop.told()[1]).toBe('🟢 Over: shop: purchases come in another currency');
});

test('a currency that is the one of before again is not told as another one, though the week before had none of it', async () => {
  const shop = await sellAbroad();
  await sellDays(shop, 1, 6, 'USD');
  await sellDays(shop, 7, 16, 'EUR');
  expect(shop.told()).toEqual([
    '🔴 shop: purchases come in another currency',
    '🟢 Over: shop: purchases come in another currency',
  ]);
});

test('hooks that wait because the keys of a look-up are refused are told, and not those that wait for something else', async () => {
  const crm = { platform: 'hubspot', secrets: ['made up'], api_token: 'made_up' };
  const shop = await start({}, { sources: { crm }, alerts: { ignore: ['silence'] } });
  const wait = async (reason: string) => {
    const made = makeHook(reason, { lease_id: 'lease' });
    const come = { ...made, hook: { ...made.hook, store: 'shop', source: 'crm', id: firstIdAt(shop.clock.at) } };
    await shop.keep.keepHooks([{ ...come, hook: { ...come.hook, received_at: shop.clock.at } }]);
    const digest = { store: 'shop', state: 'waiting', reason, due_at: shop.clock.at + 2 * HOUR } as const;
    await shop.keep.recordDigests([makeDigest(come, digest)], shop.clock.at);
  };
  await wait('waits for the purchase of order 17');
  await shop.pass(20);
  expect(shop.told()).toEqual([]);
  await wait("waits for the contact's e-mail and click ids: api_token was refused (401)");
  await shop.pass(14);
  expect(shop.told()).toEqual([]);
  await shop.pass(2);
  expect(shop.told()).toEqual(['🔴 shop/crm: hooks wait for an answer']);
  expect(shop.chat.received[0]?.body).toContain('api_token was refused (401)');
  shop.clock.at += 2 * HOUR;
  const lease = { now: shop.clock.at, lease_until: shop.clock.at + HOUR, lease_id: 'again', limit: 9 };
  const claimed = await shop.keep.claimHooks(lease);
  const ends = claimed.map((hook) => makeDigest({ ...makeHook('again'), hook }, { store: 'shop', lease_id: 'again' }));
  await shop.keep.recordDigests(ends, shop.clock.at);
  await shop.pass(7);
  expect(shop.told()[1]).toBe('🟢 Over: shop/crm: hooks wait for an answer');
});
