// The SQLite driver itself: order of requests, full disks, old and foreign files, threads.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../../src/keep/identity-key.ts';
import { createKeep } from '../../../src/keep/keep.ts';
import { connectSqlite, openSqlite, refuseOldSqlite, type Sqlite } from '../../../src/keep/sqlite/sqlite.ts';
import { OperatorError } from '../../../src/lib/errors.ts';
import { createVault, plainVault } from '../../../src/lib/vault.ts';
import type { Db, Step } from '../../../src/types.ts';
import { filesWith } from '../../support/files.ts';
import { delivered, LEASE, makeDigest, makeEvent, makeHook, makePurchase, NOW } from '../make.ts';

let folder: string;
let path: string;
const opened: Sqlite[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-sqlite-'));
  path = join(folder, 'data', 'tagbridge.db');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
  await rm(folder, { recursive: true });
});

const open = async (maxPages?: number): Promise<Sqlite> => {
  const sqlite = await openSqlite({ path, ...(maxPages === undefined ? {} : { maxPages }) });
  opened.push(sqlite);
  return sqlite;
};
const pause = (account: string): Step => ({
  sql: 'insert into pauses (account, reason, since) values ($1, $2, $3)',
  rows: [[account, 'a reason', 0]],
});
const accounts = async (db: Db) =>
  (await db.query('select account from pauses order by account')).map((row) => row.account);
/** Keeps the thread busy long enough for everything after it to be posted meanwhile. */
const SLOW: Step = {
  sql: 'with recursive n (i) as (select 1 union all select i + 1 from n where i < $1) select count(*) as n from n',
  rows: [[1_000_000]],
};

test('urgent transactions without end do not keep the others from their turn', async () => {
  const { db } = await open();
  let isOver = false;
  const other = db.transaction([pause('other')]).finally(() => {
    isOver = true;
  });
  for (let sent = 0; !isOver && sent < 20_000; sent++)
    await db.transaction([pause(`urgent ${sent}`)], { urgent: true });
  expect(isOver).toBe(true);
  await other;
});

test('an urgent transaction overtakes those that were sent before it', async () => {
  const { db } = await open();
  const ended: string[] = [];
  const note = (name: string) => () => ended.push(name);
  await Promise.all([
    db.transaction([SLOW]).then(note('slow')),
    ...Array.from({ length: 100 }, (_, index) => db.transaction([pause(`${index}`)]).then(note('other'))),
    db.transaction([pause('urgent')], { urgent: true }).then(note('urgent')),
  ]);
  expect(ended.indexOf('urgent')).toBeLessThanOrEqual(1);
});

test('a commit waits for the disk', async () => {
  const { db } = await open();
  expect(await db.transaction([{ sql: 'pragma synchronous', rows: [[]] }])).toEqual([[[{ synchronous: 2 }]]]);
});

test('a request that fails does not harm those that share its commit', async () => {
  const { db } = await open();
  const slow = db.transaction([SLOW]);
  const results = await Promise.allSettled([
    db.transaction([pause('a')]),
    db.transaction([pause('b'), pause('a')]),
    db.transaction([{ sql: 'insert into nowhere values (1)', rows: [[]] }]),
    db.transaction([pause('c')]),
  ]);
  await slow;
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { failure: 'constraint' } });
  expect(results[2]).toMatchObject({ reason: { failure: 'statement' } });
  expect(await accounts(db)).toEqual(['a', 'c']);
});

test('a query sees every transaction that was committed before it was asked', async () => {
  const { db } = await open();
  for (let index = 0; index < 50; index += 1) {
    await db.transaction([pause(`${index}`)]);
    expect(await accounts(db)).toHaveLength(index + 1);
  }
});

test('a full disk fails the transaction, and the next one succeeds when there is room', async () => {
  const { db } = await open(200);
  const keep = createKeep({ db, vault: plainVault });
  const big = (name: string) => makeHook(`${name} ${'x'.repeat(100_000)}`);
  const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => keep.keepHooks([big(`${index}`)])));
  const failed = answers.filter(({ status }) => status === 'rejected');
  expect(failed.length).toBeGreaterThan(10);
  for (const failure of failed) expect(failure).toMatchObject({ reason: { failure: 'full' } });
  const kept = answers.length - failed.length;
  expect(await db.query('select count(*) as n from hooks')).toEqual([{ n: kept }]);
  expect(await db.query('select count(*) as n from hook_bodies')).toEqual([{ n: kept }]);

  await db.transaction([{ sql: 'delete from hook_bodies', rows: [[]] }]);
  expect(await keep.keepHooks([big('after')])).toEqual(['kept']);
});

