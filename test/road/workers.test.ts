// Work threads as the main thread starts them, over a real store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { type Database, openDatabase } from '../../src/keep/open.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Texts } from '../../src/map/files/files.ts';
import { startWorkers } from '../../src/road/workers.ts';
import { eventually } from '../support/service.ts';
import { ACME, ENV, ORDER, SHOP } from '../support/yaml.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-workers-'));
  database = await openDatabase({ url: undefined, folder });
});
afterEach(async () => {
  vi.useRealTimers();
  await database.close();
  await rm(folder, { recursive: true });
});

const textsOf = (platform: string): Texts => ({
  platforms: [{ file: 'shop.yaml', text: platform }],
  stores: [{ file: 'stores/acme.yaml', text: `${ACME.split('destinations:')[0]}destinations: {}\n` }],
});

let crashes: unknown[];
/** How often threads said something by themselves. */
let said: number;
const start = (platform: string) => {
  crashes = [];
  said = 0;
  return startWorkers({
    count: 1,
    options: () => ({
      env: ENV,
      logLevel: 'silent',
      encryptionKey: undefined,
      allowPrivate: false,
      publicUrl: undefined,
      ports: database.connect(),
      texts: textsOf(platform),
      crowd: undefined,
    }),
    newId,
    now: database.now,
    onCrash: (error) => crashes.push(error),
    onAttempts: () => {
      said += 1;
    },
  });
};
const makeHook = (id: string) => ({
  id,
  store: 'acme',
  source: 'shop',
  received_at: database.now(),
  headers: { 'content-type': 'application/json', 'x-topic': 'order.paid' },
  body: Buffer.from(JSON.stringify({ ...ORDER, paid_at: new Date(database.now()).toISOString() })),
});

test('a work thread begins with the mapping files that came while it was starting', async () => {
  const keep = createKeep({ db: database.db, vault: plainVault });
  const id = newId();
  await keep.keepHooks([{ hook: makeHook(id), keys: { body: Buffer.from(id) }, due_at: database.now() }]);
  const workers = start(SHOP.replace('order.paid', 'order.made'));
  workers.setMappings(textsOf(SHOP));
  // The main thread is busy while the thread starts, so that it cannot tell it of the files at once.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  const state = async () => {
    const [row] = await database.db.query('select state, reason from hooks');
    return row;
  };
  await eventually(async () => (await state())?.state !== 'kept', 'the hook is worked on');
  expect(await state()).toEqual({ state: 'mapped', reason: null });
  await workers.stop(1_000);
  expect(crashes).toEqual([]);
});

test('a work thread has room for 512 hooks, and again for each that is worked on or not needed', async () => {
  const workers = start(SHOP);
  await eventually(() => workers.lease() !== undefined, 'the thread is at work');
  const leases = Array.from({ length: 511 }, () => workers.lease());
  const lease_id = leases[0]?.lease_id ?? '';
  expect(leases.every((lease) => lease?.lease_id === lease_id)).toBe(true);
  expect(workers.lease()).toBeUndefined();
  workers.giveBack(lease_id);
  expect([workers.lease()?.lease_id, workers.lease()]).toEqual([lease_id, undefined]);
  workers.give(makeHook(newId()), lease_id);
  await eventually(() => workers.lease() !== undefined, 'the hook was worked on');
  await workers.stop(1_000);
  workers.giveBack(lease_id);
  expect(workers.lease()).toBeUndefined();
  expect(crashes).toEqual([]);
});

test('a work thread that says nothing for a minute is told as a crash, and one that says something is not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const workers = start(SHOP);
  await eventually(() => workers.lease() !== undefined, 'the thread is at work');
  vi.advanceTimersByTime(59_000);
  const before = said;
  await eventually(() => said > before, 'the thread said something');
  vi.advanceTimersByTime(59_000);
  expect(crashes).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(crashes.map(String)).toEqual(['Error: a work thread was silent for 60 s']);
  await workers.stop(1_000);
});

test('work threads that cannot begin, because the database does not answer, stop when they are told to', async () => {
  const rename = (from: string, to: string) =>
    database.db.transaction([{ sql: `alter table ${from} rename to ${to}`, rows: [[]] }]);
  await rename('pauses', 'pauses_away');
  const workers = start(SHOP);
  await workers.stop(0);
  await rename('pauses_away', 'pauses');
  expect(crashes).toEqual([]);
});

test('hooks that a thread was handed and has not worked on are due again when it stops', async () => {
  const keep = createKeep({ db: database.db, vault: plainVault });
  const workers = start(SHOP);
  await eventually(() => workers.lease() !== undefined, 'the thread is at work');
  const hooks = Array.from({ length: 400 }, () => makeHook(newId()));
  const { lease_id = '', until: due_at = 0 } = workers.lease() ?? {};
  await keep.keepHooks(hooks.map((hook) => ({ hook, keys: { body: Buffer.from(hook.id) }, due_at, lease_id })));
  for (const hook of hooks) workers.give(hook, lease_id);
  await new Promise(setImmediate);
  await workers.stop(1_000);
  const [row] = await database.db.query('select count(*) as held from hooks where lease_id is not null');
  expect(row).toEqual({ held: 0 });
});
