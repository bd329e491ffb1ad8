// What the gauges tell of a source with two lists, of which one may never have been compared.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createReadCompared } from '../../src/pages/compared.ts';
import { buildStore } from '../support/stores.ts';

const AT = Date.UTC(2026, 10, 20, 12);

test('a source of two lists tells when the one was compared that was compared least, and nothing where it never was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-test-'));
  const { db, close } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  const keep = createKeep({ db, vault: plainVault });
  const store = await buildStore('magento', {}, { shop_domain: 'lamps.example', api_token: '${SHOP_SECRET}' });
  const read = createReadCompared({ keep, mappings: { all: () => [store] }, now: () => AT });
  const done = (list: string, at: number) =>
    keep.noteComparison({ store: 'shop', source: 'magento', list, at, until: at, listed: 1 });
  await done('creditmemos', AT - 60_000);
  expect(await read()).toMatchObject([{ source: 'magento', done_at: undefined }]);
  await done('orders', AT - 3_600_000);
  expect(await read()).toMatchObject([{ source: 'magento', done_at: AT - 3_600_000 }]);
  await close();
  await rm(folder, { recursive: true });
});