test('bytes are copied, so the sender may go on using them, and only the view is stored', async () => {
  const { db } = await open();
  const whole = Uint8Array.from({ length: 100 }, (_, index) => index);
  const part = whole.subarray(10, 13);
  const asked = db.transaction([{ sql: 'select $1 as a, $2 as b', rows: [[part, 'text']] }]);
  part.fill(0);
  expect(await asked).toEqual([[[{ a: Uint8Array.of(10, 11, 12), b: 'text' }]]]);
});

test('another thread’s ports serve the same file', async () => {
  const { db, connect } = await open();
  const other = connectSqlite(connect());
  await other.transaction([pause('a')]);
  expect(await accounts(db)).toEqual(['a']);
  await other.close();
  await expect(other.transaction([pause('b')])).rejects.toMatchObject({ failure: 'closed' });
  await db.transaction([pause('c')]);
});

test('closing answers what was asked before, and refuses what comes after', async () => {
  const { db, connect, close } = await open();
  const other = connectSqlite(connect());
  const asked = [db.transaction([SLOW]), other.transaction([pause('a')]), db.transaction([pause('b')])];
  await close();
  await expect(Promise.all(asked)).resolves.toHaveLength(3);
  await expect(db.transaction([pause('c')])).rejects.toMatchObject({ failure: 'closed' });
  await expect(other.query('select 1 as one')).rejects.toMatchObject({ failure: 'closed' });
  const again = await open();
  expect(await accounts(again.db)).toEqual(['a', 'b']);
});

test('the file and its folder are for this user alone', async () => {
  await open();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(`${path}-wal`)).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
});

test('two programs that start on an empty folder both find the tables', async () => {
  const both = await Promise.all([open(), open()]);
  await both[0].db.transaction([pause('a')]);
  expect(await accounts(both[1].db)).toEqual(['a']);
});

test('tables of a newer program are refused with both versions', async () => {
  const { db, close } = await open();
  await db.transaction([{ sql: 'insert into migrations (version) values (99)', rows: [[]] }]);
  await close();
  await expect(open()).rejects.toThrow(/version 99, this one knows \d/);
});

test('a file that is no database is refused and left as it is', async () => {
  path = join(folder, 'notes.txt');
  const notes = 'not a database, but notes that somebody wants to keep '.repeat(100);
  await writeFile(path, notes);
  await expect(open()).rejects.toBeInstanceOf(OperatorError);
  expect((await stat(path)).size).toBe(notes.length);
});

test('a folder that cannot be made is refused, and which user may not write there is said', async () => {
  await writeFile(join(folder, 'data'), 'a file');
  const hint = expect.stringContaining(`(uid ${process.getuid?.() ?? 'unknown'})`);
  await expect(open()).rejects.toMatchObject({ code: 'KEEP_OPEN', hint });
});

test('S116 a SQLite that may damage the file is refused', () => {
  for (const version of ['3.51.2', '3.9.9', '2.99.0', undefined]) {
    expect(() => refuseOldSqlite(version)).toThrow(OperatorError);
  }
  for (const version of ['3.51.3', '3.51.10', '3.53.0', '4.0.0']) expect(() => refuseOldSqlite(version)).not.toThrow();
});

test('a digest that the database refuses makes its hook stuck, and its neighbours are recorded', async () => {
  const { db } = await open();
  const keep = createKeep({ db, vault: plainVault });
  const refuse =
    "create trigger refuse before insert on deliveries when new.account = 'bad' begin select raise(abort, 'no'); end";
  await db.transaction([{ sql: refuse, rows: [[]] }]);
  const hooks = ['one', 'two', 'three'].map((body) => makeHook(body, { lease_id: 'a' }));
  await keep.keepHooks(hooks);
  const accountsOf = ['good', 'bad', 'good'];
  const events = hooks.map((_, index) => makeEvent(makePurchase(`${index}`), accountsOf.slice(index, index + 1)));
  const digests = hooks.map((hook, index) => makeDigest(hook, { events: events.slice(index, index + 1) }));
  expect(await keep.recordDigests(digests, NOW)).toEqual(new Set([events[0]?.id, events[2]?.id]));
  const states = await db.query('select state, due_at from hooks order by rowid');
  expect(states.map(({ state }) => state)).toEqual(['mapped', 'stuck', 'mapped']);
  expect(await db.query('select account from deliveries')).toHaveLength(2);
});

