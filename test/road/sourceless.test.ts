// Hooks whose source one process does not know: another one may have newer files, and for an hour they are left to it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import type { Store } from '../../src/map/files/load.ts';
import { LEASE, makeHook } from '../keep/make.ts';
import { digestTo } from '../support/digest.ts';
import { lampOrder } from '../support/hooks.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { buildStore } from '../support/stores.ts';

const MINUTE = 60_000;
let own: OwnKeep;
let keep: Keep;
let now: number;

beforeEach(async () => {
  own = await openOwnKeep();
  keep = own.keep;
  now = Date.now();
});
afterEach(() => own.close());

/** One process, which knows this store; works on what is due. */
function startReplica(store: Store | undefined) {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const digest = digestTo({
    stores: { get: () => store },
    keep,
    now: () => now,
    log,
  });
  return async (): Promise<void> => {
    const lease_id = newId();
    await digest(await keep.claimHooks({ now, lease_until: now + LEASE, lease_id, limit: 100 }), lease_id);
  };
}

/** Keeps an order of shop/shopify and answers how to look at its hook. */
async function keepOrder() {
  const made = makeHook(JSON.stringify(lampOrder(1)));
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' };
  const hook = { ...made.hook, store: 'shop', source: 'shopify', headers, received_at: now };
  await keep.keepHooks([{ ...made, hook, due_at: now }]);
  return async () => (await keep.findTrace({ hook_id: hook.id })).hooks[0];
}

const withoutSource = async () => ({ ...(await buildStore('shopify')), sources: new Map() });

test.each([
  ['store', async () => undefined],
  ['source', withoutSource],
])(
  'a hook of a %s that is new is left by the process that does not know it yet to the one that does',
  async (_, known) => {
    const [older, newer] = [startReplica(await known()), startReplica(await buildStore('shopify'))];
    const hook = await keepOrder();
    await older();
    expect(await hook()).toMatchObject({
      state: 'waiting',
      due_at: now + MINUTE,
      reason: 'waits for a store file that names shop/shopify, which another server may have already',
    });
    now += MINUTE;
    await newer();
    expect(await hook()).toMatchObject({ state: 'mapped' });
  },
);

test.each([
  ['store', async () => undefined],
  ['source', withoutSource],
])('a hook of a %s that was deleted waits for an hour, and then is stuck with the reason', async (_, known) => {
  const work = startReplica(await known());
  const hook = await keepOrder();
  for (let minutes = 0; minutes < 60; minutes++, now += MINUTE) {
    await work();
    expect(await hook()).toMatchObject({ state: 'waiting' });
  }
  await work();
  const stuck = { state: 'stuck', reason: 'no store file names shop/shopify any more' };
  expect(await hook()).toMatchObject(stuck);
});
