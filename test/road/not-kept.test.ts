// What could not be kept lately: counted by a moved clock, and told on the overview of a service that goes on.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createNotKept } from '../../src/road/not-kept.ts';
import { becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, startRig } from '../support/service.ts';

const MINUTE = 60_000;

test('hooks that could not be kept are counted for ten minutes, others never', () => {
  let now = Date.UTC(2026, 0, 31, 12);
  const { hear, count } = createNotKept(() => now);
  expect(count()).toBe(0);
  hear('hook.received', { outcome: 'not_kept' });
  hear('hook.received', { outcome: 'kept' });
  hear('delivery.attempted', { outcome: 'not_kept' });
  now += 5 * MINUTE;
  hear('hook.received', { outcome: 'not_kept' });
  expect(count()).toBe(2);
  now += 5 * MINUTE;
  expect(count()).toBe(1);
  now += 5 * MINUTE;
  expect(count()).toBe(0);
});

test('a service whose database takes no writes says on its overview that hooks are lost', async () => {
  const rig = await startRig();
  try {
    const browser = await becomeAdmin(rig);
    const other = new DatabaseSync(join(rig.folder, 'data/tagbridge.db'));
    other.exec('begin immediate');
    const reply = await post(rig.service.url, fromShopify(lampOrder(7001)));
    expect(reply.status).toBe(503);
    const overview = async () => (await browser.get('/')).text;
    await eventually(
      async () => (await overview()).includes('1 hook could not be kept in the last 10 minutes'),
      'told',
    );
    expect(await overview()).toContain('hook.not_kept');
    other.exec('rollback');
    other.close();
    expect((await post(rig.service.url, fromShopify(lampOrder(7001)))).status).toBe(200);
  } finally {
    await rig.close();
  }
});