test('a history that cannot be written does not keep a delivery open', async () => {
  const { db } = await open();
  const keep = createKeep({ db, vault: plainVault });
  const refuse = "create trigger refuse before insert on attempts begin select raise(abort, 'no'); end";
  await db.transaction([{ sql: refuse, rows: [[]] }]);
  const hook = makeHook('one', { lease_id: 'a' });
  await keep.keepHooks([hook]);
  await keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'])] })], NOW);
  const claim = { account: 'ga4', now: NOW, lease_until: NOW + LEASE, lease_id: 'b', limit: 10 };
  await keep.finishDeliveries((await keep.claimDeliveries(claim)).map(delivered));
  expect(await db.query('select account from deliveries')).toEqual([]);
});

test('a vault without the keys of what is kept is refused at start', async () => {
  const { db } = await open();
  const [old, fresh] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
  const keepWith = (...keys: (string | undefined)[]) =>
    createKeep({ db, vault: createVault(keys.filter((key) => key !== undefined)) });
  await keepWith(old).checkVault();
  await keepWith(old).keepHooks([makeHook('one')]);
  await keepWith(fresh, old).keepHooks([makeHook('two')]);
  await keepWith(fresh, old).checkVault();
  for (const key of [old, fresh]) await expect(keepWith(key).checkVault()).rejects.toBeInstanceOf(OperatorError);
});

test.each(['events', 'visits', 'secrets'])(
  'a vault without the key of the oldest %s is refused at start',
  async (table) => {
    const { db } = await open();
    const [old = '', fresh = ''] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const keepWith = (...keys: string[]) => createKeep({ db, vault: createVault(keys) });
    const hook = makeHook('one', { lease_id: 'a' });
    await keepWith(old).keepHooks([hook]);
    await keepWith(old).recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'))] })], NOW);
    const visit = { started_at: NOW, seen_at: NOW, fields: {}, seen: {} };
    const visitor = identityOf('demo', 'visitor_id', 'ann');
    await keepWith(old).keepVisits([{ visitor, id: 'v1', visit, expires_at: NOW, identities: [] }]);
    for (const other of ['hook_bodies', 'events', 'visits', 'secrets'].filter((one) => one !== table))
      await db.transaction([{ sql: `delete from ${other}`, rows: [[]] }]);
    await keepWith(fresh, old).checkVault();
    await expect(keepWith(fresh).checkVault()).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  },
);

/** Rows of many lengths in no order: pages split all the time, and leave copies of rows in space they use no more. */
async function leaveTraces(db: Db): Promise<void> {
  const rows = Array.from({ length: 5_000 }, (_, index) => [
    `${(index * 7_919) % 10_007}`,
    `${index % 10 === 0 ? 'canary' : 'others'}${'x'.repeat((index * 104_729) % 900)}`,
  ]);
  const one = (sql: string): Step => ({ sql, rows: [[]] });
  await db.transaction([
    one('create table notes (id text primary key, note text) without rowid'),
    one('create index by_note on notes (note)'),
  ]);
  await db.transaction([{ sql: 'insert into notes values ($1, $2)', rows }]);
  await db.transaction([one("delete from notes where note like 'canary%'")]);
}

test('what was deleted is nowhere in a small file, and in a large one only where nothing is kept any more', async () => {
  const { db } = await open();
  await leaveTraces(db);
  const keep = createKeep({ db, vault: plainVault });
  expect(await keep.scrub(0)).toBe(false);
  expect(await filesWith(join(folder, 'data'), 'canary')).toEqual(['tagbridge.db']);
  expect(await keep.scrub()).toBe(true);
  expect(await filesWith(join(folder, 'data'), 'canary')).toEqual([]);
  expect(await db.query('select count(*) as n from notes')).toEqual([{ n: 4_500 }]);
});
