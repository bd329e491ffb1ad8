// What only PostgreSQL can do to us: sessions that end, servers that stop, standbys that are silent, days, and what its text cannot hold.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPassing, type KeepError } from '../../src/keep/error.ts';
import { createKeep } from '../../src/keep/keep.ts';
import { MIGRATIONS } from '../../src/keep/migrations.ts';
import { openDatabase } from '../../src/keep/open.ts';
import { openPostgres, type Postgres } from '../../src/keep/postgres.ts';
import { configsOf, hostsOf } from '../../src/keep/postgres-address.ts';
import { connect } from '../../src/keep/postgres-connection.ts';
import { keepDays } from '../../src/keep/postgres-days.ts';
import { POSTGRES } from '../../src/keep/postgres-dialect.ts';
import { createUpkeep } from '../../src/keep/postgres-upkeep.ts';
import { findWorries } from '../../src/keep/postgres-worries.ts';
import { describeError, PassingError } from '../../src/lib/errors.ts';
import { firstIdAt } from '../../src/lib/id.ts';
import { createVault, plainVault } from '../../src/lib/vault.ts';
import { hasPostgres, makeStandby, type Server, startPostgres } from '../support/postgres.ts';
import { eventually } from '../support/service.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';

const DAY_MS = 86_400_000;
const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    ({ failure }: KeepError) => failure,
  );

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

test('an address may name several hosts, with its parts kept for each', () => {
  expect(hostsOf('postgres://me:p%40ss@a:1,b:2/shop?sslmode=require')).toEqual([
    'postgres://me:p%40ss@a:1/shop?sslmode=require',
    'postgres://me:p%40ss@b:2/shop?sslmode=require',
  ]);
  expect(() => hostsOf('mysql://a/shop')).toThrow('no address of PostgreSQL');
});

test.each([
  [
    'a password whose signs are not written as in an address',
    'me:hunter2#x@127.0.0.1:1/shop',
    /cannot be read, .*%23 for #/,
  ],
  ['a slash in the password', 'me:hunter2/x@127.0.0.1:1/shop', /cannot be read, .*%2F for \//],
  [
    'a file that is not there',
    'me:hunter2@127.0.0.1:1/shop?sslrootcert=/no/ca.pem',
    /a file .*no such file.*'\/no\/ca.pem'/,
  ],
])('an address that is a mistake, %s, ends the start at once and without the password', async (_, rest, message) => {
  const told: string[] = [];
  const opening = openPostgres(`postgres://${rest}`, { onAway: (reason) => void told.push(reason) });
  const error = await opening.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'DATABASE_URL' });
  expect(describeError(error)).toMatch(message);
  expect(describeError(error)).not.toContain('hunter2');
  expect(told).toEqual([]);
});

