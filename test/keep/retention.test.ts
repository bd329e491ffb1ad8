// What is forgotten and what stays, on the real store with ids made at chosen times.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite, type Sqlite } from '../../src/keep/sqlite/sqlite.ts';
import { firstIdAt } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Db } from '../../src/types.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
let folder: string;
let sqlite: Sqlite;
let keep: Keep;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-retention-'));
  sqlite = await openSqlite({ path: join(folder, 'kept.db') });
  keep = createKeep({ db: sqlite.db, vault: plainVault });
});
afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true, force: true });
});

/** A hook of `days` ago whose event was made, with one delivery open or ended. */
async function live(days: number, open: boolean, name = 'purchase'): Promise<string> {
  const at = NOW - days * DAY;
  const id = firstIdAt(at);
  const hook = {
    id,
    store: 'shop',
    source: 'lamps',
    received_at: at,
    headers: {},
    body: Buffer.from(`{"days":${days}}`),
  };
  await keep.keepHooks([
    { hook, keys: { body: Buffer.from(`key-of-${days}`.padEnd(16, '.')) }, due_at: at + 1, lease_id: 'lease' },
  ]);
  const entry =
    "insert into entries (hook_id, store, made_by, how, kind, number) values ($1, 'shop', 'ann', 'page', 'order', $1)";
  await sqlite.db.transaction([{ sql: entry, rows: [[id]] }]);
  const event = { name, event_time: new Date(at).toISOString(), order_id: `order-${days}` };
  const key = `${name}:${days}`;
  const delivery = { destination: 'ga4', account: 'ga4:G-1', due_at: at, lease_id: 'lease' };
  const digest = { hook_id: id, store: 'shop', lease_id: 'lease', state: 'mapped' as const, uncounted: [] };
  await keep.recordDigests(
    [{ ...digest, events: [{ id, key, keys: [key], event, deliveries: [delivery], skipped: [] }] }],
    at,
  );
  if (!open) {
    const full = {
      event_id: id,
      destination: 'ga4',
      copy: 0,
      store: 'shop',
      account: 'ga4:G-1',
      attempts: 0,
      created_at: at,
      lease_id: 'lease',
      event,
    };
    await keep.finishDeliveries([{ delivery: full, attempt: { at, ms: 5, kind: 'delivered' } }]);
  }
  return id;
}
const count = async (table: string) => Number((await sqlite.db.query(`select count(*) as n from ${table}`))[0]?.n);
const forget = (by = keep) =>
  by.forget(
    {
      ...{ bodies: NOW - 30 * DAY, keys: NOW - 90 * DAY, attempts: NOW - 30 * DAY },
      ...{ orders: NOW - 800 * DAY, visits: NOW, audit: NOW - 400 * DAY },
    },
    new AbortController().signal,
  );

