// Alerts from end to end about how they end: over only where that was seen, and not where nobody asks or nothing comes.
import { expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeHook } from '../keep/make.ts';
import { HOUR, useWatched, type Watched } from '../support/alerting.ts';
import { KEY_FILE } from '../support/report-api.ts';
import { SECRETS } from '../support/service.ts';

const start = useWatched();
const DAY = 24 * HOUR;
const PIXEL = '1234567890123456';
const NOWHERE = 'http://127.0.0.1:9';
const meta = { pixel_id: PIXEL, access_token: SECRETS.META_TOKEN, endpoint: NOWHERE, quality: true };
const ga4 = { measurement_id: 'G-TEST000001', api_secret: SECRETS.GA4_SECRET, endpoint: NOWHERE };
const asked = { ...ga4, property_id: '345678901', service_account: KEY_FILE };
const woo = { platform: 'woocommerce', secrets: [SECRETS.WOO_SECRET] };
const keyed = { ...woo, shop_domain: 'shop.example', consumer_key: 'ck_made_up', consumer_secret: 'cs_made_up' };
const PLACE = { store: 'shop', source: 'woo' };
/** That sources never sent anything is nothing here. */
const QUIET = { alerts: { ignore: ['silence'] } };
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** How alerts ended, in their marks. */
const ends = (shop: Watched): string[] => shop.told().flatMap((text) => /^[🟢⚪]/u.exec(text) ?? []);

/** The service is not there for so long. */
async function away(shop: Watched, ms: number): Promise<void> {
  shop.clock.at += ms;
  await shop.restart();
  await shop.pass(2);
}

const COULD_NOT: [string, object, object, (shop: Watched, problem: boolean) => Promise<void>][] = [
  [
    'a destination says of its events',
    { ...QUIET, destinations: { meta } },
    { destinations: { meta: { ...meta, quality: false } } },
    async ({ keep, clock: { at } }, problem) => {
      const end = problem ? { problem: 'it is away' } : { said: { at, events: [] } };
      await keep.noteQuality({ account: PIXEL, day: dayOf(at) }, at, end);
    },
  ],
  [
    'a report counted',
    { ...QUIET, destinations: { ga4: asked } },
    { destinations: { ga4 } },
    async ({ keep, clock: { at } }, problem) => {
      const zero = { sent: 1, counted: 1, repeated: 0, different: 0, strange: 0 };
      const lists = { missing: [], repeats: [], differences: [], strangers: [], channels: {} };
      const found = { ...zero, ...lists, currency: 'EUR', time_zone: 'UTC', partial: false };
      const day = { store: 'shop', destination: 'ga4', day: dayOf(at - 3 * DAY) };
      await keep.noteRecount(day, at, problem ? { problem: 'it is away' } : { found });
    },
  ],
];

test.each(COULD_NOT)('that nobody could ask what %s is over with an answer', async (_, store, __, ask) => {
  const shop = await start({}, store);
  for (let day = 0; day < 3; day++) {
    await ask(shop, true);
    await shop.pass(2);
    shop.clock.at += DAY;
  }
  expect([shop.told().length, ends(shop)]).toEqual([1, []]);
  await away(shop, 12 * DAY);
  expect(ends(shop)).toEqual([]);
  await ask(shop, true);
  await shop.pass(2);
  expect([shop.told().length, ends(shop)]).toEqual([1, []]);
  shop.clock.at += DAY;
  await ask(shop, false);
  await shop.pass(2);
  expect(ends(shop)).toEqual(['🟢']);
});

test.each(COULD_NOT)(
  'that nobody could ask what %s is not watched where nobody wants to know',
  async (_, store, rest, ask) => {
    const shop = await start({}, store);
    for (let day = 0; day < 3; day++) {
      await ask(shop, true);
      await shop.pass(2);
      shop.clock.at += DAY;
    }
    expect(shop.told()).toHaveLength(1);
    await shop.rewrite(rest);
    await shop.pass(2);
    expect(ends(shop)).toEqual(['⚪']);
  },
);

/** Alerts of what is asked with keys: how each comes to be. */
const WITH_KEYS: [string, (shop: Watched) => Promise<void>][] = [
  [
    'a list that cannot be compared',
    async (shop) => {
      for (let quarter = 0; quarter < 13; quarter++) {
        const problem = 'consumer_key was refused (401)';
        await shop.keep.noteComparison({ ...PLACE, list: 'orders', at: shop.clock.at, problem });
        await shop.pass(15);
      }
    },
  ],
  [
    'a webhook that is off',
    async (shop) => {
      const at = shop.clock.at;
      const one = {
        id: '5',
        plain: false,
        address: 'https://hooks.example/hooks/shop/woo',
        topics: ['order.updated'],
        on: false,
      };
      const here = [{ ...one, state: 'disabled', mendable: true, off_since: at }];
      const rest = { tries: {}, astray: [], told_astray: [], others: 0, known: {}, gone: {} };
      await shop.keep.noteWebhooks(PLACE, at, { found: { at, here, ...rest } });
      await shop.pass(2);
    },
  ],
];

test.each(WITH_KEYS)('%s is not over because the service was away', async (_, begin) => {
  const shop = await start({}, { ...QUIET, sources: { woo: keyed } });
  await begin(shop);
  expect(shop.told()).toHaveLength(1);
  await away(shop, 7 * HOUR);
  expect(shop.told()).toHaveLength(1);
});

