// What somebody sees who asks again after something came: pages that do not change by themselves, and answers to programs.
import { afterEach, expect, test, vi } from 'vitest';
import { createClient, makeToken } from '../support/api.ts';
import { becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';

let rig: Rig | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await rig?.close();
});
const NEVER = 'shop/shopify: no hook ever came';

test('a source that sent its first hook a moment ago is not said to have sent nothing, by page or API', async () => {
  rig = await startRig();
  const admin = await becomeAdmin(rig);
  const client = createClient(rig, await makeToken(admin));
  const sources = async () => (await admin.get('/sources')).text.match(/No hook ever came from here/g)?.length;
  const overview = async () => (await client.get('/overview')).text;
  const alerts = async () => (await admin.get('/alerts')).text.match(/No hook ever came\./g)?.length;
  expect(await sources()).toBe(2);
  expect(await alerts()).toBe(2);
  expect(await overview()).toContain(NEVER);
  await post(rig.service.url, fromShopify(lampOrder(1)));
  await eventually(async () => (await client.get('/events')).text.includes('"purchase"'), 'the event is made');
  const later = Date.now() + 10_000;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  expect(await sources()).toBe(1);
  expect(await alerts()).toBe(1);
  expect(await overview()).not.toContain(NEVER);
  expect(JSON.parse(await overview())).toMatchObject({ stores: [{ hooks: { now: 1 }, events: { now: 1 } }] });
});
