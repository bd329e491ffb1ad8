// Asking a shop for its webhooks: which of them send here, what is noted over restarts, and which are switched on again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttp } from '../../src/deliver/http.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Store } from '../../src/map/load.ts';
import { wrongIn } from '../../src/map/webhooks.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createWatchingWebhooks } from '../../src/road/watching-webhooks.ts';
import { createAskWebhooks, takesHooks } from '../../src/road/webhooks.ts';
import { buildStore } from '../support/stores.ts';
import { startWooWebhooks, type WooWebhook, type WooWebhooks, wooWebhooksAt } from '../support/woo-webhooks.ts';

const HOUR = 3_600_000;
const HERE = 'https://hooks.lamps.example/hooks/shop/woocommerce';
const webhook = (id: number, topic: string, over: Partial<WooWebhook> = {}): WooWebhook => ({
  ...{ id, topic, status: 'active', delivery_url: HERE },
  ...over,
});
const both = (over: Partial<WooWebhook> = {}) => [
  webhook(1, 'order.updated', over),
  webhook(2, 'order.created', { ...over }),
];

let shop: WooWebhooks;
let folder: string;
let keep: Keep;
let close: () => Promise<void>;
let clock: number;
let store: Store;
const logged: object[] = [];

async function open() {
  const { db, ...opened } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  keep = createKeep({ db, vault: plainVault });
  close = opened.close;
}
beforeEach(async () => {
  shop = await startWooWebhooks();
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-webhooks-'));
  clock = Date.UTC(2026, 0, 15);
  logged.length = 0;
  store = await buildStore('woocommerce', {}, wooWebhooksAt(shop));
  await open();
});
afterEach(async () => {
  await close();
  await shop.close();
  await rm(folder, { recursive: true, force: true });
});

/** One replica, or the same one after a restart. */
function replica(publicUrl: string | undefined = 'https://hooks.lamps.example/') {
  const { signal } = new AbortController();
  const http = createHttp({ allowPrivate: true });
  const note = (fields: object, message: string) => void logged.push({ ...fields, message });
  const log = { info: note, warn: note, error: note };
  const parts = { keep, now: () => clock, signal };
  const lookups = createLookups({ ...parts, send: http.send, log });
  const askWebhooks = createAskWebhooks({ ...parts, lookups, publicUrl, knows });
  return createWatchingWebhooks({ ...parts, stores: { all: () => [store] }, askWebhooks, newId, log });
}
const knows = (place: string) => takesHooks([store], place);
const ask = async (publicUrl?: string) => {
  clock += HOUR;
  await replica(publicUrl).round();
  return listed();
};
const listed = async () => {
  const [one] = await keep.listWebhooks();
  if (one === undefined) throw new Error('nobody asked');
  return one;
};
const sourceOf = () => {
  const source = store.sources.get('woocommerce');
  if (source === undefined) throw new Error('there is no source');
  return source;
};
const wrong = async () => {
  const { found } = await listed();
  return found && wrongIn(sourceOf(), found);
};
const NOTHING = { off: [], gone: [] };

