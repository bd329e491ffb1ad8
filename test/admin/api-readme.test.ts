// The curl examples of the README, run as they stand there against a real service.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeToken } from '../support/api.ts';
import { becomeAdmin } from '../support/browser.ts';
import { fences, README } from '../support/docs.ts';
import { type Rig, startRig } from '../support/service.ts';
import { makeDay } from '../support/shop.ts';

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    return false;
  }
})();
const examples = fences(readFileSync(README, 'utf8'), 'sh').filter((text) => text.includes('/api/'));

describe.skipIf(!hasCurl)(`the curl examples of the README${hasCurl ? '' : ' (SKIPPED: there is no curl)'}`, () => {
  let rig: Rig;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    rig = await startRig();
    const admin = await becomeAdmin(rig);
    await makeDay(rig, admin);
    env = { ...process.env, TAGBRIDGE_TOKEN: await makeToken(admin, { scopes: ['read', 'act', 'phone_orders'] }) };
  });
  afterAll(() => rig.close());

  /** With the address and the store of this test in place of those of a reader. */
  const run = async (example: string): Promise<unknown> => {
    const here = example
      .replace('http://localhost:8081', rig.service.adminUrl)
      .replace('"acme"', '"shop"')
      .replace('/acme/', '/shop/');
    const { stdout } = await promisify(execFile)('sh', ['-c', here], { env });
    return JSON.parse(stdout);
  };

  test('are three', () => {
    expect(examples).toHaveLength(3);
  });
  test('enter a phone order', async () => {
    expect(await run(examples[2] ?? '')).toMatchObject({ outcome: 'kept', number: expect.stringMatching(/^P/) });
  });
  test('find an order', async () => {
    expect(await run(examples[0] ?? '')).toMatchObject({ matches: [{ store: 'shop', order_id: '1042' }] });
  });
  test('say what would be sent again', async () => {
    expect(await run(examples[1] ?? '')).toMatchObject({ dry_run: true, count: 1 });
  });
});
