// Visits and purchases that cannot be opened, because a key is gone: left out and told of, without harm to anybody else.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../src/keep/identity-key.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import type { NewVisit } from '../../src/keep/questions/identities.ts';
import { newId } from '../../src/lib/id.ts';
import { createVault } from '../../src/lib/vault.ts';
import { LEASE, makeHook } from '../keep/make.ts';
import { digestTo } from '../support/digest.ts';
import { lampOrder, lampRefund } from '../support/hooks.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { buildStore } from '../support/stores.ts';

const [OLD = '', FRESH = ''] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
const HOUR = 3_600_000;
let own: OwnKeep;
let now: number;
let said: object[];

beforeEach(async () => {
  own = await openOwnKeep();
  now = Date.now();
  said = [];
});
afterEach(() => own.close());

const keepWith = (...keys: string[]): Keep => createKeep({ db: own.db, vault: createVault(keys) });

/** A service with this store of visits and keys, of which the test is the loop. */
async function startRoad(keep: Keep) {
  const store = await buildStore('shopify', { visits: { origins: ['https://lamps.example'] } });
  const note = (fields: object, message: string) => void said.push({ message, ...fields });
  const digest = digestTo({
    stores: { get: () => store },
    keep,
    now: () => now,
    log: { info: note, warn: note, error: note },
  });
  /** Keeps the bodies as hooks that came so long ago, digests them together and answers their states. */
  return async (age: number, topic: string, ...bodies: object[]): Promise<unknown[]> => {
    const hooks = bodies.map((body) => {
      const made = makeHook(JSON.stringify(body));
      const headers = { 'content-type': 'application/json', 'x-shopify-topic': topic };
      const hook = { ...made.hook, store: 'shop', source: 'shopify', headers, received_at: now - age };
      return { ...made, hook, due_at: now };
    });
    await keep.keepHooks(hooks);
    const lease_id = newId();
    await digest(await keep.claimHooks({ now, lease_until: now + LEASE, lease_id, limit: 100 }), lease_id);
    const traced = await Promise.all(hooks.map(({ hook }) => keep.findTrace({ hook_id: hook.id })));
    return traced.map((trace) => trace.hooks[0]?.state);
  };
}

const visitOf = (name: string): NewVisit => ({
  visitor: identityOf('shop', 'visitor_id', name),
  id: 'v1',
  visit: { started_at: now - HOUR, seen_at: now - HOUR, fields: { gclid: `Click-of-${name}` }, seen: {} },
  expires_at: now + 24 * HOUR,
  identities: [identityOf('shop', 'checkout_token', name)],
});
/** An order that carries nothing of its visit but its checkout. */
const orderOf = (id: number, checkout_token: string) =>
  lampOrder(id, { note_attributes: [], landing_site: null, browser_ip: null, client_details: null, checkout_token });

test('an order whose visit cannot be opened is mapped without it, its neighbours with theirs, and it is told once a minute', async () => {
  await keepWith(OLD).keepVisits([visitOf('ann')]);
  await keepWith(FRESH, OLD).keepVisits([visitOf('bob')]);
  const keep = keepWith(FRESH);
  const tell = await startRoad(keep);
  expect(await tell(HOUR, 'orders/paid', orderOf(1, 'ann'), orderOf(2, 'bob'))).toEqual(['mapped', 'mapped']);
  const found = await keep.findOrders('shop', ['1', '2']);
  expect(new Map(found.map(({ order_id, event }) => [order_id, event?.gclid]))).toEqual(
    new Map([
      ['1', undefined],
      ['2', 'Click-of-bob'],
    ]),
  );
  const line = {
    message: 'kept.unreadable',
    kept: 'visits',
    rows: 1,
    problem: expect.stringContaining('put that key back'),
    effect: 'events are sent without them',
  };
  expect(said).toEqual([line]);
  await tell(HOUR, 'orders/paid', orderOf(3, 'ann'));
  expect(said).toEqual([line]);
  now += 61_000;
  await tell(HOUR, 'orders/paid', orderOf(4, 'ann'));
  expect(said).toEqual([line, line]);
});

test('a refund whose purchase cannot be opened is sent as it is, at once, and it is told', async () => {
  await (await startRoad(keepWith(OLD)))(HOUR, 'orders/paid', orderOf(1, 'ann'));
  const tell = await startRoad(keepWith(FRESH));
  expect(await tell(0, 'refunds/create', lampRefund(91, 1))).toEqual(['mapped']);
  expect(said).toMatchObject([{ message: 'kept.unreadable', kept: 'purchases', rows: 1 }]);
});