test('a server that is not there is told once, at once, and ends the start with a clear sentence and without the password', async () => {
  const told: [string, number][] = [];
  const onAway = (...heard: [string, number]) => void told.push(heard);
  const opening = openPostgres('postgres://me:hunter2@127.0.0.1:1/shop', { patience: 300, onAway });
  await expect(opening).rejects.toThrow(PassingError);
  await expect(opening).rejects.toMatchObject({ code: 'KEEP_AWAY', message: expect.stringMatching(/ECONNREFUSED/) });
  await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  expect(told).toEqual([[expect.stringMatching(/^the database cannot be reached: .*ECONNREFUSED/), 300]]);
});

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
  const keep = () => createKeep({ db: opened.db, vault: plainVault });

  test('refuses a text with NUL without naming it, and makes only that hook stuck', async () => {
    const hooks = ['good', 'bad'].map((body) => makeHook(body, { lease_id: 'a' }));
    await keep().keepHooks(hooks);
    const digests = hooks.map((hook, index) =>
      makeDigest(hook, { events: [makeEvent(makePurchase(index === 0 ? '1' : 'secret\0'), ['ga4'])] }),
    );
    expect((await keep().recordDigests(digests, NOW)).size).toBe(1);
    const { hooks: traced } = await keep().findTrace({ hook_id: hooks[1]?.hook.id ?? '' });
    expect(traced).toMatchObject([{ state: 'stuck', reason: expect.stringContaining('NUL') }]);
    expect(traced[0]?.reason).not.toContain('secret');
  });

  test('names constraints and never values', async () => {
    const sql = 'insert into pauses (account, reason, since) values ($1, $1, $2)';
    const twice = opened.db.transaction([
      {
        sql,
        rows: [
          ['hush', 1],
          ['hush', 2],
        ],
      },
    ]);
    await expect(twice).rejects.toMatchObject({ failure: 'constraint', message: expect.not.stringContaining('hush') });
    const wrong = opened.db.transaction([{ sql, rows: [['hush', 'hush']] }]);
    await expect(wrong).rejects.toMatchObject({ failure: 'statement', message: expect.not.stringContaining('hush') });
  });

  test('goes on when its sessions are ended', async () => {
    for (let round = 0; round < 3; round++) {
      await server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tagbridge'");
      await eventually(
        async () => (await failureOf(keep().keepHooks([makeHook(`ended ${round}`)]))) === 'none',
        'it keeps',
      );
      expect(await failureOf(keep().countOpen())).toBe('none');
    }
  });

  test('answers a question also where every one of its idle sessions has ended unheard', async () => {
    const { db, close } = await openPostgres(await server.makeDatabase());
    const ask = () => db.query('select pg_backend_pid() as pid, pg_sleep(0.2)');
    const pids = (await Promise.all(Array.from({ length: 4 }, ask))).map(([row]) => row?.pid);
    expect(new Set(pids).size).toBe(4);
    // While another process ends them this one stands still, and hears of it only from those it asks.
    const end = `
      const client = new (await import('pg')).Client({ connectionString: '${server.url}' });
      await client.connect();
      await client.query('select pg_terminate_backend(pid, 10000) from unnest(array[${pids}]) as pid');
      await client.end();`;
    execFileSync(process.execPath, ['--input-type=module', '-e', end]);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await close();
  });

  test.each([
    ['has no connection left passes', 'login connection limit 0', 'KEEP_AWAY', /too many connections/],
    ['does not know who asks is a mistake', 'nologin', 'KEEP_OPEN', /not permitted to log in/],
  ])('a start whose server %s', async (_, may, code, message) => {
    await server.query(`create role ${code} ${may}`);
    const opening = openPostgres(server.url.replace('postgres@', `${code.toLowerCase()}@`), { patience: 0 });
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('says that a server is down, and goes on when it is back', async () => {
    await server.stop('immediate');
    expect(await failureOf(keep().keepHooks([makeHook('down')]))).toBe('away');
    const patient = keep().listPauses();
    await server.start();
    expect(await failureOf(patient)).toBe('none');
    await eventually(async () => (await failureOf(keep().keepHooks([makeHook('back')]))) === 'none', 'it keeps');
  });

  test('writes again when its database, which was made read-only for a while, takes writes again', async () => {
    const url = await server.makeDatabase();
    const name = url.slice(url.lastIndexOf('/') + 1);
    const { db, close } = await openPostgres(url);
    const write = () => createKeep({ db, vault: plainVault }).keepHooks([makeHook('read-only')]);
    await server.query(`alter database ${name} set default_transaction_read_only = on`);
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    const said = () => write().catch(({ message }: KeepError) => message);
    await eventually(async () => String(await said()).includes('read-only'), 'it is told that it may only read');
    await server.query(`alter database ${name} reset default_transaction_read_only`);
    await eventually(async () => (await failureOf(write())) === 'none', 'it keeps', 5_000);
    await close();
  });

  test('lets go of what a bridge holds that stands still in the middle of a transaction', async () => {
    const [row] = await opened.db.query("select current_setting('idle_in_transaction_session_timeout') as timeout");
    expect(row).toEqual({ timeout: '15s' });
  });

  test('is not held to the limits of its provider, which would end an update of large tables', async () => {
    const url = await server.makeDatabase();
    const name = url.slice(url.lastIndexOf('/') + 1);
    await server.query(`alter database ${name} set statement_timeout = '400ms'`);
    await server.query(`alter database ${name} set idle_session_timeout = '400ms'`);
    const [limit] = await server.query("select 1 from pg_settings where name = 'transaction_timeout'");
    if (limit !== undefined) await server.query(`alter database ${name} set transaction_timeout = '400ms'`);
    const { db, close } = await openPostgres(url);
    const rows = await db.query(
      "select name, setting from pg_settings where name in ('statement_timeout', 'idle_session_timeout', 'transaction_timeout')",
    );
    expect(rows.filter(({ setting }) => setting !== '0')).toEqual([]);
    await close();
  });

  test('takes a session that the server ended, for a limit of its own, for one that is lost', async ({ skip }) => {
    const [limit] = await server.query("select 1 from pg_settings where name = 'transaction_timeout'");
    skip(limit === undefined, 'PostgreSQL 17 is the first that has such a limit');
    const limited = { sql: "select set_config('transaction_timeout', '50ms', false) as ms", rows: [[]] };
    const late = { sql: 'select cast(pg_sleep(1) as text) as late', rows: [[]] };
    expect(await failureOf(opened.db.transaction([limited, late]))).toBe('away');
  });

  test('keeps its own settings beside those that its address names', async () => {
    const url = `${await server.makeDatabase()}?options=-c%20search_path%3Dpublic,pg_temp`;
    const { db, close } = await openPostgres(url);
    const [row] = await db.query(
      "select current_setting('search_path') as path, current_setting('enable_seqscan') as scan",
    );
    expect(row).toEqual({ path: 'public,pg_temp', scan: 'off' });
    await close();
  });

  test('names transactions that are open for long, and replication slots that nobody reads', async () => {
    expect(await findWorries(opened.db)).toEqual([]);
    const client = new Client({ connectionString: server.url.replace(/postgres$/, 'test_1') });
    await client.connect();
    await client.query('begin transaction isolation level repeatable read');
    await client.query('select count(*) from hooks');
    await server.query("select pg_create_physical_replication_slot('forgotten', true)");
    await keep().keepHooks([makeHook('log is written')]);
    const worries = await findWorries(opened.db, { old: 0, kept: 0 });
    expect(worries.map(({ name }) => name)).toEqual(['transaction', 'slot forgotten']);
    await client.end();
    await server.query("select pg_drop_replication_slot('forgotten')");
  });

  test('says which settings to give to its role where a pooler drops those of its sessions', async () => {
    const { db, close } = await openPostgres(
      `${await server.makeDatabase()}?options=-c%20enable_seqscan%3Don%20-c%20enable_hashjoin%3Don`,
    );
    expect(await findWorries(db)).toEqual([
      {
        name: 'settings',
        detail: expect.stringContaining('pooler'),
        todo: expect.stringContaining('alter role "postgres" set enable_seqscan = off;'),
      },
    ]);
    await close();
  });

  test('knows a question by one name in every session, which a pooler may exchange', async () => {
    const [config = {}] = configsOf(server.url);
    const ask = (sql: string) => [{ sql, rows: [[]] }];
    const namesAfter = async (questions: string[]) => {
      const connection = await connect(config);
      for (const sql of questions) await connection.run(ask(sql));
      const [[rows = []] = []] = await connection.run(
        ask(
          "select statement, name from pg_prepared_statements where statement like 'select _ as %' order by statement",
        ),
      );
      connection.destroy();
      return rows;
    };
    const names = await namesAfter(['select 1 as one', 'select 2 as two']);
    expect(names).toHaveLength(2);
    expect(await namesAfter(['select 2 as two', 'select 1 as one'])).toEqual(names);
  });

  test.each([
    // In the place of a server that speaks another language: nothing but the code says that it is a warning.
    ['57P01', 'away'],
    ['01000', 'away'],
    ['42P07', 'none'],
  ])('a server that says %s beside its success', async (code, failure) => {
    const connection = await connect(configsOf(server.url)[0] ?? {});
    const sql = `do $$ begin raise notice 'hört, hört' using errcode = '${code}'; end $$`;
    expect(await failureOf(connection.run([{ sql, rows: [[]] }]))).toBe(failure);
    connection.destroy();
  });

  test('that asks for a password says so where none is given', async () => {
    await server.query("create role locked login password 'hunter2'");
    const hba = join(server.folder, 'data/pg_hba.conf');
    const lines = await readFile(hba, 'utf8');
    await writeFile(hba, `host all locked all scram-sha-256\n${lines}`);
    await server.query('select pg_reload_conf()');
    const opening = openPostgres(server.url.replace('postgres@', 'locked@'), { patience: 0 });
    await expect(opening).rejects.toMatchObject({ code: 'KEEP_OPEN', message: expect.stringMatching(/none is given/) });
    await writeFile(hba, lines);
    await server.query('select pg_reload_conf()');
  });

  test('whose statements get lost on the way says what the pooler needs, and blames no hook', async () => {
    const connection = await connect(configsOf(server.url)[0] ?? {});
    const ask = () => connection.run([{ sql: 'select 1 as one', rows: [[]] }]);
    await ask();
    await connection.run([{ sql: 'deallocate all', rows: [[]] }]);
    const error = await ask().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: 'refused', message: expect.stringContaining('max_prepared_statements') });
    expect(isPassing(error)).toBe(true);
    connection.destroy();
  });

  test('reads bytes as they were kept, in whatever form its database shows them', async () => {
    const url = await server.makeDatabase();
    await server.query(`alter database ${url.slice(url.lastIndexOf('/') + 1)} set bytea_output = 'escape'`);
    const { db, close } = await openPostgres(url);
    const own = createKeep({ db, vault: plainVault });
    const hook = makeHook('some bytes');
    await own.keepHooks([hook]);
    const claim = { now: NOW, lease_until: NOW + 1, lease_id: 'a', limit: 1 };
    expect(await own.claimHooks(claim)).toMatchObject([{ body: hook.hook.body }]);
    await close();
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
    await older.query('drop table recounts');
    await older.query('drop table webhook_lists');
    await older.query('drop table qualities');
    await older.query('alter table orders drop column told_by');
    await older.query('alter table entries drop column replaced_by');
    await older.query('drop table identities');
    await older.query('delete from migrations where version > 27');
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
    await older.query('drop table recounts');
    await older.query('drop table webhook_lists');
    await older.query('drop table qualities');
    await older.query('alter table orders drop column told_by');
    await older.query('alter table entries drop column replaced_by');
    await older.query('delete from migrations where version > 27');
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

describe.skipIf(!(await hasPostgres()))('a synchronous standby (skipped where no PostgreSQL runs)', () => {
  let primary: Server;
  let standby: Server;
  let opened: Postgres;
  beforeAll(async () => {
    // From the start: a server that reads its settings again does so a moment after it was told to.
    primary = await startPostgres({ synchronous_standby_names: 'standby' });
    standby = await makeStandby(primary);
    await standby.start();
    opened = await openPostgres(await primary.makeDatabase());
  });
  afterAll(async () => {
    await opened.close();
    await Promise.all([standby.close(), primary.close()]);
  });
  const keep = (body: string) => createKeep({ db: opened.db, vault: plainVault }).keepHooks([makeHook(body)]);
  const cancel = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";

  test('that does not answer is not waited for without end', async () => {
    // Also a standby that is well may take longer than hooks are waited for, on a machine with much else to do.
    await eventually(async () => (await failureOf(keep('both'))) === 'none', 'both keep it');
    await standby.stop('kill');
    for (const body of ['first', 'second', 'third']) expect(await failureOf(keep(body))).toBe('away');
  });

  test('whose wait somebody cancels has confirmed nothing, also not for a hook that is there already', async () => {
    const answers: string[] = [];
    const work = (async () => {
      for (const body of ['canceled', 'canceled', 'canceled']) answers.push(await failureOf(keep(body)));
    })();
    let done = false;
    void work.then(() => {
      done = true;
    });
    while (!done) await primary.query(cancel);
    expect(answers).not.toContain('none');
  });

  test('is trusted again when it is back', async () => {
    await standby.start();
    await eventually(async () => (await failureOf(keep('back'))) === 'none', 'it keeps');
  });
});
