// The service while its mapping files are being changed: what editors do to them, and what cannot be read for a while.
import { writeFileSync } from 'node:fs';
import { rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { becomeAdmin } from './support/browser.ts';
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
  await symlink('nowhere', inMappings('stores/shop.new'));
  await rename(inMappings('stores/shop.new'), inMappings('stores/shop.yaml'));
  await eventually(told('stores/shop.yaml:1:1 UNREADABLE'), 'it is told');
  await rig.service.reload();
  expect(await answerTo(1)).toBe(200);
});

test('a stores folder that is away for a while leaves its stores in use, for receiving and for delivering', async () => {
  const admin = await becomeAdmin(rig);
  const reached = () => new Set(rig.standins.received.map(({ destination }) => destination));
  await rename(inMappings('stores'), inMappings('stores.away'));
  await eventually(told('stores/:1:1 NO_STORES'), 'it is told');
  expect(await answerTo(1)).toBe(200);
  await eventually(() => reached().size === 3, 'the order is delivered');
  for (const path of ['/mappings', '/mappings/file?file=stores/']) {
    const { text } = await admin.get(path);
    expect(text).toContain('no store file is left that can be used');
    expect(text).toContain('last good version is in use');
  }
  await rename(inMappings('stores.away'), inMappings('stores'));
  await eventually(async () => !(await admin.get('/mappings')).text.includes('no store file is left'), 'it is over');
  expect(await answerTo(2)).toBe(200);
});

test('what stays in use is the same for receiving and for delivering, however early the files change', async () => {
  const store = storeFile(rig.standins);
  const more = { ...store, sources: { ...store.sources, lamps: store.sources.shopify } };
  await writeFile(inMappings('stores/shop.yaml'), JSON.stringify(more));
  await rig.service.reload();
  await rename(inMappings('stores'), inMappings('stores.away'));
  await rig.service.reload();
  expect((await post(rig.service.url, { ...fromShopify(lampOrder(1)), path: '/hooks/shop/lamps' })).status).toBe(200);
  await eventually(() => rig.standins.received.length > 0, 'the order is delivered', 20_000);
});

test('a file that changes while the service starts is in use once it has started', async () => {
  await rig.service.stop();
  const store = storeFile(rig.standins);
  const more = { ...store, sources: { ...store.sources, lamps: store.sources.shopify } };
  // A currency that is none is told once the files are read, and long before anybody watches them.
  await writeFile(inMappings('stores/shop.yaml'), JSON.stringify({ ...store, currency: 'XQX' }));
  const change = () => writeFileSync(inMappings('stores/shop.yaml'), JSON.stringify(more));
  const push = rig.logged.push.bind(rig.logged);
  rig.logged.push = (line) => {
    if (line.includes('mappings.doubtful')) change();
    return push(line);
  };
  const { url } = await rig.addReplica();
  await eventually(told('mappings.loaded'), 'it is read again', 20_000);
  expect((await post(url, { ...fromShopify(lampOrder(1)), path: '/hooks/shop/lamps' })).status).toBe(200);
});
