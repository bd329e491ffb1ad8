// Tables on PostgreSQL: days that are made and dropped, dumps and vacuums that hold them, and those of other versions.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../../../src/keep/keep.ts';
import { openDatabase } from '../../../src/keep/open.ts';
import { keepDays } from '../../../src/keep/postgres/days.ts';
import { POSTGRES } from '../../../src/keep/postgres/dialect.ts';
import { openPostgres, type Postgres } from '../../../src/keep/postgres/postgres.ts';
import { createUpkeep } from '../../../src/keep/postgres/upkeep.ts';
import { MIGRATIONS } from '../../../src/keep/tables/migrations.ts';
import { firstIdAt } from '../../../src/lib/id.ts';
import { createVault, plainVault } from '../../../src/lib/vault.ts';
import { hasPostgres, type Server, startPostgres } from '../../support/postgres.ts';
import { eventually } from '../../support/service.ts';
import { makeHook, NOW } from '../make.ts';

const DAY_MS = 86_400_000;

async function askingAt(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

/** Reads tables as pg_dump does, and goes on to until it is ended. */
async function startDump(url: string): Promise<Client> {
  const client = await askingAt(url);
  await client.query('begin');
  await client.query('lock table hook_bodies, attempts in access share mode');
  return client;
}

const WAITING = `
  select 1 from pg_locks join pg_database on pg_database.oid = database
  where not granted and locktype = 'relation' and datname = current_database()`;
const someoneWaits = async (client: Client): Promise<boolean> => (await client.query(WAITING)).rows.length > 0;

/** Takes back what came after the first 27 changes of tables, as far as a change would meet it again. */
async function makeOlder(client: Client): Promise<void> {
  for (const table of ['recounts', 'webhook_lists', 'qualities']) await client.query(`drop table ${table}`);
  await client.query('alter table orders drop column told_by');
  await client.query('alter table entries drop column replaced_by');
  await client.query('delete from migrations where version > 27');
}

describe.skipIf(!(await hasPostgres()))('PostgreSQL (skipped where none runs)', () => {
  let server: Server;
  let opened: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
    opened = await openPostgres(await server.makeDatabase());
  });
  afterAll(async () => {
    await opened.close();
    await server.close();
  });

  test('drops days whole, but not one in which a hook is not finished', async () => {
    const url = await server.makeDatabase();
    const { db, close } = await openPostgres(url);
    const now = Date.now();
    await keepDays(db, now, 40);
    const add = async (days: number, due_at: number | null): Promise<void> => {
      const id = `${firstIdAt(now - days * DAY_MS).slice(0, 24)}${Math.random().toString(16).slice(2, 14).padEnd(12, '0')}`;
      await db.transaction([
        {
          sql: `insert into hooks (id, store, source, received_at, body_key, state, attempts, due_at) values ($1, 'demo', 'shop', $2, $3, 'mapped', 1, $4)`,
          rows: [[id, now, Buffer.from(id), due_at]],
        },
        { sql: 'insert into hook_bodies (hook_id, headers, body) values ($1, $2, $2)', rows: [[id, Buffer.of(0)]] },
      ]);
    };
    await add(35, null);
    await add(36, null);
    await add(36, now);
    await add(2, null);
    const limits = { bodies: now - 30 * DAY_MS, keys: 0, attempts: 0, orders: 0, visits: 0, audit: 0 };
    const forgotten = await createKeep({ db, vault: plainVault }).forget(limits, new AbortController().signal);
    expect(forgotten.bodies).toBe(2);
    const left = await db.query('select cast(tableoid as regclass) as day from hook_bodies order by hook_id');
    expect(left).toHaveLength(2);
    const dayAgo = (days: number) => new Date(now - days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
    const days = (
      await db.query("select relname from pg_class where relname like 'hook_bodies_2%' and relkind = 'r'")
    ).map(({ relname }) => relname);
    expect(days).toContain(`hook_bodies_${dayAgo(36)}`);
    expect(days).not.toContain(`hook_bodies_${dayAgo(35)}`);
    await close();
  });

  test('drops old days also where several replicas do so at the same time', async () => {
    const url = await server.makeDatabase();
    const replicas = await Promise.all(Array.from({ length: 3 }, () => openPostgres(url)));
    const now = Date.now();
    await keepDays(replicas[0]?.db ?? opened.db, now, 40);
    const limits = { bodies: now - 10 * DAY_MS, keys: 0, attempts: now - 10 * DAY_MS, orders: 0, visits: 0, audit: 0 };
    const { signal } = new AbortController();
    const ends = await Promise.allSettled(
      replicas.map(({ db }) => createKeep({ db, vault: plainVault }).forget(limits, signal)),
    );
    expect(ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))).toEqual([]);
    await Promise.all(replicas.map(({ close }) => close()));
  });

  test('takes the names of old orders in the order in which hooks take them, so that neither waits for the other', async () => {
    const url = await server.makeDatabase();
    const { db, close } = await openPostgres(url);
    const hooks = await askingAt(url);
    const old = `
      insert into events (id, hook_id, store, key, name, event_time, created_at, body)
      values ($1, $1, 'demo', $2, 'purchase', '', 0, '')`;
    const told = "insert into event_keys (store, key, event_id) values ('demo', $1, 'new')";
    await hooks.query(old, [firstIdAt(1), 'purchase:9']);
    await hooks.query(old, [firstIdAt(2), 'purchase:10']);
    await hooks.query('begin');
    await hooks.query(told, ['purchase:10']);
    const limits = { bodies: 0, keys: NOW, attempts: 0, orders: 0, visits: 0, audit: 0 };
    const forgetting = createKeep({ db, vault: plainVault }).forget(limits, new AbortController().signal);
    const waiting = "select 1 from pg_locks where not granted and locktype = 'transactionid'";
    await eventually(async () => (await server.query(waiting)).length === 1, 'the names are waited for');
    // Of two that wait for each other this one would end.
    await hooks.query("set local deadlock_timeout = '1ms'");
    await hooks.query(told, ['purchase:9']);
    await hooks.query('commit');
    expect(await forgetting).toMatchObject({ events: 2 });
    await hooks.end();
    await close();
  });

  test('whose account may make no tables is served all the same, and it is told once that days are not made ahead', async () => {
    const url = await server.makeDatabase();
    await (await openPostgres(url)).close();
    const own = url.replace('postgres@', 'clerk@');
    const asOwner = async (sql: string) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query(sql);
      await client.end();
    };
    await asOwner(
      'create role clerk login; grant select, insert, update, delete on all tables in schema public to clerk',
    );
    const { db, close } = await openPostgres(own);
    let ahead = 30 * DAY_MS;
    const told: unknown[] = [];
    const log = {
      info: (_: object, message: string) => void told.push(message),
      error: (fields: object, message: string) => void told.push([fields, message]),
    };
    const look = createUpkeep(db, () => Date.now() + ahead, log);
    for (let hours = 1; hours <= 3; hours++) {
      await look();
      ahead += 3_600_000;
    }
    const fields = { error: expect.stringContaining('permission denied for schema public (42501)') };
    expect(told).toEqual([[fields, expect.stringMatching(/^database\.upkeep_failed: days are not made ahead/)]]);
    await asOwner(
      'alter table hook_bodies owner to clerk; alter table attempts owner to clerk; grant create on schema public to clerk',
    );
    await look();
    expect(told.slice(1)).toEqual(['database.upkeep_well']);
    await close();
  });

  test('is refused when it would lose what was acknowledged', async () => {
    const url = await server.makeDatabase();
    const name = url.slice(url.lastIndexOf('/') + 1);
    await server.query(`alter database ${name} set synchronous_commit = off`);
    await expect(openPostgres(url)).rejects.toMatchObject({ code: 'KEEP_UNSAFE' });
  });

  test('whose tables a dump reads keeps hooks, also while days are made ahead and while another replica starts', async () => {
    const url = await server.makeDatabase();
    const { db, close } = await openPostgres(url);
    const dump = await startDump(url);
    const told: string[] = [];
    const say = (_: object, message: string) => void told.push(message);
    const look = createUpkeep(db, () => Date.now() + 30 * DAY_MS, { info: say, error: say });
    const looking = look();
    await eventually(() => someoneWaits(dump), 'the days wait for the dump');
    await createKeep({ db, vault: plainVault }).keepHooks([makeHook('beside a dump')]);
    await looking;
    expect(told).toEqual([]);
    await (await openPostgres(url)).close();
    await dump.end();
    await close();
  });

  test('whose tables are of an older version changes them when a dump is over, and does not keep others waiting until then', async () => {
    const url = await server.makeDatabase();
    const older = await askingAt(url);
    for (const sql of MIGRATIONS[0]?.(POSTGRES).flatMap((one) => POSTGRES.adapt?.(one) ?? []) ?? [])
      await older.query(sql);
    await older.query('create table migrations (version bigint primary key)');
    await older.query('insert into migrations (version) values (1)');
    const dump = await startDump(url);
    const told: number[][] = [];
    const opening = openPostgres(url, { onOlder: (found, known) => void told.push([found, known]) });
    await eventually(() => someoneWaits(older), 'the change waits for the dump');
    await older.query("insert into hook_bodies (hook_id, headers, body) values ('a', '', '')");
    await dump.end();
    await (await opening).close();
    expect(told).toEqual([[1, MIGRATIONS.length]]);
    expect((await older.query('select answers from hook_bodies')).rows).toEqual([{ answers: null }]);
    await older.end();
  });

  test('whose tables are of an older version leaves them as they are where it has not the key of what is kept', async () => {
    const url = await server.makeDatabase();
    const [own = '', other = ''] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const { db, close } = await openPostgres(url);
    const keep = createKeep({ db, vault: createVault([own]) });
    await keep.keepHooks([makeHook('one')]);
    await close();
    const older = await askingAt(url);
    await older.query('drop table identities');
    await makeOlder(older);
    const told: number[][] = [];
    const onOlder = (found: number, known: number) => void told.push([found, known]);
    const opening = openDatabase({ url, folder: '' }, { vault: createVault([other]), onOlder });
    await expect(opening).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect((await older.query('select max(version) as version from migrations')).rows).toEqual([{ version: '27' }]);
    expect(told).toEqual([]);
    await (await openDatabase({ url, folder: '' }, { vault: createVault([own]), onOlder })).close();
    expect(told).toEqual([[27, MIGRATIONS.length]]);
    await older.end();
  });

  test('whose tables are of an older version changes them while one is vacuumed: that gives way after a second', async () => {
    await server.query("alter system set autovacuum_naptime = '1s'");
    await server.query('select pg_reload_conf()');
    const url = await server.makeDatabase();
    await (await openPostgres(url)).close();
    const older = await askingAt(url);
    await makeOlder(older);
    await older.query('alter table orders set (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)');
    await older.query(
      "insert into orders (store, order_id, seen_at) select 's', n, 1 from generate_series(1, 40000) as n",
    );
    await older.query('delete from orders where cast(order_id as bigint) > 20000');
    const vacuums = "select 1 from pg_stat_activity where query like 'autovacuum: VACUUM%public.orders'";
    await eventually(async () => (await older.query(vacuums)).rows.length > 0, 'orders are vacuumed');
    await (await openPostgres(url)).close();
    expect((await older.query('select max(version) as version from migrations')).rows).toEqual([
      { version: String(MIGRATIONS.length) },
    ]);
    await older.end();
    await server.query('alter system reset autovacuum_naptime');
    await server.query('select pg_reload_conf()');
  });

  test('that is empty gets all its tables at once, so that who starts meanwhile does not take them for those of an older version', async () => {
    const url = await server.makeDatabase();
    const asking = await askingAt(url);
    const first = openPostgres(url);
    const version = 'select max(version) as version from migrations';
    await eventually(async () => {
      const found = await asking.query(version).catch(() => undefined);
      return (found?.rows[0].version ?? null) !== null;
    }, 'tables are there');
    expect((await asking.query(version)).rows).toEqual([{ version: String(MIGRATIONS.length) }]);
    await (await first).close();
    await asking.end();
  });

  test('with tables of a newer version is refused', async () => {
    const url = await server.makeDatabase();
    const { db, close } = await openPostgres(url);
    await db.transaction([
      { sql: 'insert into migrations (version) select max(version) + 1 from migrations', rows: [[]] },
    ]);
    await close();
    await expect(openPostgres(url)).rejects.toMatchObject({ code: 'KEEP_NEWER' });
  });
});
