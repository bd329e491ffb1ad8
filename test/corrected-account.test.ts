// A store file names another account than the one that deliveries wait for: they go there, if they would be made for it today.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeep } from '../src/keep/keep.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../src/lib/vault.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from './support/service.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('what waits for a wrong id is sent to the corrected one, unless its destination no longer wants it', async () => {
  const path = join(rig.folder, 'data/tagbridge.db');
  const { db, close } = await openSqlite({ path });
  const keep = createKeep({ db, vault: plainVault });
  const { ga4, meta } = rig.standins;
  const unknown = { error: { code: 100, error_subcode: 33, message: 'Object does not exist', type: 'OAuthException' } };
  meta.fail({ status: 400, body: JSON.stringify(unknown) });
  ga4.fail({ status: 503, body: '' });
  await post(rig.service.url, fromShopify(lampOrder(1001)));
  await eventually(async () => (await keep.listPauses()).length === 1, 'the pixel is paused');
  const endsOf = async () => {
    const { events } = await keep.findTrace({ store: 'shop', order_id: '1001' });
    return events.flatMap(({ attempts }) => attempts);
  };
  await eventually(async () => (await endsOf()).some(({ destination }) => destination === 'ga4'), 'GA4 has failed');

  meta.recover();
  const store = storeFile(rig.standins);
  await writeStore(rig, {
    ...store,
    destinations: {
      meta: { ...store.destinations.meta, pixel_id: '6543210987654321' },
      ga4: { ...store.destinations.ga4, measurement_id: 'G-TEST000002', send: ['refund'] },
    },
  });
  const file = new DatabaseSync(path, { timeout: 10_000 });
  /** As if they had waited for an hour, whenever they come back from a try of the lane that is about to go. */
  const last = async (name: string) => {
    file.exec('update deliveries set due_at = due_at - 3600000 where lease_id is null');
    return (await endsOf()).filter(({ destination }) => destination === name).at(-1);
  };
  await eventually(async () => (await last('meta'))?.kind === 'delivered', 'Meta has the order');
  await eventually(async () => (await last('ga4'))?.kind === 'skipped', 'GA4 is done with it');
  expect(await last('ga4')).toMatchObject({ reason: 'ga4 is set to send only refund' });
  expect([...ga4.counted.keys()]).toEqual([]);
  expect([...meta.counted.values()]).toEqual([1]);
  file.close();
  await close();
});
