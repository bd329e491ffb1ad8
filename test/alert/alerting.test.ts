// Alerts from end to end: a real database, real HTTP to a stand-in of a chat, and a clock that is moved.
import { expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeHook } from '../keep/make.ts';
import { HOUR, MINUTE, useWatched } from '../support/alerting.ts';

const start = useWatched();
/** The other source of the store never sends anything, which is told after a day. */
const ofShopify = (told: string[]) => told.filter((text) => text.includes('shop/shopify'));

test('a source that falls silent is told once, over a restart, and its end once', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.hookComes();
  await shop.restart();
  await shop.pass(15);
  expect(shop.told()).toEqual([]);
  await shop.pass(45);
  expect(ofShopify(shop.told())).toEqual(['🔴 shop/shopify is silent']);
  const [message] = shop.chat.received;
  expect(message?.body).toMatch(/No hook has come for \d+ min\. Usually about \d+ come in such a time\./);
  await shop.restart();
  await shop.pass(30);
  expect(ofShopify(shop.told())).toHaveLength(1);
  await shop.hookComes();
  await shop.pass(1);
  expect(ofShopify(shop.told())).toEqual(['🔴 shop/shopify is silent', '🟢 Over: shop/shopify is silent']);
  await shop.restart();
  await shop.hookComes();
  await shop.pass(15);
  expect(ofShopify(shop.told())).toHaveLength(2);
});

test('two replicas that look at the same time tell it once', async () => {
  const shop = await start();
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  const rivals = [shop.alerting, shop.another(), shop.another()];
  await Promise.all(rivals.map((one) => one.round()));
  shop.clock.at += 10 * 60_000;
  await Promise.all(rivals.map((one) => one.round()));
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused']);
});

test('a replica that is stopped before it has looked tells nothing any more, and the next one tells it once', async () => {
  const shop = await start();
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.restart();
  expect(shop.told()).toEqual([]);
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused']);
});

test('a pause by hand is told when it was forgotten for a day, and its end when it is resumed', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'an admin paused it', since: shop.clock.at });
  await shop.pass(2);
  expect(shop.told()).toEqual([]);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  expect(shop.told().join()).toContain('shop/ga4 is paused');
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(6);
  expect(shop.told().join()).toContain('🟢 Over: shop/ga4 is paused');
});

test('how long something lasted does not count the calm in which its end was waited for', async () => {
  const shop = await start();
  await shop.alerting.round();
  const since = shop.clock.at;
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'the token', since, settings: 'stamp' });
  await shop.pass(4);
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(7);
  expect(shop.told()).toHaveLength(2);
  expect(shop.chat.received[1]?.body).toContain('It is sent to again. It lasted 5 min.');
});

test('what nobody sees to is told as still there when it is told no more, and not as over', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.hookComes({ state: 'stuck', reason: 'no such field' });
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/shopify: hooks are stuck']);
  shop.clock.at += 24 * HOUR;
  await shop.pass(1);
  const last = shop.chat.received.at(-1)?.body;
  expect(last).toContain('⚪ *Still there: shop/shopify: hooks are stuck*');
  expect(last).toContain('Nobody has seen to it');
  expect(last).not.toContain('Over');
  await shop.hookComes({ state: 'stuck', reason: 'no such field' });
  await shop.pass(1);
  expect(shop.told().at(-1)).toBe('🔴 shop/shopify: hooks are stuck');
});

test('that orders had to be fetched is told until none was for a day, but not what was ordered before there was a source', async () => {
  const keys = { shop_domain: 'acme.myshopify.com', api_token: 'shpat_made_up' };
  const shop = await start({}, { sources: { shopify: { platform: 'shopify', secrets: ['made up'], ...keys } } });
  await shop.alerting.round();
  const told = () => shop.told().filter((title) => title.includes('webhooks'));
  const fetched = async () => {
    const made = makeHook(`fetched at ${shop.clock.at}`);
    const hook = { ...made.hook, id: firstIdAt(shop.clock.at), store: 'shop', source: 'shopify' };
    await shop.keep.keepFound([{ ...made, hook }]);
  };
  shop.clock.at += MINUTE;
  await fetched();
  await shop.pass(1);
  expect(told()).toEqual([]);
  shop.clock.at += HOUR;
  await fetched();
  await shop.pass(1);
  expect(told()).toEqual(['🔴 shop/shopify: webhooks do not arrive']);
  expect(shop.chat.received.map(({ body }) => body).join()).toContain(
    '1 hook had to be fetched from the shop in 24 hours',
  );
  await shop.hookComes({ state: 'ignored', reason: 'test' });
  shop.clock.at += 23 * HOUR;
  await shop.pass(1);
  expect(told()).toHaveLength(1);
  shop.clock.at += HOUR;
  await shop.pass(1);
  expect(told()).toContain('🟢 Over: shop/shopify: webhooks do not arrive');
});

