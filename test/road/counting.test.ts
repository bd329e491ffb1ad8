// Counting beside the road: refused requests are counted in memory, hooks from the disk.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
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

test('topics of kept hooks are counted by source, those of a sender that makes up new ones only so far', async () => {
  const added: { topic: string; hooks: number; last_at: number }[] = [];
  const now = { at: 9 * HOUR };
  const keep = {
    addRefusals: async () => {},
    countNewHooks: async () => {},
    addTopics: async (sums: readonly (typeof added)[number][]) => void added.push(...sums),
  };
  const counting = createCounting({ keep, now: () => now.at, newId, log: { error: () => {} } as never });
  const comes = (topic: string | undefined, outcome = 'kept') =>
    counting.hear('hook.received', { store: 'shop', source: 'shopify', status: 200, outcome, topic });
  comes('orders/paid');
  now.at += 60_000;
  comes('orders/paid');
  comes('orders/paid', 'duplicate');
  comes(undefined);
  counting.hear('hook.sent', { store: 'shop', source: 'shopify', outcome: 'kept', topic: 'orders/paid' });
  await counting.count();
  const place = { store: 'shop', source: 'shopify', hour: 9 };
  expect(added.splice(0)).toEqual([{ ...place, topic: 'orders/paid', hooks: 2, last_at: now.at }]);
  for (let id = 0; id < 1_000; id++) comes(`deal-${id}`);
  comes('orders/paid');
  await counting.count();
  expect(added).toHaveLength(50);
  expect(added.at(-1)).toMatchObject({ topic: 'orders/paid', hooks: 1 });
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
