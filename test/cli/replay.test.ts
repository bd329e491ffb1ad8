// Replay, resume and stats beside a running service: what an operator does after something went wrong.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { replay } from '../../src/cli/replay.ts';
import { resume } from '../../src/cli/resume.ts';
import { stats } from '../../src/cli/stats.ts';
import { runHere } from '../support/cli.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeStore } from '../support/service.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

async function run(command: Command, ...args: string[]): Promise<string> {
  const said: string[] = [];
  const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
  const out = (text: string) => void said.push(text);
  await command.run(args, { out, err: out, env });
  return said.join('\n');
}
const purchases = (destination: string, id: number) =>
  rig.standins.received.filter(
    (one) =>
      one.destination === destination &&
      one.status !== undefined &&
      one.status < 300 &&
      JSON.stringify(one.body).includes(`"${id}"`),
  ).length;

describe('replay', () => {
  test('sends a dead delivery again once the receiver takes it, marked as a copy', async () => {
    rig.standins.sgtm.fail({ status: 400 }, { times: 1 });
    await post(rig.service.url, fromShopify(lampOrder(5001)));
    await eventually(
      async () => (await run(replay, '--status', 'dead', '--dry-run')).includes('1 delivery would be sent again'),
      'the delivery is dead',
    );
    expect(purchases('sgtm', 5001)).toBe(0);
    expect(await run(replay, '--status', 'dead', '--store', 'shop', '--destination', 'sgtm')).toContain(
      '1 delivery is sent again',
    );
    await eventually(() => purchases('sgtm', 5001) === 1, 'it arrived');
    expect(purchases('ga4', 5001)).toBe(1);
  });

  test.each([
    ['--hook', '01a2b3c4'],
    ['--order', '9999999'],
    ['--hook', '01a2b3c4', '--dry-run'],
  ])('%s %s names nothing that is kept, which is said, and is no success', async (...args) => {
    const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
    const { code, out } = await runHere(['replay', ...args], env);
    expect(out).toMatch(/^0 hooks /);
    expect(out).toContain(`nothing is kept of ${args[0]?.slice(2)} ${args[1]} (`);
    expect(code).toBe(1);
  });

  test('sends a delivered one again as often as it is asked to (F43)', async () => {
    await post(rig.service.url, fromShopify(lampOrder(5002)));
    await eventually(() => purchases('meta', 5002) === 1, 'it arrived');
    for (const times of [2, 3]) {
      await eventually(
        async () =>
          (await run(replay, '--order', '5002', '--destination', 'meta', '--status', 'delivered')).includes(
            '1 delivery is sent again',
          ),
        'it may be sent again',
      );
      await eventually(() => purchases('meta', 5002) === times, `it arrived ${times} times`);
    }
    expect(purchases('ga4', 5002)).toBe(1);
  });

  test('maps a stuck hook again after the mapping was mended, and makes nothing twice', async () => {
    const good = storeFile(rig.standins);
    const broken = {
      ...good,
      sources: {
        ...good.sources,
        shopify: { ...good.sources.shopify, events: { purchase: { fields: { total: 'name' } } } },
      },
    };
    await writeStore(rig, broken);
    await post(rig.service.url, fromShopify(lampOrder(5003)));
    await eventually(async () => (await run(stats)).includes('stuck: 1'), 'the hook is stuck');
    expect(await run(replay, '--dry-run')).toMatch(/stores\/shop\.yaml:1:\d+ purchase\.total: "#5003" is no amount/);
    await writeStore(rig, good);
    expect(await run(replay)).toContain('1 hook is mapped again');
    await eventually(() => purchases('ga4', 5003) === 1, 'it arrived');
    await run(replay, '--order', '5003');
    await post(rig.service.url, fromShopify(lampOrder(5004)));
    await eventually(() => purchases('ga4', 5004) === 1, 'a later order arrived');
    expect(purchases('ga4', 5003)).toBe(1);
  });

  test('takes how long ago for a time', async () => {
    expect(await run(replay, '--status', 'ignored', '--since', '0s', '--dry-run')).toMatch(/^0 hooks /);
    expect(await run(replay, '--status', 'mapped', '--since', '3d', '--dry-run')).not.toMatch(/^0 hooks /);
  });

  test('says that a store, source or destination is not there, instead of doing nothing', async () => {
    await expect(run(replay, '--store', 'shpo')).rejects.toThrow('there is no store shpo');
    await expect(run(replay, '--store', 'shop', '--source', 'shopfy')).rejects.toThrow(
      'store shop has no source shopfy',
    );
    await expect(run(replay, '--source', 'shopfy')).rejects.toThrow('no store has a source shopfy');
    await expect(run(replay, '--destination', 'mata')).rejects.toThrow('no store has a destination mata');
    expect(await run(replay, '--store', 'shop', '--source', 'shopify')).toMatch(/^0 hooks /);
    expect(await run(replay, '--destination', 'meta')).toMatch(/^0 deliveries /);
  });

  test.each([
    ['--source', 'lamps'],
    ['--store', 'lamps'],
    ['--destination', 'tiktok'],
  ])('says nothing of %s %s where a file with mistakes may name it', async (...args) => {
    const mappings = join(rig.folder, 'mistaken');
    await mkdir(join(mappings, 'stores'), { recursive: true });
    await writeFile(join(mappings, 'stores/lamps.yaml'), 'store: lamps');
    const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: mappings };
    expect(await runHere(['replay', ...args], env)).toMatchObject({ code: 0, out: expect.stringMatching(/^0 /) });
  });

  test('refuses a time or a status that is none', async () => {
    await expect(run(replay, '--since', 'yesterday')).rejects.toThrow('--since yesterday is no time');
    await expect(run(replay, '--status', 'ded')).rejects.toThrow('there is no status ded');
  });
});

describe('stats', () => {
  test('counts one day as one, and refuses what is no number of days', async () => {
    expect(await run(stats)).toContain('hooks of the last 1 day\n');
    await expect(run(stats, '--days', 'abc')).rejects.toThrow('--days abc is no number of days');
  });
});

describe('resume', () => {
  test('names the paused account with its reason and sends to it again', async () => {
    rig.standins.meta.fail(
      { status: 401, body: '{"error":{"message":"Invalid OAuth access token","type":"OAuthException","code":190}}' },
      { times: 1 },
    );
    await post(rig.service.url, fromShopify(lampOrder(5005)));
    await eventually(async () => (await run(resume)).includes('since'), 'the account is paused');
    const account = (await run(resume)).split('  ')[0] ?? '';
    expect(purchases('meta', 5005)).toBe(0);
    await expect(run(resume, `${account}x`)).rejects.toThrow('is not paused');
    expect(await run(resume, account)).toContain('is sent to again');
    await eventually(() => purchases('meta', 5005) === 1, 'it arrived');
  });
});
