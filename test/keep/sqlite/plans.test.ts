// How SQLite finds what it is asked for: along an index, however much is kept.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeep } from '../../../src/keep/keep.ts';
import { openSqlite, type Sqlite } from '../../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../../src/lib/vault.ts';
import type { Db, SqlValue } from '../../../src/types.ts';

let folder: string;
let sqlite: Sqlite;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-plans-'));
  sqlite = await openSqlite({ path: join(folder, 'kept.db') });
});
afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true, force: true });
});

/** The same database, and how it goes about what is read and what is written, a line for each step. */
function watched() {
  const { db } = sqlite;
  const plans: { read: string[]; written: string[] } = { read: [], written: [] };
  const explain = async (sql: string, params: SqlValue[]): Promise<string[]> =>
    (await db.query(`explain query plan ${sql}`, params)).map(({ detail }) => String(detail));
  const watching: Db = {
    ...db,
    query: async (sql, params = []) => {
      plans.read.push(...(await explain(sql, params)));
      return db.query(sql, params);
    },
    transaction: async (steps, options) => {
      for (const { sql, rows } of steps)
        if (rows[0] !== undefined) plans.written.push(...(await explain(sql, rows[0])));
      return db.transaction(steps, options);
    },
  };
  return { keep: createKeep({ db: watching, vault: plainVault }), plans };
}

test('the search: any text: looks at no order, hook or event but those that go by it', async () => {
  const { keep, plans } = watched();
  const found = { delivery_keys: [Buffer.from('key')], emails: ['ann@example.com'], phones: ['+31612345678'] };
  await keep.search({ text: '#1042', stores: ['acme', 'lamps'], ...found });
  await keep.search({ text: '#1042', stores: ['acme', 'lamps'], only: true, ...found });
  const orders = plans.read.filter((step) => step.startsWith('SEARCH orders'));
  expect(orders).not.toEqual([]);
  expect(orders.filter((step) => !/order_id=\?|number=\?/.test(step))).toEqual([]);
  expect(plans.read.filter((step) => step.startsWith('SCAN') && !/^SCAN (hours|found|\d)/.test(step))).toEqual([]);
});

test('names of events are read along the index of stores and names', async () => {
  const { keep, plans } = watched();
  await keep.listEventNames('acme');
  expect(plans.read.filter((step) => step.includes('events'))).toEqual([
    'SEARCH events USING COVERING INDEX events_listed (store=?)',
    'SEARCH events USING COVERING INDEX events_listed (store=? AND name>?)',
  ]);
});

test('the list of what cannot be led back to an ad is read along its index, by source too', async () => {
  const { keep, plans } = watched();
  const page = { before: '', since: '', limit: 50, lack: 'visit', source: 'shopify', channel: 'phone' } as const;
  await keep.listLacking([{ store: 'acme', name: 'purchase' }], page);
  expect(plans.read).toEqual([
    'SEARCH events USING INDEX events_lacking (store=? AND name=? AND (lacks,id)>(?,?) AND (lacks,id)<(?,?))',
  ]);
});

test('topics are read and forgotten along an index', async () => {
  const { keep, plans } = watched();
  const sum = { store: 'acme', source: 'shopify', topic: 'orders/paid', hour: 9, hooks: 1, last_at: 9 };
  await keep.addTopics([sum], 9);
  await keep.listTopics('acme', 'shopify', 9);
  await keep.sumTopics(8, 9);
  expect([...plans.written, ...plans.read].filter((step) => step.startsWith('SCAN'))).toEqual([]);
});

test('forgetting: with little that is old: no commit reads a table of hooks, events or orders from end to end', async () => {
  const { keep, plans } = watched();
  const limits = { bodies: 1, keys: 1, attempts: 1, orders: 1, visits: 1, audit: 1 };
  await keep.forget(limits, new AbortController().signal);
  expect(plans.written.length).toBeGreaterThan(10);
  // Sums by hour are few.
  expect(plans.written.filter((step) => step.startsWith('SCAN') && !step.endsWith('_hours'))).toEqual([]);
});