describe('S81 retention', () => {
  test('forgets bodies and attempts after 30 days, hooks and events after 90, and keeps the ledger', async () => {
    for (const days of [1, 40, 100]) await live(days, false);
    expect(await forget()).toEqual({
      ...{ bodies: 2, attempts: 2, events: 1, hooks: 1, orders: 0, visits: 0 },
      ...{ incidents: 0, audit: 0 },
    });
    expect([await count('hook_bodies'), await count('hooks'), await count('events'), await count('orders')]).toEqual([
      1, 2, 2, 3,
    ]);
    expect([await count('event_hours'), await count('delivery_hours')]).toEqual([2, 2]);
    expect(await count('entries')).toBe(2);
  });
  test('forgets orders of the ledger after 800 days, however many, and no younger one', async () => {
    const old = "insert into orders (store, order_id, reason, seen_at) values ('shop', $1, 'not paid', $2)";
    const rows = Array.from({ length: 2_500 }, (_, index) => [`old-${index}`, NOW - 801 * DAY]);
    await sqlite.db.transaction([{ sql: old, rows: [...rows, ['young', NOW - 799 * DAY]] }]);
    expect(await forget()).toMatchObject({ orders: 2_500 });
    expect(await sqlite.db.query('select order_id from orders')).toEqual([{ order_id: 'young' }]);
  });
  test('begins each page where the last one ended, and not before all that it has forgotten', async () => {
    const idOf = (index: number) => firstIdAt(NOW - 500 * DAY + index);
    const entry = "insert into audit (id, at, actor, action, detail) values ($1, 0, 'ann', 'pause', '')";
    await sqlite.db.transaction([{ sql: entry, rows: Array.from({ length: 2_500 }, (_, index) => [idOf(index)]) }]);
    const begins: unknown[] = [];
    const watching: Db = {
      ...sqlite.db,
      transaction: async (steps, options) => {
        for (const { sql, rows } of steps) if (sql.includes('delete from audit')) begins.push(rows[0]?.[0]);
        return sqlite.db.transaction(steps, options);
      },
    };
    expect(await forget(createKeep({ db: watching, vault: plainVault }))).toMatchObject({ audit: 2_500 });
    expect(begins).toEqual(['', idOf(999), idOf(1_999)]);
    expect(await count('audit')).toBe(0);
  });
  test('forgets the names of events with them, and those of purchases and refunds with the ledger', async () => {
    for (const days of [1, 100, 802]) await live(days, false);
    for (const days of [99, 801]) await live(days, false, 'refund');
    for (const days of [2, 98]) await live(days, false, 'generate_lead');
    await forget();
    expect(await sqlite.db.query('select key from event_keys order by key')).toEqual([
      { key: 'generate_lead:2' },
      { key: 'purchase:1' },
      { key: 'purchase:100' },
      { key: 'refund:99' },
    ]);
  });
  test('forgets all events, also where another replica was faster with some of a page', async () => {
    const old = `
      insert into events (id, hook_id, store, key, name, event_time, created_at, body)
      values ($1, $1, 'shop', 'purchase:' || $1, 'purchase', '', 0, '')`;
    const ids = Array.from({ length: 2_500 }, (_, index) => firstIdAt(NOW - 100 * DAY + index));
    await sqlite.db.transaction([{ sql: old, rows: ids.map((id) => [id]) }]);
    const others = ids.slice(0, 500);
    const watching: Db = {
      ...sqlite.db,
      transaction: async (steps, options) => {
        if (steps[0]?.sql.includes('delete from events')) {
          const rows = others.splice(0).map((id) => [id]);
          await sqlite.db.transaction([{ sql: 'delete from events where id = $1', rows }]);
        }
        return sqlite.db.transaction(steps, options);
      },
    };
    expect(await forget(createKeep({ db: watching, vault: plainVault }))).toMatchObject({ events: 2_000 });
    expect(await count('events')).toBe(0);
  });
  test('looks at no more than a slice of names by one question, however many of orders there are', async () => {
    const kept = "insert into event_keys (store, key, event_id) values ('shop', $1, $2)";
    const idOf = (index: number) => firstIdAt(NOW - 500 * DAY + index);
    const rows = Array.from({ length: 45_000 }, (_, index) => [`purchase:${index}`, idOf(index)]);
    const others = [0, 19_999, 20_000, 20_001, 44_999].map((index) => [`payment:${index}`, idOf(index)]);
    await sqlite.db.transaction([{ sql: kept, rows: [...rows, ...others] }]);
    const ends: unknown[] = [];
    const watching: Db = {
      ...sqlite.db,
      query: async (sql, params = []) => {
        if (/select store, key from event_keys/.test(sql)) ends.push(params[2]);
        return sqlite.db.query(sql, params);
      },
    };
    await forget(createKeep({ db: watching, vault: plainVault }));
    expect(ends).toHaveLength(3);
    expect(await sqlite.db.query("select key from event_keys where key like 'payment:%'")).toEqual([]);
    expect(await count('event_keys')).toBe(45_000);
  });
  test('keeps no name that is an address, and no event goes whose name is not kept', async () => {
    const old = `
      insert into events (id, hook_id, store, key, name, event_time, created_at, body)
      values ($1, $1, 'shop', $2, 'purchase', '', 0, '')`;
    const idOf = (days: number) => firstIdAt(NOW - days * DAY);
    const open = `
      insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at)
      values ($1, 'ga4', 0, 'shop', 'ga4:G-1', 0, 0, 0)`;
    await sqlite.db.transaction([
      {
        sql: old,
        rows: [
          [idOf(100), 'purchase:ann@example.com'],
          [idOf(99), 'purchase:1'],
          [idOf(98), 'purchase:2'],
        ],
      },
      { sql: open, rows: [[idOf(98)]] },
    ]);
    // A delivery that ends between the two commits.
    const ending: Db = {
      ...sqlite.db,
      transaction: async (steps, options) => {
        const results = await sqlite.db.transaction(steps, options);
        if (steps[0]?.sql.includes('insert into event_keys'))
          await sqlite.db.transaction([{ sql: 'delete from deliveries', rows: [[]] }]);
        return results;
      },
    };
    await forget(createKeep({ db: ending, vault: plainVault }));
    expect(await sqlite.db.query('select key from events')).toEqual([{ key: 'purchase:2' }]);
    expect(await sqlite.db.query('select key from event_keys')).toEqual([{ key: 'purchase:1' }]);
    await forget();
    expect(await count('events')).toBe(0);
    expect(await count('event_keys')).toBe(2);
  });
  test('keeps the event of a delivery that is still open, however old', async () => {
    await live(100, true);
    await forget();
    expect([await count('events'), await count('deliveries')]).toEqual([1, 1]);
    const [claimed] = await keep.claimDeliveries({
      account: 'ga4:G-1',
      now: NOW,
      lease_until: NOW + 1,
      lease_id: 'next',
      limit: 1,
    });
    expect(claimed?.event.order_id).toBe('order-100');
  });
  test('keeps the body of a hook that is not digested yet, however old', async () => {
    const at = NOW - 200 * DAY;
    const hook = {
      id: firstIdAt(at),
      store: 'shop',
      source: 'lamps',
      received_at: at,
      headers: {},
      body: Buffer.from('{}'),
    };
    await keep.keepHooks([{ hook, keys: { body: Buffer.alloc(16, 7) }, due_at: at }]);
    expect(await forget()).toMatchObject({ bodies: 0, hooks: 0 });
  });
  test('still knows a hook again after its body is forgotten', async () => {
    const id = await live(40, false);
    await forget();
    const hook = {
      id: `${id}x`,
      store: 'shop',
      source: 'lamps',
      received_at: NOW,
      headers: {},
      body: Buffer.from('{"days":40}'),
    };
    expect(
      await keep.keepHooks([{ hook, keys: { body: Buffer.from('key-of-40'.padEnd(16, '.')) }, due_at: NOW }]),
    ).toEqual(['duplicate']);
  });
});
