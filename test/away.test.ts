// A database that is away for a moment is no fault of the hooks that were being worked on.
import { expect, test } from 'vitest';
import { KeepError } from '../src/keep/error.ts';
import { newId } from '../src/lib/id.ts';
import { createDigest } from '../src/pipeline.ts';
import { lampRefund } from './support/hooks.ts';
import { buildStore } from './support/stores.ts';

test('a hook whose order cannot be asked for is given up for now, and not set aside as stuck', async () => {
  const store = await buildStore('shopify', {});
  const recorded: unknown[] = [];
  const away = () => Promise.reject(new KeepError('away', 'the database did not answer in time'));
  const digest = createDigest({
    stores: { get: () => store },
    keep: {
      findOrders: away,
      findVisits: away,
      recordDigests: async (digests) => {
        recorded.push(...digests);
        return new Set();
      },
      scrub: async () => true,
    },
    deliverer: { room: () => 0, offer: () => 0 },
    complete: () => Promise.reject(new Error('nothing is looked up here')),
    comply: () => Promise.reject(new Error('nothing is asked for here')),
    background: () => {},
    now: Date.now,
    newId,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const hook = {
    id: newId(),
    store: 'demo',
    source: 'shopify',
    received_at: Date.now(),
    headers: { 'content-type': 'application/json', 'x-shopify-topic': 'refunds/create' },
    body: Buffer.from(JSON.stringify(lampRefund(91, 1001))),
    attempts: 1,
  };
  await expect(digest([hook], 'lease')).rejects.toMatchObject({ failure: 'away' });
  expect(recorded).toEqual([]);
});
