// Moving from the embedded file to PostgreSQL: everything arrives, a stopped copy goes on, and nothing is overwritten.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { moveTo, openDatabase } from '../../src/keep/open.ts';
import { openPostgres } from '../../src/keep/postgres/postgres.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { hasPostgres, type Server, startPostgres } from '../support/postgres.ts';
import { delivered, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';

const ORDERS = 700;

async function fill(keep: Keep): Promise<void> {
  const hooks = Array.from({ length: ORDERS }, (_, index) =>
    makeHook(`${index}`, { lease_id: 'a', delivery: `${index}` }),
  );
  await keep.keepHooks(hooks);
  const digests = hooks.map((hook, index) =>
    makeDigest(hook, { events: [makeEvent(makePurchase(`Ü${index}`), ['ga4', 'meta'])] }),
  );
  await keep.recordDigests(digests, NOW);
  const claim = { account: 'ga4', now: NOW, lease_until: NOW + 60_000, lease_id: 'b', limit: 100 };
  await keep.finishDeliveries((await keep.claimDeliveries(claim)).map(delivered));
}

describe.skipIf(!(await hasPostgres()))('copying (skipped where no PostgreSQL runs)', () => {
  let server: Server;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-copy-'));
    const { db, close } = await openDatabase({ url: undefined, folder });
    await fill(createKeep({ db, vault: plainVault }));
    await close();
  });
  beforeEach(async () => {
    url = await server.makeDatabase();
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test('brings every row and says so for each table', async () => {
    const progress = { total: 0, rows: 0 };
    const copied = await moveTo(url, folder, {
      onTotal: (rows) => {
        progress.total = rows;
      },
      onProgress: (rows) => {
        progress.rows += rows;
      },
    });
    expect(progress.rows).toBe(progress.total);
    const rows = Object.fromEntries(copied.map(({ table, rows }) => [table, rows]));
    expect(rows).toMatchObject({
      hooks: ORDERS,
      hook_bodies: ORDERS,
      events: ORDERS,
      deliveries: 2 * ORDERS - 100,
      attempts: 100,
    });
    const { db, close } = await openPostgres(url);
    const keep = createKeep({ db, vault: plainVault });
    expect(await keep.findOrders('demo', ['Ü7'])).toMatchObject([{ order_id: 'Ü7', event: makePurchase('Ü7') }]);
    const claim = { account: 'meta', now: NOW, lease_until: NOW + 60_000, lease_id: 'c', limit: 10_000 };
    expect(await keep.claimDeliveries(claim)).toHaveLength(ORDERS);
    await close();
  });

  test('goes on after it was stopped; until it is done no service starts there', async () => {
    const stopping = new AbortController();
    const stopped = moveTo(url, folder, { signal: stopping.signal, onProgress: () => stopping.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(openPostgres(url)).rejects.toMatchObject({ code: 'KEEP_HALF_COPIED' });
    let rows = 0;
    const copied = await moveTo(url, folder, {
      onProgress: (count) => {
        rows += count;
      },
    });
    expect(rows).toBeLessThan(copied.reduce((sum, table) => sum + table.rows, 0));
    await (await openPostgres(url)).close();
  });

  test('copies a table anew that is not the same in the end', async () => {
    const stopping = new AbortController();
    await moveTo(url, folder, { signal: stopping.signal, onProgress: () => stopping.abort() }).catch(() => undefined);
    const { db, close } = await openPostgres(url, { halfCopied: true });
    const [note] = await db.query('select name from copies order by name limit 1');
    await db.transaction([{ sql: `delete from ${String(note?.name)}`, rows: [[]] }]);
    await close();
    const copied = await moveTo(url, folder, {});
    const again = await openPostgres(url);
    for (const { table, rows } of copied)
      expect(await again.db.query(`select count(*) as rows from ${table}`), table).toEqual([{ rows }]);
    await again.close();
  });

  test('leaves a database alone that has data of its own', async () => {
    await moveTo(url, folder, {});
    await expect(moveTo(url, folder, {})).rejects.toMatchObject({ code: 'NOT_EMPTY' });
  });

  test('waits for nobody: a service that runs on the folder is named', async () => {
    const running = await openDatabase({ url: undefined, folder });
    await running.begin();
    await expect(moveTo(url, folder, {})).rejects.toMatchObject({ code: 'KEEP_IN_USE' });
    await running.close();
  });
});
