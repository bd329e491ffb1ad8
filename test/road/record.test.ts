// What is handed to the lanes of what a batch made: no more than they have room for, and only what is new.
import { expect, test } from 'vitest';
import type { Digest } from '../../src/keep/questions/digests.ts';
import type { LeasedHook } from '../../src/keep/questions/hooks.ts';
import { newId } from '../../src/lib/id.ts';
import type { Delivery } from '../../src/types.ts';
import { digestTo } from '../support/digest.ts';
import { lampOrder } from '../support/hooks.ts';
import { buildStore } from '../support/stores.ts';

const NOW = Date.now();
const ROOM = 2;

const paid = (id: number): LeasedHook => ({
  id: newId(),
  store: 'shop',
  source: 'shopify',
  received_at: NOW,
  headers: { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' },
  body: Buffer.from(JSON.stringify(lampOrder(id))),
  attempts: 1,
});

/** Digests three paid orders at once, of whose events those of `known` orders are not new. */
async function digestThree(known: readonly string[] = []) {
  const store = await buildStore('shopify');
  const offered: Delivery[] = [];
  const digests: Digest[] = [];
  const digest = digestTo({
    stores: { get: () => store },
    keep: {
      findOrders: async () => [],
      findVisits: async () => ({ visits: new Map(), unreadable: 0 }),
      recordDigests: async (some) => {
        digests.push(...some);
        const events = some.flatMap((one) => one.events);
        return new Set(events.flatMap(({ id, event }) => (known.includes(event.order_id ?? '') ? [] : [id])));
      },
      scrub: async () => true,
    },
    deliverer: {
      room: () => ROOM,
      offer: (some) => {
        offered.push(...some);
        return some.length;
      },
    },
    now: () => NOW,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  await digest([paid(1), paid(2), paid(3)], 'lease');
  const born = digests.flatMap(({ events }) => events.flatMap(({ deliveries }) => deliveries));
  const accounts = [...new Set(born.map(({ account }) => account))];
  return { offered, born, accounts };
}

test('three purchases for lanes with room for two: two are born leased and handed over, the third is left due', async () => {
  const { offered, born, accounts } = await digestThree();
  expect(accounts.length).toBeGreaterThan(1);
  for (const account of accounts) {
    const own = born.filter((one) => one.account === account);
    expect(own.map(({ lease_id }) => lease_id)).toEqual(['lease', 'lease', undefined]);
    expect(own.map(({ due_at }) => due_at > NOW)).toEqual([true, true, false]);
    expect(offered.filter((one) => one.account === account)).toHaveLength(ROOM);
  }
});

test('a purchase that was counted before: none of its deliveries is handed over', async () => {
  const { offered } = await digestThree(['1']);
  expect(new Set(offered.map(({ event }) => event.order_id))).toEqual(new Set(['2']));
});
