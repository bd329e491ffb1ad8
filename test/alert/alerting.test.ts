// Alerts from end to end: a real database, real HTTP to a stand-in of a chat, and a clock that is moved.
import { afterEach, expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeEvent, makeHook, makePurchase } from '../keep/make.ts';
import { HOUR, MINUTE, NOON, startWatched, type Watched } from '../support/alerting.ts';
import { startReceiver } from '../support/deliver-receiver.ts';

let watched: Watched | undefined;
const start = async (...given: Parameters<typeof startWatched>): Promise<Watched> => {
  watched = await startWatched(...given);
  return watched;
};
afterEach(() => watched?.close());
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

test('a chat that does not answer is told later, in order, and holds up nobody else', async () => {
  const shop = await start(
    { ALERT_DISCORD_URL: 'http://127.0.0.1:9/' },
    { alerts: { webhook: { url: 'http://127.0.0.1:9/', secrets: [`whsec_${'a'.repeat(40)}`] } } },
  );
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(6);
  expect(shop.told()).toHaveLength(2);
  const incidents = await shop.keep.listEndedIncidents('', 1);
  const notices = await shop.keep.listNotices(incidents.map(({ id }) => id));
  expect(notices.filter(({ contact }) => contact === 'all/discord')).toMatchObject([
    { phase: 'open', attempts: 3, sent_at: undefined, problem: 'no answer: refused' },
    { phase: 'end', attempts: 0 },
  ]);
  expect(shop.logged.join('')).toContain('alert.not_sent');
  expect(shop.logged.join('')).not.toContain('127.0.0.1:9');
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
  const shop = await start();
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

test('a message that tells of an end and of a beginning is headed by the beginning', async () => {
  const shop = await start();
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(1);
  shop.clock.at += 24 * HOUR;
  await shop.pass(1);
  expect(shop.chat.received.at(-1)?.body).toContain('Over: shop/ga4 is paused');
  expect(shop.told().at(-1)).toMatch(/^🔴 shop\/shopify: no hook ever came and \d more$/);
});

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
  const shop = await start();
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

test('that hooks cannot be kept is told once, without the database, and its end once', async () => {
  const shop = await start();
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  expect(shop.told()).toEqual([]);
  await shop.pass(4);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
  shop.failing.since = undefined;
  await shop.pass(2);
  shop.failing.since = shop.clock.at;
  await shop.pass(5);
  expect(shop.told()).toHaveLength(1);
  shop.failing.since = undefined;
  await shop.pass(7);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
  expect(shop.chat.received[1]?.body).toContain('It lasted 13 min.');
  await shop.pass(10);
  expect(shop.told()).toHaveLength(2);
});

test('a failover of a minute is told nobody', async () => {
  const shop = await start();
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  shop.failing.since = undefined;
  await shop.pass(10);
  expect(shop.told()).toEqual([]);
});

test('that hooks cannot be kept is told by the replica that watched, and not by the others', async () => {
  const shop = await start();
  const other = shop.another();
  await shop.alerting.round();
  await other.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(3);
  await other.round();
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
});

test('that hooks are kept again is told by who told that they were not, also when another replica watches by then', async () => {
  const shop = await start();
  const other = shop.another();
  await shop.alerting.round();
  for (let time = 1; time <= 2; time++) {
    shop.failing.since = shop.clock.at;
    await shop.pass(3);
    // Nobody could take the watch for longer than a lease, and then the other one was first.
    shop.clock.at += 4 * 60_000;
    shop.failing.since = undefined;
    for (let minute = 0; minute < 7; minute++) {
      await other.round();
      await shop.pass(1);
    }
    expect(shop.told().slice(2 * time - 2)).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
    shop.clock.at += 4 * 60_000;
    await shop.alerting.round();
  }
});

test('a contact that took nothing hears later that hooks cannot be kept', async () => {
  let status = 503;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(4);
  expect(program.received.length).toBeGreaterThan(1);
  status = 200;
  await shop.pass(1);
  const tries = program.received.length;
  await shop.pass(5);
  expect(program.received).toHaveLength(tries);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
  await program.close();
});

test('an outage an hour after another one is another, also while a contact has not heard of the end of the first', async () => {
  let status = 200;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(4);
  status = 503;
  shop.failing.since = undefined;
  await shop.pass(60);
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
  await shop.pass(1);
  expect(shop.told().slice(2)).toEqual(['🔴 Hooks cannot be kept']);
  expect(shop.chat.received.at(-1)?.body).toContain('For 2 min every hook has been answered with 503');
  await program.close();
});

test('a contact that takes nothing is tried once a round, however much it is owed, and gets all of it later', async () => {
  let status = 503;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  const accounts = ['G-TEST000001', 'gone-1', 'gone-2', 'gone-3'];
  for (const account of accounts)
    await shop.keep.pauseAccount({ account, reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  expect(program.received).toHaveLength(1);
  status = 400;
  await shop.pass(1);
  expect(program.received).toHaveLength(1 + accounts.length);
  status = 200;
  await shop.pass(10);
  expect(program.received).toHaveLength(1 + 2 * accounts.length);
  await program.close();
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

test('what cannot be told for a day is told no more', async () => {
  const shop = await start({ ALERT_SLACK_URL: 'http://127.0.0.1:9/' });
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  for (let hour = 0; hour < 30; hour++) {
    await shop.alerting.round();
    shop.clock.at += HOUR;
  }
  const [incident] = await shop.keep.listOpenIncidents();
  const [notice] = await shop.keep.listNotices([incident?.id ?? '']);
  expect(notice).toMatchObject({ due_at: undefined, sent_at: undefined, problem: 'no answer: refused' });
});

test('the contacts of a store hear of it, and what they ignore is no incident', async () => {
  const alerts = { slack: { url: '${CHAT_URL}' }, ignore: ['silence'] };
  const shop = await start({}, { alerts });
  await shop.alerting.round();
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  expect(shop.told()).toEqual([]);
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused', '🔴 shop/ga4 is paused']);
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
