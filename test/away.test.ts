// A database that is away, busy or full for a moment is no fault of the hooks that were being worked on.
import { expect, test } from 'vitest';
import { KeepError, type KeepFailure } from '../src/keep/error.ts';
import { newId } from '../src/lib/id.ts';
import { createComplete } from '../src/road/complete.ts';
import { createLookups } from '../src/road/lookups.ts';
import type { Hook } from '../src/types.ts';
import { digestTo } from './support/digest.ts';
import { lampRefund } from './support/hooks.ts';
import { buildStore } from './support/stores.ts';
import { contactLookup, loadThin, thinHook } from './support/thin.ts';

const PASSING: KeepFailure[] = ['away', 'busy', 'full', 'io', 'closed'];
const OF_THE_HOOK: KeepFailure[] = ['constraint', 'statement'];
const log = { info: () => {}, warn: () => {}, error: () => {} };

const refund = {
  store: 'shop',
  source: 'shopify',
  headers: { 'content-type': 'application/json', 'x-shopify-topic': 'refunds/create' },
  body: Buffer.from(JSON.stringify(lampRefund(91, 1001))),
};
const thin = { store: 'shop', source: 'crm', ...thinHook(7) };

/** Digests the hook while every question to the database fails so; answers what was recorded all the same. */
async function digestDuring(failure: KeepFailure, hook: Omit<Hook, 'id' | 'received_at'>) {
  const fails = () => Promise.reject(new KeepError(failure, 'the database says no'));
  const { stores } = loadThin({ lookups: { contact: contactLookup('https://crm.example') } });
  const store = hook.source === 'crm' ? stores.get('shop') : await buildStore('shopify');
  const recorded: object[] = [];
  const background: Promise<void>[] = [];
  const lookups = createLookups({
    send: () => Promise.reject(new Error('nobody is asked here')),
    keep: { takeTry: fails, holdTries: fails },
    now: Date.now,
    log,
    signal: new AbortController().signal,
  });
  const digest = digestTo({
    stores: { get: () => store },
    keep: {
      findOrders: fails,
      findVisits: fails,
      recordDigests: async (digests) => {
        recorded.push(...digests);
        return new Set();
      },
      scrub: async () => true,
    },
    complete: createComplete({ lookups, keep: { knownKeys: fails }, now: Date.now }),
    background: (work) => void background.push(work),
    now: Date.now,
    log,
  });
  const ended = digest([{ ...hook, id: newId(), received_at: Date.now(), attempts: 1 }], 'lease').then(() =>
    Promise.all(background),
  );
  const error = await ended.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, recorded };
}

test.each(PASSING)(
  'a refund whose order cannot be asked for because the database is %s is left as it was',
  async (failure) => {
    expect(await digestDuring(failure, refund)).toMatchObject({ error: { failure }, recorded: [] });
  },
);

test.each(PASSING)(
  'a thin hook whose look-up cannot be counted because the database is %s is left as it was',
  async (failure) => {
    expect(await digestDuring(failure, thin)).toMatchObject({ error: { failure }, recorded: [] });
  },
);

test.each(OF_THE_HOOK)('a hook that the database refuses with a %s error is stuck', async (failure) => {
  for (const hook of [refund, thin]) {
    const { error, recorded } = await digestDuring(failure, hook);
    expect(error).toBeUndefined();
    expect(recorded).toMatchObject([{ state: 'stuck', reason: expect.stringContaining('the bridge failed') }]);
  }
});