test.each(WITH_KEYS)('%s is not watched where the keys to ask with are gone', async (_, begin) => {
  const shop = await start({}, { ...QUIET, sources: { woo: keyed } });
  await begin(shop);
  await shop.rewrite({ sources: { woo } });
  await shop.pass(2);
  expect(ends(shop)).toEqual(['⚪']);
  expect(shop.chat.received.at(-1)?.body).toContain('do not let it be asked');
  await shop.pass(80);
  expect(shop.told()).toHaveLength(2);
});

test('a list that hooks tell of by now is not said to be compared again', async () => {
  const settings = { shop_domain: 'shop.example', api_token: 'made_up' };
  const magento = { platform: 'magento', secrets: ['made up'], ...settings };
  const shop = await start({}, { ...QUIET, sources: { magento } });
  const place = { store: 'shop', source: 'magento' };
  const note = async (list: string, problem?: string) => {
    const end = problem === undefined ? { until: shop.clock.at, listed: 3 } : { problem };
    await shop.keep.noteComparison({ ...place, list, at: shop.clock.at, ...end });
  };
  for (let quarter = 0; quarter < 13; quarter++) {
    await note('orders');
    await note('creditmemos', 'api_token was refused (403)');
    await shop.pass(15);
  }
  expect(shop.told()).toEqual(['🔴 shop/magento: what came from it cannot be compared with what it lists']);
  const hour = Math.floor(shop.clock.at / HOUR);
  const topic = { ...place, topic: 'refund_stape_webhook', hour, hooks: 1, last_at: shop.clock.at };
  await shop.keep.addTopics([topic], hour);
  await shop.restart();
  await shop.pass(2);
  expect(ends(shop)).toEqual(['🟢']);
  expect(shop.chat.received.at(-1)?.body).toContain(
    'It is compared again, or need not be: hooks tell of what it lists.',
  );
});

test('signatures that do not fit are over when a hook is taken, and not when its sender gave up', async () => {
  const shop = await start({}, { ...QUIET, sources: { shopify: { platform: 'shopify', secrets: ['made up'] } } });
  const hour = Math.floor(shop.clock.at / HOUR);
  await shop.keep.addRefusals([{ hour, store: 'shop', source: 'shopify', refused: 6 }]);
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/shopify: signatures do not fit']);
  await shop.pass(300);
  // What had to be fetched says nothing of signatures.
  const { hook, ...made } = makeHook('fetched');
  const at = { id: firstIdAt(shop.clock.at), received_at: shop.clock.at };
  await shop.keep.keepFound([{ ...made, hook: { ...hook, store: 'shop', source: 'shopify', ...at } }]);
  await shop.pass(100);
  expect(ends(shop)).toEqual([]);
  await shop.hookComes();
  await shop.pass(40);
  expect(ends(shop)).toEqual(['🟢']);
});

test('signatures that do not fit are told as still there a week after the last one that was refused', async () => {
  const shop = await start({}, { ...QUIET, sources: { shopify: { platform: 'shopify', secrets: ['made up'] } } });
  const refuse = (refused: number) => {
    const hour = Math.floor(shop.clock.at / HOUR);
    return shop.keep.addRefusals([{ hour, store: 'shop', source: 'shopify', refused }]);
  };
  const told = () => shop.told().filter((text) => text.includes('signatures'));
  await refuse(6);
  await shop.pass(1);
  for (let day = 0; day < 9; day++) {
    await refuse(1);
    await shop.pass(1);
    shop.clock.at += 12 * HOUR;
    await shop.pass(1);
    shop.clock.at += 12 * HOUR;
  }
  expect(told()).toEqual(['🔴 shop/shopify: signatures do not fit']);
  // Who starts anew knows it too.
  await shop.restart();
  await shop.pass(1);
  expect(told()).toEqual(['🔴 shop/shopify: signatures do not fit']);
  shop.clock.at += 7 * 24 * HOUR;
  await shop.pass(1);
  expect(told()).toEqual([
    '🔴 shop/shopify: signatures do not fit',
    '⚪ Still there: shop/shopify: signatures do not fit',
  ]);
});

test('tries that fail are over when one arrives, and not because none is made', async () => {
  const shop = await start({}, QUIET);
  const tries = (kind: string) => shop.tried(kind, 'meta', 6);
  await tries('rejected');
  await shop.pass(5);
  expect(shop.told()).toEqual(['🔴 shop/meta: many tries fail']);
  await shop.pass(300);
  expect(ends(shop)).toEqual([]);
  await tries('delivered');
  await shop.pass(20);
  expect(ends(shop)).toEqual(['🟢']);
});

test('what a newer version told is left to it', async () => {
  const shop = await start({}, QUIET);
  const incident = { id: 'new', subject: 'weather shop', kind: 'weather', stores: ['shop'], title: 'Rain', detail: '' };
  await shop.keep.openIncident({ ...incident, todo: '', path: '/', since: shop.clock.at, opened_at: shop.clock.at }, [
    'all/slack',
  ]);
  await shop.pass(30);
  expect(shop.told()).toEqual(['🔴 Rain']);
});