describe('what a shop lists', () => {
  test('is known by its address, whatever stands behind it and in whatever letters its host is', async () => {
    shop.webhooks = [
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
    shop.webhooks = both();
    clock += HOUR;
    const { signal } = new AbortController();
    const parts = { keep, now: () => clock, signal };
    const log = { info: () => undefined, warn: () => undefined };
    const lookups = createLookups({ ...parts, send: createHttp({ allowPrivate: true }).send, log });
    await createAskWebhooks({ ...parts, lookups, publicUrl: undefined, knows })(sourceOf());
    expect((await listed()).found?.here).toHaveLength(2);
  });

  test('is asked for once an hour, by one of several replicas, and not again after a restart', async () => {
    shop.webhooks = both();
    const replicas = [replica(), replica(), replica()];
    await Promise.all(replicas.map(({ round }) => round()));
    expect(shop.lists()).toBe(1);
    clock += HOUR / 2;
    await Promise.all(replicas.map(({ round }) => round()));
    await close();
    await open();
    await replica().round();
    expect(shop.lists()).toBe(1);
    expect((await listed()).found?.here).toHaveLength(2);
    clock += HOUR / 2;
    await replica().round();
    expect(shop.lists()).toBe(2);
  });

  test('may go to other paths of this service; where no source is, that is noted since it was first seen', async () => {
    const hooks = 'https://hooks.lamps.example/hooks';
    shop.webhooks = [
      webhook(1, 'order.updated', { delivery_url: `${hooks}/shop/woo?key=hidden-key`, status: 'disabled' }),
      webhook(2, 'order.created', { delivery_url: `${hooks}/shop/woo/` }),
      webhook(3, 'order.created', { delivery_url: `${hooks}/shop/woocommerce/more` }),
      webhook(4, 'order.created', { delivery_url: 'https://old.lamps.example/hooks/shop/gone' }),
    ];
    const lost = { place: 'shop/woo', topics: ['order.updated', 'order.created'] };
    expect((await ask()).found).toMatchObject({ here: [], others: 4, beside: [{ ...lost, lost_since: clock }] });
    const since = clock;
    expect((await ask()).found?.beside).toEqual([{ ...lost, lost_since: since }]);
    store.sources.set('woo', { ...sourceOf(), name: 'woo', webhooks: undefined });
    expect((await ask()).found?.beside).toEqual([lost]);
  });

  test('is not asked for without its settings, nor where the store says off', async () => {
    store = await buildStore('woocommerce', {}, { webhooks: { url: `${shop.url}/x` } });
    await replica().round();
    store = await buildStore('woocommerce', {}, { ...wooWebhooksAt(shop), webhooks: 'off' });
    await replica().round();
    expect(shop.received).toEqual([]);
    expect(await keep.listWebhooks()).toEqual([]);
  });

  test('may be long: 10,000 webhooks are read to the end, a list without an end is not', async () => {
    const elsewhere = { delivery_url: 'https://stock.example/' };
    shop.webhooks = [...Array(9_999).keys()].map((id) => webhook(id + 1, 'product.updated', elsewhere));
    shop.webhooks.push(webhook(10_000, 'order.updated'));
    expect((await ask()).found).toMatchObject({ here: [{ id: '10000' }], others: 9_999 });
    expect(shop.lists()).toBe(101);
    shop.endless = true;
    shop.webhooks = both();
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
    shop.webhooks = both();
    await ask();
    shop.instead = instead;
    const { found, problem } = await ask();
    expect(problem).toContain(words);
    expect(found?.here).toHaveLength(2);
    expect(await wrong()).toEqual(NOTHING);
  });

  test.each([
    ['none', 'consumer_key and consumer_secret were refused (401)'],
    ['customer', 'may not read this (403)'],
  ] as const)('may be nothing for a key (%s); what it is for goes on', async (right, words) => {
    shop.right = right;
    expect(await ask()).toMatchObject({ found: undefined, problem: expect.stringContaining(words) });
  });
});

describe('a key without the right to list', () => {
  /** How often the shop is asked in so many hours, looked at every minute. */
  const asksIn = async (hours: number) => {
    const { round } = replica();
    const before = shop.lists();
    for (let minute = 0; minute < hours * 60; minute += 1) {
      clock += HOUR / 60;
      await round();
    }
    return shop.lists() - before;
  };
  const told = () => logged.filter((one) => 'message' in one && one.message === 'webhooks.not_listed');

  test('is asked with once an hour, and told of once until it changes', async () => {
    shop.right = 'customer';
    expect(await asksIn(24)).toBe(24);
    expect(told()).toHaveLength(1);
    shop.right = 'none';
    await asksIn(2);
    expect(told()).toMatchObject([
      { reason: expect.stringContaining('(403)') },
      { reason: expect.stringContaining('(401)') },
    ]);
  });

  test('is asked with again soon while the shop answered not long ago', async () => {
    shop.webhooks = both();
    await ask();
    shop.right = 'none';
    expect(await asksIn(2)).toBe(4);
    expect(await asksIn(5)).toBe(5);
    shop.right = 'read';
    await asksIn(1);
    expect((await listed()).problem).toBeUndefined();
  });
});

describe('what is wrong', () => {
  test('is a webhook that is off, since when it was seen to be, and nothing once it is on', async () => {
    shop.webhooks = both();
    await ask();
    expect(await wrong()).toEqual(NOTHING);
    shop.webhooks[0] = webhook(1, 'order.updated', { status: 'disabled' });
    const { found } = await ask();
    expect(await wrong()).toEqual({ off: ['1'], gone: [] });
    expect(found?.here[0]).toMatchObject({ on: false, state: 'disabled', off_since: clock, mendable: true });
    const since = clock;
    expect((await ask()).found?.here[0]?.off_since).toBe(since);
    shop.webhooks = both();
    expect((await ask()).found?.here[0]?.off_since).toBeUndefined();
    expect(await wrong()).toEqual(NOTHING);
  });

  test('is one that was deleted, but not what never was there, or what no rule needs', async () => {
    shop.webhooks = [webhook(1, 'order.updated'), webhook(3, 'product.updated', { status: 'disabled' })];
    await ask();
    expect(await wrong()).toEqual(NOTHING);
    shop.webhooks = both();
    await ask();
    shop.webhooks = [];
    await ask();
    expect(await wrong()).toEqual({ off: [], gone: ['order.created', 'order.updated'] });
    await close();
    await open();
    await ask();
    expect(await wrong()).toEqual({ off: [], gone: ['order.created', 'order.updated'] });
  });

  test('is not one that is off while another tells the same', async () => {
    shop.webhooks = [...both(), webhook(3, 'order.updated', { status: 'paused' })];
    await ask();
    expect(await wrong()).toEqual(NOTHING);
  });
});

describe('switching on again', () => {
  const mending = async (more: object = { mends: true }) => {
    store = await buildStore('woocommerce', {}, wooWebhooksAt(shop, more));
  };

  test('is not done unless the store says so', async () => {
    shop.right = 'read_write';
    shop.webhooks = both({ status: 'disabled' });
    await ask();
    expect(shop.changes()).toEqual([]);
  });

  test('is done of those that the shop switched off, never of those that people paused', async () => {
    await mending();
    shop.right = 'read_write';
    shop.webhooks = [
      webhook(1, 'order.updated', { status: 'disabled' }),
      webhook(2, 'order.created', { status: 'paused' }),
    ];
    shop.webhooks.push(webhook(3, 'order.updated', { status: 'disabled', delivery_url: 'https://stock.example/' }));
    const { found } = await ask();
    expect(shop.changes()).toEqual(['/wp-json/wc/v3/webhooks/1 {"status":"active"}']);
    expect(found?.here.map(({ on }) => on)).toEqual([true, false]);
    expect(await keep.listAudit(0)).toMatchObject([
      {
        actor: 'tagbridge',
        action: 'webhook on',
        store: 'shop',
        detail: 'woocommerce: webhook 1 (order.updated) switched on again',
      },
    ]);
  });

  test('is done with growing pauses where the shop switches it off again', async () => {
    await mending();
    shop.right = 'read_write';
    const times: number[] = [];
    for (let hour = 0; hour < 72; hour += 1) {
      shop.webhooks = both({ status: 'disabled' }).slice(0, 1);
      const before = shop.changes().length;
      await ask();
      if (shop.changes().length > before) times.push(hour);
    }
    expect(times).toEqual([0, 2, 8, 32, 56]);
  });

  test('with a key that may only read changes nothing, and says why', async () => {
    await mending();
    shop.webhooks = both({ status: 'disabled' });
    const { found, problem } = await ask();
    expect(problem).toBeUndefined();
    expect(found?.here.map(({ on }) => on)).toEqual([false, false]);
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'webhooks.not_mended', reason: expect.stringContaining('(401)') }),
    );
    expect(await keep.listAudit(0)).toEqual([]);
  });
});
