// Work threads as the main thread starts them, over a real store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { type Database, openDatabase } from '../../src/keep/open.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Texts } from '../../src/map/mappings.ts';
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
  await database.close();
  await rm(folder, { recursive: true });
});

const textsOf = (platform: string): Texts => ({
  platforms: [{ file: 'shop.yaml', text: platform }],
  stores: [{ file: 'stores/acme.yaml', text: `${ACME.split('destinations:')[0]}destinations: {}\n` }],
});

test('a work thread begins with the mapping files that came while it was starting', async () => {
  const keep = createKeep({ db: database.db, vault: plainVault });
  const id = newId();
  const hook = {
    id,
    store: 'acme',
    source: 'shop',
    received_at: database.now(),
    headers: { 'content-type': 'application/json', 'x-topic': 'order.paid' },
    body: Buffer.from(JSON.stringify({ ...ORDER, paid_at: new Date(database.now()).toISOString() })),
  };
  await keep.keepHooks([{ hook, keys: { body: Buffer.from(id) }, due_at: database.now() }]);
  const crashes: unknown[] = [];
  const workers = startWorkers({
    count: 1,
    options: () => ({
      env: ENV,
      logLevel: 'silent',
      encryptionKey: undefined,
      allowPrivate: false,
      ports: database.connect(),
      texts: textsOf(SHOP.replace('order.paid', 'order.made')),
      crowd: undefined,
    }),
    newId,
    now: database.now,
    onCrash: (error) => crashes.push(error),
    onAttempts: () => {},
  });
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
