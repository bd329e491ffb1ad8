// The data folder over the life of a service: wrong and new keys, damaged bytes, a copy on an empty machine, bad reloads.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { createStandins, type Standins } from '../src/demo/standins.ts';
import { openDatabase } from '../src/keep/open.ts';
import { createLog } from '../src/lib/log.ts';
import { type Service, startService } from '../src/main.ts';
import { createReceiver } from '../src/receive/server.ts';
import { runHere, tagbridge } from './support/cli.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { listenAnywhere } from './support/port.ts';
import { eventually, placeMapping, SECRETS, storeFile, writeMapping, writeMappings } from './support/service.ts';

const OLD = Buffer.alloc(32, 'o').toString('base64');
const NEW = Buffer.alloc(32, 'n').toString('base64');
/** A mapping mistake: the order's name is no amount. */
const BROKEN = { events: { purchase: { fields: { total: 'name' } } } };

let folder: string;
let standins: Standins;
let service: Service | undefined;
let logged: string[] = [];

const env = (over: Record<string, string> = {}): Record<string, string> => ({
  ...SECRETS,
  PORT: '0',
  ADMIN_PORT: '0',
  HOST: '127.0.0.1',
  ALLOW_PRIVATE_DESTINATIONS: 'true',
  MAPPINGS_DIR: join(folder, 'mappings'),
  DATA_DIR: join(folder, 'data'),
  ...over,
});
const start = async (over: Record<string, string> = {}): Promise<Service> => {
  const log = createLog('info', { write: (line: string) => void logged.push(line) });
  const onCrash = (error: unknown) => {
    throw error;
  };
  service = await startService({ config: readConfig(env(over)), log, onCrash });
  return service;
};
const stop = async (): Promise<void> => {
  await service?.stop();
  service = undefined;
};
const storeWith = (shopify: object = {}): string => {
  const store = storeFile(standins);
  const sources = { ...store.sources, shopify: { ...store.sources.shopify, ...shopify } };
  return JSON.stringify({ ...store, sources });
};
const writeStore = (shopify?: object) => placeMapping(folder, 'stores/shop.yaml', storeWith(shopify));
/** While a service runs, which loads it. */
const loadStore = (shopify?: object) => writeMapping({ folder, logged }, 'stores/shop.yaml', storeWith(shopify));
const send = async ({ url }: Service, id: number, over: object = {}) => {
  const reply = await post(url, fromShopify(lampOrder(id, over), 'orders/paid', `delivery-${id}`));
  return { status: reply.status, said: reply.body };
};
const stats = async (over: Record<string, string> = {}) => (await runHere(['stats'], env(over))).out;
const arrived = (id: number) =>
  eventually(
    () =>
      standins.received.some(
        ({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes(`"${id}"`),
      ),
    `${id} arrived`,
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-at-rest-'));
  standins = await createStandins();
  await writeMappings(folder, storeFile(standins));
  logged = [];
});
afterEach(async () => {
  await stop();
  await standins.close();
  await rm(folder, { recursive: true, force: true });
});

describe('what is kept', () => {
  test('S78 is not opened with another key: the start is refused with status 78', async () => {
    await send(await start({ ENCRYPTION_KEY: OLD }), 1);
    await stop();
    const { code, err } = await tagbridge(['serve'], folder, env({ ENCRYPTION_KEY: NEW }));
    expect(code).toBe(78);
    expect(err).toMatch(/KEY_UNKNOWN kept data was encrypted with key [0-9a-f]{8}/);
    expect((await tagbridge(['serve'], folder, env())).code).toBe(78);
  });

  test('S78 sets a damaged hook aside and goes on with the others', async () => {
    await writeStore(BROKEN);
    const sealed = { ENCRYPTION_KEY: OLD };
    const first = await start(sealed);
    for (const id of [1, 2, 3]) await send(first, id);
    await eventually(async () => (await stats(sealed)).includes('stuck: 3'), 'all are stuck');
    await stop();
    const database = new DatabaseSync(join(folder, 'data/tagbridge.db'));
    const row = database.prepare('select hook_id, body from hook_bodies order by hook_id').get();
    const flipped = Uint8Array.from(row?.body instanceof Uint8Array ? row.body : []);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    database.prepare('update hook_bodies set body = ? where hook_id = ?').run(flipped, String(row?.hook_id));
    database.close();
    await writeStore();
    await start(sealed);
    await runHere(['replay'], env(sealed));
    await Promise.all([arrived(2), arrived(3)]);
    const { out } = await runHere(['replay', '--dry-run'], env(sealed));
    expect(out).toContain('stuck: what is kept of it cannot be opened');
    expect(out).toContain('\n1 hook would be mapped again');
  });

  /** Overwrites the first of its pages; answers the file. */
  const damage = async (table: string): Promise<Uint8Array> => {
    const path = join(folder, 'data/tagbridge.db');
    const database = new DatabaseSync(path, { readOnly: true });
    const found = database.prepare('select rootpage from sqlite_schema where name = ?').get(table);
    const { page_size } = database.prepare('pragma page_size').get() ?? {};
    database.close();
    const bytes = await readFile(path);
    const begin = table === 'sqlite_schema' ? 0 : (Number(found?.rootpage) - 1) * Number(page_size);
    await writeFile(path, bytes.fill(0x99, begin, begin + 200));
    return bytes;
  };

  test.each(['deliveries', 'hook_bodies', 'sqlite_schema'])(
    'F09 is left as it is where its pages of %s are damaged: the start is refused in words, and says what to do',
    async (table) => {
      await send(await start(), 1);
      await stop();
      const bytes = await damage(table);
      const { code, err } = await tagbridge(['serve'], folder, env());
      expect({ code, err }).toEqual({
        code: 78,
        err: expect.stringMatching(/^KEEP_DAMAGED .*tagbridge backup.*README.* how to read what is left/),
      });
      expect(await readFile(join(folder, 'data/tagbridge.db'))).toEqual(bytes);
      expect((await runHere(['stats'], env())).err).toMatch(/^KEEP_DAMAGED /);
    },
  );

  test('F09 is said to be damaged where only keeping hooks meets it: no hook is acknowledged, and the service is not ready', async () => {
    await send(await start(), 1);
    await stop();
    await damage('sqlite_autoindex_hooks_2');
    const running = await start();
    expect((await send(running, 2)).status).toBe(503);
    await eventually(async () => (await fetch(`${running.url}/readyz`)).status === 503, 'it is not ready');
    const line = logged.find((one) => one.includes('keep.failing'));
    expect(line).toMatch(/KEEP_DAMAGED the file in DATA_DIR is damaged \(.+\); .*tagbridge backup/);
  });

  test('F09 is said to be damaged where only work meets it, by an alert', async () => {
    await send(await start(), 1);
    await stop();
    await damage('orders');
    const { db, host, close } = await openDatabase({ url: undefined, folder: join(folder, 'data') });
    try {
      expect(await host.worries()).toEqual([]);
      await expect(db.query('select * from orders')).rejects.toMatchObject({ failure: 'damaged' });
      const said = {
        detail: expect.stringMatching(/is damaged \(.+\)/),
        todo: expect.stringMatching(/README .* Backup/),
      };
      await expect.poll(() => host.worries()).toEqual([{ name: 'damage', ...said }]);
    } finally {
      await close();
    }
  });

  test('S79 is read with the old key after a new one was put in front', async () => {
    await writeStore(BROKEN);
    const before = { ENCRYPTION_KEY: OLD };
    await send(await start(before), 1);
    await eventually(async () => (await stats(before)).includes('stuck: 1'), 'it is stuck');
    await stop();
    const rotated = { ENCRYPTION_KEY: `${NEW},${OLD}` };
    await send(await start(rotated), 2);
    await eventually(async () => (await stats(rotated)).includes('stuck: 2'), 'both are stuck');
    await stop();
    await writeStore();
    await start(rotated);
    await runHere(['replay'], env(rotated));
    await Promise.all([arrived(1), arrived(2)]);
  });

  test('S86 goes on from a copy on another machine: the counts are equal, and what was seen is known', async () => {
    await writeStore(BROKEN);
    const first = await start();
    for (const id of [1, 2]) await send(first, id);
    await eventually(async () => (await stats()).includes('stuck: 2'), 'both are stuck');
    const before = await stats();
    await stop();
    await cp(join(folder, 'data'), join(folder, 'restored'), { recursive: true });
    await rm(join(folder, 'data'), { recursive: true });
    const restored = { DATA_DIR: join(folder, 'restored') };
    const second = await start(restored);
    expect(await stats(restored)).toBe(before);
    expect(await send(second, 1, { note: 'again' })).toEqual({ status: 200, said: '{"status":"duplicate"}' });
    await loadStore();
    await runHere(['replay'], env(restored));
    await Promise.all([arrived(1), arrived(2)]);
  });
});

describe('a reload', () => {
  test.each([
    ['an empty secret', { secrets: [''] }, 'sources.shopify.secrets'],
    ['a secret that is not set', { secrets: ['${NOT_SET}'] }, 'NOT_SET'],
    ['no secret at all', { secrets: [] }, 'secret'],
  ])('S87 with %s says so and keeps the last good one', async (_, shopify, said) => {
    const running = await start();
    await loadStore(shopify);
    expect(logged.find((line) => line.includes('mappings.broken'))).toContain(said);
    expect((await send(running, 1)).status).toBe(200);
    const { path, headers, body } = fromShopify(lampOrder(2));
    const { 'x-shopify-hmac-sha256': _signature, ...unsigned } = headers;
    expect((await post(running.url, { path, headers: unsigned, body })).status).toBe(401);
  });
});

test('S84 a bug answers with a generic body, without stack or server name, and is told to the log', async () => {
  const errors: unknown[] = [];
  const server = createReceiver({
    accept: () => Promise.reject(new Error('select * from secrets')),
    onRefused: (refusal) => expect(refusal).toBeUndefined(),
    knows: () => true,
    maxBodyBytes: 1_000,
    maxInFlightBytes: 1_000_000,
    maxConnections: 100,
    proxies: 'loopback',
    ready: () => true,
    also: [],
    onError: (error) => errors.push(error),
  });
  const port = await listenAnywhere(server);
  const reply = await fetch(`http://127.0.0.1:${port}/hooks/shop/shopify`, { method: 'POST', body: '{}' });
  const text = await reply.text();
  server.close();
  expect(reply.status).toBe(503);
  expect(text).not.toMatch(/select|Error|at /);
  expect(reply.headers.get('x-powered-by')).toBeNull();
  expect(errors).toHaveLength(1);
});

test('S85 a line of the log stays one line, and a terminal gets no escapes', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  log.info({ topic: 'a\nb\r\u001b[31m\u009b31m\u2028{"level":"fatal"}' }, 'hook.received');
  expect(lines.join('').trimEnd()).not.toMatch(/[\p{Cc}\u2028]/u);
  expect(JSON.parse(lines.join('')).topic).toContain('\u001b[31m');
  const { err } = await tagbridge(['\u001b[31mred'], folder, env());
  expect(err).toContain('there is no command \\u001b[31mred');
});
