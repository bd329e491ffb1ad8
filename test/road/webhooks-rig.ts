// A shop that is asked for its webhooks: a stand-in that lists them, a database, and a clock that the tests move.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createHttp } from '../../src/deliver/http.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { wrongIn } from '../../src/map/asking/webhooks.ts';
import type { Store } from '../../src/map/files/load.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createWatchingWebhooks } from '../../src/road/watching-webhooks.ts';
import { createAskWebhooks, takesHooks } from '../../src/road/webhooks.ts';
import { buildStore } from '../support/stores.ts';
import { startWooWebhooks, type WooWebhook, type WooWebhooks, wooWebhooksAt } from '../support/woo-webhooks.ts';

export const HOUR = 3_600_000;
export const HERE = 'https://hooks.lamps.example/hooks/shop/woocommerce';
export const webhook = (id: number, topic: string, over: Partial<WooWebhook> = {}): WooWebhook => ({
  ...{ id, topic, status: 'active', delivery_url: HERE },
  ...over,
});
export const both = (over: Partial<WooWebhook> = {}) => [
  webhook(1, 'order.updated', over),
  webhook(2, 'order.created', { ...over }),
];
export const NOTHING = { off: [], gone: [] };

/** For each test a new shop and database, of which replicas take turns. */
export function useWebhooks() {
  let shop: WooWebhooks;
  let folder: string;
  let keep: Keep;
  let close: () => Promise<void>;
  let store: Store;
  const logged: object[] = [];
  const rig = {
    clock: 0,
    logged,
    get shop() {
      return shop;
    },
    get keep() {
      return keep;
    },
    get close() {
      return close;
    },
    get store() {
      return store;
    },
    set store(other: Store) {
      store = other;
    },
    ...{ open, replica, knows, ask, listed, sourceOf, wrong },
  };

  async function open() {
    const { db, ...opened } = await openSqlite({ path: join(folder, 'tagbridge.db') });
    keep = createKeep({ db, vault: plainVault });
    close = opened.close;
  }
  beforeEach(async () => {
    shop = await startWooWebhooks();
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-webhooks-'));
    rig.clock = Date.UTC(2026, 0, 15);
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
    const parts = { keep, now: () => rig.clock, signal };
    const lookups = createLookups({ ...parts, send: http.send, log });
    const askWebhooks = createAskWebhooks({ ...parts, lookups, publicUrl, knows });
    return createWatchingWebhooks({ ...parts, stores: { all: () => [store] }, askWebhooks, newId, log });
  }
  function knows(place: string) {
    return takesHooks([store], place);
  }
  async function ask(publicUrl?: string) {
    rig.clock += HOUR;
    await replica(publicUrl).round();
    return listed();
  }
  async function listed() {
    const [one] = await keep.listWebhooks();
    if (one === undefined) throw new Error('nobody asked');
    return one;
  }
  function sourceOf() {
    const source = store.sources.get('woocommerce');
    if (source === undefined) throw new Error('there is no source');
    return source;
  }
  async function wrong() {
    const { found } = await listed();
    return found && wrongIn(sourceOf(), found);
  }
  return rig;
}
