// What only PostgreSQL can do to us: addresses, sessions that end, servers that stop, settings, and what its text cannot hold.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPassing, type KeepError } from '../../../src/keep/error.ts';
import { createKeep } from '../../../src/keep/keep.ts';
import { configsOf, hostsOf } from '../../../src/keep/postgres/address.ts';
import { connect } from '../../../src/keep/postgres/connection.ts';
import { openPostgres, type Postgres } from '../../../src/keep/postgres/postgres.ts';
import { findWorries } from '../../../src/keep/postgres/worries.ts';
import { describeError, PassingError } from '../../../src/lib/errors.ts';
import { plainVault } from '../../../src/lib/vault.ts';
import { failureOf, hasPostgres, type Server, startPostgres } from '../../support/postgres.ts';
import { eventually } from '../../support/service.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from '../make.ts';

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

  test('has no question compiled, which would take longer than the question', async () => {
    const [config = {}] = configsOf(server.url);
    const connection = await connect(config);
    expect(await connection.run([{ sql: "select current_setting('jit') as jit", rows: [[]] }])).toEqual([
      [[{ jit: 'off' }]],
    ]);
    connection.destroy();
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
});
