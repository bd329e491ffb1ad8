// Counting beside the road: refused requests are counted in memory, hooks from the disk.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { createLog } from '../../src/lib/log.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createCounting } from '../../src/road/counting.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { startRig } from '../support/service.ts';

const HOUR = 3_600_000;

/** What the service left behind about the last hours. */
async function refusedOf(folder: string): Promise<number> {
  const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
  const hour = Math.floor(Date.now() / HOUR);
  const found = await createKeep({ db, vault: plainVault }).sumHooks(hour - 1, hour);
  await close();
  return found.filter(({ source }) => source === 'shopify').reduce((all, { refused }) => all + refused, 0);
}

test('a service that stops has counted the requests it refused, by source', async () => {
  const rig = await startRig();
  const hook = fromShopify(lampOrder(1042));
  await post(rig.service.url, hook);
  const forged = { ...hook, headers: { ...hook.headers, 'x-shopify-hmac-sha256': 'AAAA' } };
  for (const one of [forged, forged]) expect((await post(rig.service.url, one)).status).toBe(401);
  await rig.service.stop();
  expect(await refusedOf(rig.folder)).toBe(2);
  await rig.standins.close();
  await rm(rig.folder, { recursive: true, force: true });
});

test('what cannot be counted is said in the log, and hooks are counted the next time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-counting-'));
  const { db, close } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const keep = createKeep({ db, vault: plainVault });
  const counting = createCounting({ keep, now: Date.now, newId, log });
  await close();
  await counting.count();
  expect(lines.join('')).toContain('counting.failed');
  await rm(folder, { recursive: true });
});
