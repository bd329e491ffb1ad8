// The service while its mapping files are being changed: what editors do to them, and what cannot be read for a while.
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from './support/service.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

const inMappings = (name: string) => join(rig.folder, 'mappings', name);
const told = (words: string) => () => rig.logged.some((line) => line.includes(words));
const answerTo = async (id: number) => (await post(rig.service.url, fromShopify(lampOrder(id)))).status;

test('a file that an editor locks is used again once it is saved, and so is one at the next start', async () => {
  await symlink('ann@office.example.1234:99', inMappings('stores/.#shop.yaml'));
  await writeStore(rig, { ...storeFile(rig.standins), title: 'Lamps' });
  expect(rig.logged.filter((line) => line.includes('mappings.broken'))).toEqual([]);
  expect(await answerTo(1)).toBe(200);
  await rig.service.stop();
  expect(new URL((await rig.addReplica()).url).port).not.toBe('0');
});

test('a store file that cannot be read is told, by itself and when asked to load, and its store stays in use', async () => {
  await rm(inMappings('stores/shop.yaml'));
  await mkdir(inMappings('stores/shop.yaml'));
  await eventually(told('stores/shop.yaml:1:1 UNREADABLE'), 'it is told');
  await rig.service.reload();
  expect(await answerTo(1)).toBe(200);
});
