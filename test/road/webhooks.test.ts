// Asking a shop for its webhooks: which of them send here, what is noted over restarts, and a key that may not list them.
import { describe, expect, test } from 'vitest';
import { createHttp } from '../../src/deliver/http.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createAskWebhooks } from '../../src/road/webhooks.ts';
import { buildStore } from '../support/stores.ts';
import { wooWebhooksAt } from '../support/woo-webhooks.ts';
import { both, HOUR, NOTHING, useWebhooks, webhook } from './webhooks-rig.ts';

const rig = useWebhooks();
const { ask, knows, listed, logged, open, replica, sourceOf, wrong } = rig;

describe('what a shop lists', () => {
  test('is known by its address, whatever stands behind it and in whatever letters its host is', async () => {
    rig.shop.webhooks = [
      webhook(1, 'order.updated', {
        delivery_url: 'https://HOOKS.lamps.example/hooks/shop/woocommerce/?key=hidden-key',
      }),
      webhook(2, 'order.created', {
        delivery_url: 'http://user:hidden-word@hooks.lamps.example/hooks/shop/woocommerce',
      }),
      webhook(3, 'order.created', { delivery_url: 'https://hooks.lamps.example/hooks/shop/woocommerce2' }),
      webhook(4, 'order.created', { delivery_url: 'https://old.lamps.example/hooks/shop/woocommerce?key=hidden-key' }),
      webhook(5, 'order.created', { delivery_url: 'http://[broken' }),
      webhook(6, 'order.created', { delivery_url: '' }),
      webhook(7, 'product.updated', { delivery_url: 'https://stock.example/' }),
    ];
    const { found, problem } = await ask();
    expect(problem).toBeUndefined();
    expect(found?.here.map(({ id, address, plain }) => ({ id, address, plain }))).toEqual([
      { id: '1', address: 'https://hooks.lamps.example/hooks/shop/woocommerce/?…', plain: false },
      { id: '2', address: 'http://hooks.lamps.example/hooks/shop/woocommerce', plain: true },
    ]);
    expect(found?.astray).toEqual(['https://old.lamps.example/hooks/shop/woocommerce?…']);
    expect(found?.others).toBe(5);
    expect(JSON.stringify([await listed(), logged])).not.toMatch(/hidden|cs_made_up/);
  });

  test('is known by the path alone where nobody said under which address this service is reached', async () => {
    rig.shop.webhooks = both();
    rig.clock += HOUR;
    const { signal } = new AbortController();
    const parts = { keep: rig.keep, now: () => rig.clock, signal };
    const log = { info: () => undefined, warn: () => undefined };
    const lookups = createLookups({ ...parts, send: createHttp({ allowPrivate: true }).send, log });
    await createAskWebhooks({ ...parts, lookups, publicUrl: undefined, knows })(sourceOf());
    expect((await listed()).found?.here).toHaveLength(2);
  });

  test('is asked for once an hour, by one of several replicas, and not again after a restart', async () => {
    rig.shop.webhooks = both();
    const replicas = [replica(), replica(), replica()];
    await Promise.all(replicas.map(({ round }) => round()));
    expect(rig.shop.lists()).toBe(1);
    rig.clock += HOUR / 2;
    await Promise.all(replicas.map(({ round }) => round()));
    await rig.close();
    await open();
    await replica().round();
    expect(rig.shop.lists()).toBe(1);
    expect((await listed()).found?.here).toHaveLength(2);
    rig.clock += HOUR / 2;
    await replica().round();
    expect(rig.shop.lists()).toBe(2);
  });

  test('may go to other paths of this service; where no source is, that is noted since it was first seen', async () => {
    const hooks = 'https://hooks.lamps.example/hooks';
    rig.shop.webhooks = [
      webhook(1, 'order.updated', { delivery_url: `${hooks}/shop/woo?key=hidden-key`, status: 'disabled' }),
      webhook(2, 'order.created', { delivery_url: `${hooks}/shop/woo/` }),
      webhook(3, 'order.created', { delivery_url: `${hooks}/shop/woocommerce/more` }),
      webhook(4, 'order.created', { delivery_url: 'https://old.lamps.example/hooks/shop/gone' }),
    ];
    const lost = { place: 'shop/woo', topics: ['order.updated', 'order.created'] };
    expect((await ask()).found).toMatchObject({ here: [], others: 4, beside: [{ ...lost, lost_since: rig.clock }] });
    const since = rig.clock;
    expect((await ask()).found?.beside).toEqual([{ ...lost, lost_since: since }]);
    rig.store.sources.set('woo', { ...sourceOf(), name: 'woo', webhooks: undefined });
    expect((await ask()).found?.beside).toEqual([lost]);
  });

  test('is not asked for without its settings, nor where the store says off', async () => {
    rig.store = await buildStore('woocommerce', {}, { webhooks: { url: `${rig.shop.url}/x` } });
    await replica().round();
    rig.store = await buildStore('woocommerce', {}, { ...wooWebhooksAt(rig.shop), webhooks: 'off' });
    await replica().round();
    expect(rig.shop.received).toEqual([]);
    expect(await rig.keep.listWebhooks()).toEqual([]);
  });

  test('may be long: 10,000 webhooks are read to the end, a list without an end is not', async () => {
    const elsewhere = { delivery_url: 'https://stock.example/' };
    rig.shop.webhooks = [...Array(9_999).keys()].map((id) => webhook(id + 1, 'product.updated', elsewhere));
    rig.shop.webhooks.push(webhook(10_000, 'order.updated'));
    expect((await ask()).found).toMatchObject({ here: [{ id: '10000' }], others: 9_999 });
    expect(rig.shop.lists()).toBe(101);
    rig.shop.endless = true;
    rig.shop.webhooks = both();
    const { found, problem } = await ask();
    expect(problem).toBe('the list has more than 150 pages');
    expect(found?.here).toMatchObject([{ id: '10000' }]);
  });

  test.each([
    [
      'HTML',
      { status: 200, type: 'text/html', body: '<html>Just a moment</html>' },
      'a record of the answer has no id',
    ],
    ['an error', { status: 500, type: 'text/html', body: 'oops' }, 'the API answers 500'],
    ['no list', { status: 200, type: 'application/json', body: '{"a":1}' }, 'a record of the answer has no id'],
    ['elsewhere', { status: 301, type: 'text/html', body: '' }, 'sends elsewhere'],
  ])('that is %s says so, and leaves what was known', async (_, instead, words) => {
    rig.shop.webhooks = both();
    await ask();
    rig.shop.instead = instead;
    const { found, problem } = await ask();
    expect(problem).toContain(words);
    expect(found?.here).toHaveLength(2);
    expect(await wrong()).toEqual(NOTHING);
  });

  test.each([
    ['none', 'consumer_key and consumer_secret were refused (401)'],
    ['customer', 'may not read this (403)'],
  ] as const)('may be nothing for a key (%s); what it is for goes on', async (right, words) => {
    rig.shop.right = right;
    expect(await ask()).toMatchObject({ found: undefined, problem: expect.stringContaining(words) });
  });
});

describe('a key without the right to list', () => {
  /** How often the shop is asked in so many hours, looked at every minute. */
  const asksIn = async (hours: number) => {
    const { round } = replica();
    const before = rig.shop.lists();
    for (let minute = 0; minute < hours * 60; minute += 1) {
      rig.clock += HOUR / 60;
      await round();
    }
    return rig.shop.lists() - before;
  };
  const told = () => logged.filter((one) => 'message' in one && one.message === 'webhooks.not_listed');

  test('is asked with once an hour, and told of once until it changes', async () => {
    rig.shop.right = 'customer';
    expect(await asksIn(24)).toBe(24);
    expect(told()).toHaveLength(1);
    rig.shop.right = 'none';
    await asksIn(2);
    expect(told()).toMatchObject([
      { reason: expect.stringContaining('(403)') },
      { reason: expect.stringContaining('(401)') },
    ]);
  });

  test('is asked with again soon while the shop answered not long ago', async () => {
    rig.shop.webhooks = both();
    await ask();
    rig.shop.right = 'none';
    expect(await asksIn(2)).toBe(4);
    expect(await asksIn(5)).toBe(5);
    rig.shop.right = 'read';
    await asksIn(1);
    expect((await listed()).problem).toBeUndefined();
  });
});
