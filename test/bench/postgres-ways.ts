// Ways to keep hooks in PostgreSQL, to be measured against each other: ours, a statement for each row, and arrays.
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { createKeep } from '../../src/keep/keep.ts';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Db, Row } from '../../src/types.ts';

/** Keeps hooks and answers how it went with each. */
export type Way = (hooks: NewHook[]) => Promise<string[]>;

/** The mean of shops' order hooks. */
const BODY = randomBytes(6_000);
const LEASE_MS = 60_000;

export const makeHook = (): NewHook => ({
  hook: {
    id: newId(),
    store: 'demo',
    source: 'shop',
    received_at: Date.now(),
    headers: { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' },
    body: BODY,
  },
  keys: { body: randomBytes(16), delivery: randomBytes(16) },
  due_at: Date.now() + LEASE_MS,
  lease_id: 'bench',
});

/** The same questions, with rows that could go together sent one by one, in one message. */
const onePerRow = (db: Db): Db => ({
  ...db,
  transaction: async (steps, options) => {
    const alone = steps.map(({ sql, rows }) => ({ sql, rows }));
    const results = await db.transaction(alone, options);
    return results.map((runs, step): Row[][] => (steps[step]?.together === true ? [runs.flat()] : runs));
  },
});

const TYPES = ['text', 'text', 'text', 'bigint', 'bytea', 'bytea', 'bytea'];
const COLUMNS = 'id, store, source, received_at, body_key, delivery_key';
const UNNEST = `
  with given (${COLUMNS}, body) as (select * from unnest(${TYPES.map((type, at) => `$${at + 1}::${type}[]`).join(', ')})),
  kept as (insert into hooks (${COLUMNS}, state, attempts) select ${COLUMNS}, 'kept', 1 from given
    on conflict do nothing returning id)
  insert into hook_bodies (hook_id, headers, body) select given.id, given.body_key, given.body
  from given join kept on kept.id = given.id`;

const valuesOf = ({ hook, keys }: NewHook) => [
  hook.id,
  hook.store,
  hook.source,
  hook.received_at,
  Buffer.from(keys.body),
  Buffer.from(keys.delivery ?? keys.body),
  hook.body,
];

/** `client` is another connection to the database of `db`. */
export function waysToKeep(db: Db, client: Client): Record<string, Way> {
  const [ours, alone] = [db, onePerRow(db)].map((one) => createKeep({ db: one, vault: plainVault }));
  return {
    'one insert of many rows (ours)': async (hooks) => ours?.keepHooks(hooks) ?? [],
    'a statement for each row, in one message': async (hooks) => alone?.keepHooks(hooks) ?? [],
    'unnest of arrays': async (hooks) => {
      const all = hooks.map(valuesOf);
      await client.query({ name: 'unnest', text: UNNEST, values: TYPES.map((_, at) => all.map((row) => row[at])) });
      return hooks.map(() => 'kept');
    },
  };
}
