// Comparing with what a shop lists: a stand-in that lists its orders, a database, and a clock that the tests move.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import type { Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import type { Store } from '../../src/map/files/load.ts';
import { mapHook } from '../../src/map/map.ts';
import { dedupeKeys } from '../../src/road/hook-keys.ts';
import { createLookups } from '../../src/road/lookups.ts';
import { createReconcile } from '../../src/road/reconcile.ts';
import { createReconciling } from '../../src/road/reconciling.ts';
import { lampOrder } from '../support/hooks.ts';
import { type ShopApi, shopifyAt, startShopifyApi } from '../support/listing.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { buildStore } from '../support/stores.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A database for all tests of a file; for each test new tables, a new shop and a new clock. */
export function useReconcile() {
  let own: OwnKeep;
  let keep: Keep;
  let http: Http;
  let api: ShopApi;
  let logged: { message: string; [field: string]: unknown }[];
  let ending: AbortController;
  const rig = {
    now: 0,
    get own() {
      return own;
    },
    get keep() {
      return keep;
    },
    get http() {
      return http;
    },
    get api() {
      return api;
    },
    set api(other: ShopApi) {
      api = other;
    },
    get logged() {
      return logged;
    },
    get ending() {
      return ending;
    },
    ...{ replica, shopify, told, order, changedAgo, hooks, bodies, arrived },
  };

  beforeAll(async () => {
    own = await openOwnKeep();
    keep = own.keep;
  });
  afterAll(() => own.close());
  beforeEach(async () => {
    const tables = [
      'hooks',
      'hook_bodies',
      'events',
      'event_keys',
      'orders',
      'comparisons',
      'found_hooks',
      'throttles',
    ];
    await own.db.transaction(
      [...tables, 'watches', 'known_sources'].map((table) => ({ sql: `delete from ${table}`, rows: [[]] })),
    );
    http = createHttp({ allowPrivate: true });
    api = await startShopifyApi(2);
    rig.now = Date.now();
    for (const source of ['shopify', 'woo', 'woocommerce'])
      await keep.knowSources([{ store: 'shop', source }], rig.now - 30 * 24 * HOUR);
    logged = [];
    ending = new AbortController();
  });
  afterEach(async () => {
    await http.close();
    await api.close();
  });

  /** One replica, which compares what is due; `clock` is moved by hand unless it is given. */
  function replica(store: Store, clock = () => rig.now) {
    const { signal } = ending;
    const say = (fields: object, message: string) => void logged.push({ message, ...fields });
    const parts = { keep, now: clock, newId, signal, log: { info: say, warn: say, error: say } };
    const lookups = createLookups({ ...parts, send: http.send });
    return createReconciling({
      ...parts,
      stores: { all: () => [store] },
      reconcile: createReconcile({ ...parts, lookups }),
    });
  }
  function shopify(over: object = {}) {
    return buildStore('shopify', { sources: { shopify: { ...shopifyAt(api), ...over } } });
  }
  function told(message: string) {
    return logged.filter((line) => line.message === message);
  }
  /** Changed half an hour ago unless `over` says something else. */
  function order(id: number, over: object = {}) {
    return JSON.stringify(lampOrder(id, { updated_at: new Date(rig.now - HOUR / 2).toISOString(), ...over }));
  }
  function changedAgo(minutes: number) {
    return { updated_at: new Date(rig.now - minutes * MINUTE).toISOString() };
  }
  function hooks() {
    return own.db.query('select id, source, state from hooks order by id');
  }
  async function bodies(): Promise<string[]> {
    const kept = await Promise.all((await hooks()).map(({ id }) => keep.findHook(String(id))));
    return kept.map((hook) => Buffer.from(hook?.content?.body ?? []).toString());
  }

  /** As a webhook that came and is kept, under this state; answers what the mapping makes of it. */
  async function arrived(store: Store, body: string, state: 'kept' | 'stuck' | 'waiting' | 'mapped'): Promise<string> {
    const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' };
    const hook = {
      id: newId(),
      store: 'shop',
      source: 'shopify',
      received_at: rig.now,
      headers,
      body: Buffer.from(body),
    };
    await keep.keepHooks([
      { hook, keys: dedupeKeys(hook, 'orders/paid', hook.id), due_at: rig.now, lease_id: 'lease' },
    ]);
    const source = store.sources.get('shopify');
    if (source === undefined) throw new Error('no source');
    const { events, verdict } = await mapHook(source, hook);
    const made = events.map(({ key, keys = [], event }) => ({
      id: newId(),
      key,
      keys,
      event,
      deliveries: [],
      skipped: [],
    }));
    const base = { hook_id: hook.id, store: 'shop', lease_id: 'lease', uncounted: [] };
    if (state !== 'kept')
      await keep.recordDigests([{ ...base, state, events: state === 'mapped' ? made : [] }], rig.now);
    return verdict;
  }
  return rig;
}