test.each<[string, object]>([
  [
    'whose source is taken out of the store file',
    { sources: { woo: { platform: 'woocommerce', secrets: ['${WOO_SECRET}'] } } },
  ],
  ['that the store file asks not to be told of', { alerts: { ignore: ['silence'] } }],
])('silence %s is not watched any more, and no hook is said to come again', async (_, over) => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 60);
  await shop.hookComes();
  await shop.restart();
  await shop.pass(60);
  expect(ofShopify(shop.told())).toEqual(['🔴 shop/shopify is silent']);
  await shop.rewrite(over);
  await shop.pass(1);
  const last = shop.chat.received.at(-1)?.body;
  expect(last).toContain('⚪ *Not watched any more: shop/shopify is silent*');
  expect(last).not.toContain('Hooks come again');
});

test('what comes and goes every minute is told once', async () => {
  const shop = await start();
  await shop.alerting.round();
  const account = 'G-TEST000001';
  for (let minute = 0; minute < 14; minute += 2) {
    await shop.keep.pauseAccount({ account, reason: 'x', since: shop.clock.at, settings: 'stamp' });
    await shop.hookComes({ state: 'stuck', reason: 'no such field' });
    await shop.pass(1);
    await shop.keep.resumeAccount(account);
    const stuck = [{ store: 'shop', source: 'shopify', state: 'stuck' }];
    const hooks = await shop.keep.listHooks(stuck, { before: '', since: '', limit: 10 });
    const ids = hooks.map(({ id }) => id);
    await shop.keep.mapAgain(ids, shop.clock.at);
    await shop.pass(1);
  }
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused and 1 more']);
});

test('a source that never sent anything is told after a day, all of them in one message', async () => {
  const shop = await start();
  await shop.alerting.round();
  shop.clock.at += 24 * HOUR;
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/shopify: no hook ever came and 1 more']);
  await shop.hookComes();
  await shop.pass(1);
  expect(shop.told()[1]).toBe('🟢 Over: shop/shopify: no hook ever came');
});

test('time in which no service ran is not silence', async () => {
  const shop = await start();
  await shop.sellFor(4, 60);
  await shop.hookComes();
  await shop.pass(1);
  shop.clock.at += 5 * HOUR;
  await shop.restart();
  await shop.pass(10);
  expect(ofShopify(shop.told())).toEqual([]);
  await shop.pass(50);
  expect(ofShopify(shop.told())).toEqual(['🔴 shop/shopify is silent']);
});

test('a topic that stopped while others of its source come is told once, and its end when it comes again', async () => {
  const shop = await start();
  await shop.alerting.round();
  await shop.sellFor(4, 12);
  await shop.topicFor('orders/paid', 4, 6, 0);
  await shop.topicFor('refunds/create', 4, 5, 0);
  const topicComes = (topic: string) => {
    const place = { store: 'shop', source: 'shopify', hour: Math.floor(shop.clock.at / HOUR) };
    return shop.keep.addTopics([{ ...place, topic, hooks: 1, last_at: shop.clock.at }], 0);
  };
  const othersCome = async (hours: number) => {
    for (let hook = 0; hook < hours * 12; hook++) {
      await shop.pass(5);
      await shop.hookComes();
      await topicComes('orders/paid');
      await shop.keep.countNewHooks(shop.clock.at, String(shop.clock.at));
    }
  };
  await othersCome(4);
  expect(shop.told()).toEqual([]);
  await shop.restart();
  await othersCome(3);
  expect(shop.told()).toEqual(['🔴 shop/shopify: refunds/create has stopped']);
  expect(shop.chat.received[0]?.body).toMatch(
    /The last one came \d hours ago, and about 840 came in the week before it/,
  );
  await topicComes('refunds/create');
  await shop.pass(1);
  expect(shop.told()).toHaveLength(2);
  expect(shop.told()[1]).toBe('🟢 Over: shop/shopify: refunds/create has stopped');
});

test('a sender that says that no more hooks will come is told at once, what the law asks for is no return, and a hook is', async () => {
  const shop = await start();
  await shop.alerting.round();
  const comes = async (topic: string) => {
    const place = { store: 'shop', source: 'shopify', hour: Math.floor(shop.clock.at / HOUR) };
    await shop.hookComes({ state: 'ignored' });
    await shop.keep.addTopics([{ ...place, topic, hooks: 1, last_at: shop.clock.at }], 0);
    await shop.pass(1);
  };
  await comes('orders/paid');
  expect(shop.told()).toEqual([]);
  await comes('app/uninstalled');
  expect(shop.told()).toEqual(['🔴 shop/shopify: no more hooks will come']);
  expect(shop.chat.received[0]?.body).toContain('app/uninstalled came 60 s ago: the app was removed from the shop');
  await shop.restart();
  await comes('shop/redact');
  expect(shop.told()).toHaveLength(1);
  await comes('orders/paid');
  expect(shop.told()[1]).toBe('🟢 Over: shop/shopify: no more hooks will come');
});
