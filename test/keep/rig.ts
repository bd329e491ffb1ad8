// What the contract's tests share: a database emptied before each test, and short ways to ask.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import type { Vault } from '../../src/lib/vault.ts';
import type { Db, Delivery } from '../../src/types.ts';
import { LEASE, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';

/** Answers a migrated database for the tests alone. */
export type OpenDb = () => Promise<{ db: Db; close: () => Promise<void> }>;
export type Rig = ReturnType<typeof createRig>;

const TABLES = [
  'hooks',
  'hook_bodies',
  'entries',
  'comparisons',
  'found_hooks',
  'recounts',
  'webhook_lists',
  'qualities',
  'events',
  'event_keys',
  'orders',
  'deliveries',
  'attempts',
  'pauses',
  'holds',
  'senders',
  'throttles',
  'audit',
  'tokens',
  'token_answers',
  'users',
  'sessions',
  'login_links',
  'hook_hours',
  'hook_marks',
  'topic_hours',
  'incidents',
  'notices',
  'watches',
  'known_sources',
  'visits',
  'identities',
  'join_days',
  'visit_hours',
];

/** To be called inside a `describe`; `db` and `keep` are there once its tests run. */
export function createRig(open: OpenDb, vault: Vault) {
  let opened: { db: Db; keep: Keep; close: () => Promise<void> } | undefined;
  const ready = () => {
    if (opened === undefined) throw new Error('the database is not open yet');
    return opened;
  };
  beforeAll(async () => {
    const { db, close } = await open();
    opened = { db, close, keep: createKeep({ db, vault }) };
  });
  beforeEach(async () => {
    await ready().db.transaction(TABLES.map((table) => ({ sql: `delete from ${table}`, rows: [[]] })));
  });
  afterAll(() => ready().close());

  const claim = (lease_id: string, now = NOW, limit = 100) => ({ now, lease_until: now + LEASE, lease_id, limit });
  return {
    vault,
    get db(): Db {
      return ready().db;
    },
    get keep(): Keep {
      return ready().keep;
    },
    claim,
    claimIds: async (lease_id: string, now = NOW, limit = 100) =>
      (await ready().keep.claimHooks(claim(lease_id, now, limit))).map(({ id }) => id),
    claimFor: (account: string, lease_id: string, now = NOW) =>
      ready().keep.claimDeliveries({ ...claim(lease_id, now), account }),
    countRows: async (table: string) => (await ready().db.query(`select 1 as one from ${table}`)).length,
    /** Records a purchase of one hook, due at `destinations` now, and answers the id of its event. */
    makePurchaseDue: async (order_id: string, ...destinations: string[]): Promise<string> => {
      const hook = makeHook(`paid ${order_id}`, { lease_id: 'lease' });
      await ready().keep.keepHooks([hook]);
      const event = makeEvent(makePurchase(order_id), destinations);
      await ready().keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
      return event.id;
    },
    only: (deliveries: Delivery[]): Delivery => {
      const [delivery] = deliveries;
      if (delivery === undefined || deliveries.length > 1) throw new Error(`${deliveries.length} deliveries`);
      return delivery;
    },
  };
}
