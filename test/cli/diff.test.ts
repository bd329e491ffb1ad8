// `tagbridge diff` beside a running service: what would change if the last hooks came under the files on disk.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { diff } from '../../src/cli/diff.ts';
import { stats } from '../../src/cli/stats.ts';
import { fromShopify, lampOrder, lampRefund, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile } from '../support/service.ts';

let rig: Rig;
/** Mapping files that the service does not use: those to be tried. */
let drafts: string;
let dataDir: string;
const env = () => ({ ...SECRETS, MAPPINGS_DIR: drafts, DATA_DIR: dataDir });

beforeAll(async () => {
  rig = await startRig();
  dataDir = join(rig.folder, 'data');
  drafts = await mkdtemp(join(tmpdir(), 'tagbridge-diff-'));
  await cp(join(rig.folder, 'mappings'), drafts, { recursive: true });
  // It waits for its purchase.
  await post(rig.service.url, fromShopify(lampRefund(91, 9001), 'refunds/create'));
  for (const id of [9001, 9002]) await post(rig.service.url, fromShopify(lampOrder(id)));
  await post(rig.service.url, fromShopify(lampOrder(9003, { financial_status: 'pending' }), 'orders/create'));
  await post(rig.service.url, fromShopify(lampOrder(9001, { note: 'edited' }), 'orders/updated'));
  await eventually(async () => {
    const { hooks } = JSON.parse((await run('--json')).said);
    return hooks === 5;
  }, 'all hooks are done');
});
afterAll(async () => {
  await rig.close();
  await rm(drafts, { recursive: true, force: true });
});

type Source = Record<string, unknown>;
async function draft(store: object, shopify: Source = {}): Promise<void> {
  const base = storeFile(rig.standins);
  const sources = { ...base.sources, shopify: { ...base.sources.shopify, ...shopify } };
  await mkdir(join(drafts, 'stores'), { recursive: true });
  await writeFile(join(drafts, 'stores/shop.yaml'), stringify({ ...base, ...store, sources }));
}
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  const code = await diff.run(['--store', 'shop', ...args], { out, err: out, env: env() });
  return { code, said: said.join('\n') };
}
const purchase = (parts: object) => ({ events: { purchase: parts } });

describe('the same files', () => {
  test('change nothing, though several hooks tell of one order and a refund took over what its purchase knew', async () => {
    await draft({});
    expect(await run()).toEqual({
      code: 0,
      said: 'of the last 5 hooks 3 events stay the same, 0 would change, 0 would be made in addition, 0 would not be made',
    });
  });
});

describe('other files', () => {
  test('show for each order the fields that would change, old and new', async () => {
    await draft({ value: { tax: 'include' } });
    const { said } = await run();
    expect(said).toMatch(/^~ order 9001: purchase \(shopify, hook [0-9a-f-]+\)\n( {4}.*\n)* {4}value: 100 → 121$/m);
    expect(said).toMatch(/^~ order 9001: refund .*\n( {4}.*\n)* {4}value: 50 → 60.5$/m);
    expect(said).toContain('0 events stay the same, 3 would change');
  });

  test('show what would be made in addition', async () => {
    await draft({}, purchase({ when: { financial_status: ['paid', 'pending'] } }));
    const { said } = await run();
    expect(said).toMatch(/^\+ order 9003: purchase \(shopify, hook \S+\) would be made$/m);
    expect(said).toContain('3 events stay the same, 0 would change, 1 would be made in addition');
  });

  test('show what would no longer be made and why, with the refund of an order that would not count', async () => {
    await draft({}, purchase({ when: { financial_status: 'authorized' } }));
    const { said } = await run();
    expect(said).toMatch(
      /^- order 9002: purchase .* would not be made: purchase: financial_status is "paid" \(must be authorized\)$/m,
    );
    expect(said).toMatch(/^- order 9001: refund .* would not be made: .*order was not counted/m);
    expect(said).toContain('3 would not be made');
  });

  test('show new and lost fields, and no personal data', async () => {
    await draft(
      {},
      purchase({ fields: { coupon: "'SPRING'", gclid: 'off', 'user_data.email_address': "'x@example.com'" } }),
    );
    const { said } = await run();
    expect(said).toContain('coupon: nothing → "SPRING"');
    expect(said).toContain('gclid: "Click123" → nothing');
    expect(said).toContain('user_data.email_address: *** (21 characters) → *** (13 characters)');
    const json = (await run('--json')).said;
    expect(`${said}${json}`).not.toContain('example.com');
    expect(JSON.parse(json).changed[1].fields).toContainEqual({ field: 'coupon', now: 'SPRING' });
  });

  test('that name a source no more lose its events', async () => {
    const { shopify: _, ...sources } = storeFile(rig.standins).sources;
    await draft({});
    await writeFile(join(drafts, 'stores/shop.yaml'), stringify({ ...storeFile(rig.standins), sources }));
    expect((await run()).said).toContain('no store file names the source shopify any more');
  });

  test('can be tried on fewer hooks; events of older ones are neither new nor lost', async () => {
    await draft({});
    expect((await run('--last', '3')).said).toContain(
      'of the last 3 hooks 1 event stays the same, 0 would change, 0 would be made in addition, 0',
    );
  });
});

test('nothing of it reaches the store or a destination', async () => {
  const counts = async () => {
    const said: string[] = [];
    await stats.run(['--json'], { out: (text) => said.push(text), err: () => {}, env: env() });
    return JSON.parse(said.join('\n'));
  };
  await eventually(async () => (await counts()).open.deliveries.length === 0, 'everything is sent');
  const [before, received] = [await counts(), rig.standins.received.length];
  await draft({ value: { tax: 'include' } });
  await run();
  expect(await counts()).toEqual(before);
  expect(rig.standins.received.length).toBe(received);
});

test('mistakes of whoever typed are named', async () => {
  await expect(run('--last', 'many')).rejects.toThrow('--last many is no number of hooks');
  await expect(diff.run([], { out: () => {}, err: () => {}, env: env() })).rejects.toThrow('name a store');
  const empty = { ...env(), DATA_DIR: drafts };
  await expect(diff.run(['--store', 'shop'], { out: () => {}, err: () => {}, env: empty })).rejects.toThrow(
    'there is no data',
  );
});
