// Starts that must fail: they say what is wrong, and leave nothing running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVault } from '../src/lib/vault.ts';
import { CHILD_ENV } from './support/children.ts';
import { tagbridge } from './support/cli.ts';
import { serve } from './support/serve.ts';
import { SECRETS, writeMappings } from './support/service.ts';

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-start-'));
  const sources = { shopify: { platform: 'shopify', secrets: ['${SHOP_SECRET}'] } };
  env = {
    SHOP_SECRET: SECRETS.SHOP_SECRET,
    MAPPINGS_DIR: await writeMappings(folder, { store: 'shop', sources, destinations: {} }),
    DATA_DIR: join(folder, 'data'),
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (change: Record<string, string>) => tagbridge(['serve'], folder, { ...env, ...change });

test.each(['PORT', 'ADMIN_PORT'])(
  'a %s that another program has ends the start and names the setting',
  async (name) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, err } = await start({ [name]: String(port) });
    other.close();
    expect(err).toContain(`LISTEN cannot listen on ${name} ${port} of 127.0.0.1 (EADDRINUSE), another program has it`);
    expect(err).not.toContain('    at ');
    expect(code).toBe(78);
  },
);

test('a MAPPINGS_DIR that is not there ends the start, and is a mistake for check', async () => {
  const MAPPINGS_DIR = join(folder, 'nowhere');
  const words = /MAPPINGS_DIR must be the folder of the mapping files/;
  expect(await start({ MAPPINGS_DIR })).toMatchObject({ code: 78, err: expect.stringMatching(words) });
  expect(await tagbridge(['check'], folder, { MAPPINGS_DIR })).toMatchObject({
    code: 1,
    out: expect.stringMatching(words),
  });
});

test('a start that mapping files end leaves tables of an older version as they are, for whoever goes back to it', async () => {
  const DATA_DIR = join(folder, 'older');
  await mkdir(DATA_DIR);
  const older = new DatabaseSync(join(DATA_DIR, 'tagbridge.db'));
  older.exec('create table migrations (version bigint primary key); insert into migrations (version) values (1)');
  const { code, err } = await start({ DATA_DIR, SHOP_SECRET: '' });
  expect(err).toMatch(
    /^MAPPINGS 1 mistake in mapping files:\n\S+ ENV_MISSING [^\n]+\nMend them; `tagbridge check` shows the same\.\n$/,
  );
  expect(code).toBe(78);
  expect(older.prepare('select max(version) as version from migrations').get()).toEqual({ version: 1 });
  older.close();
});

test('a start without the ENCRYPTION_KEY of what is kept leaves tables of an older version as they are', async () => {
  const DATA_DIR = join(folder, 'older-sealed');
  await mkdir(DATA_DIR);
  const older = new DatabaseSync(join(DATA_DIR, 'tagbridge.db'));
  older.exec('create table migrations (version bigint primary key); insert into migrations (version) values (1)');
  older.exec('create table hook_bodies (hook_id text primary key, headers bytea not null, body bytea not null)');
  const [own, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
  const sealed = createVault([own ?? '']).seal(Buffer.from('{}'));
  older.prepare('insert into hook_bodies (hook_id, headers, body) values (?, ?, ?)').run('1', sealed, sealed);
  for (const key of [{}, { ENCRYPTION_KEY: other ?? '' }]) {
    const { code, out, err } = await start({ DATA_DIR, ...key });
    expect(err).toContain('KEY_UNKNOWN');
    expect(out).not.toContain('keep.updating');
    expect(code).toBe(78);
    expect(await tagbridge(['stats'], folder, { DATA_DIR, ...key })).toMatchObject({ code: 78 });
    expect(older.prepare('select max(version) as version from migrations').get()).toEqual({ version: 1 });
  }
  older.close();
});

test('a HOST that is no address of this machine ends the start and says so', async () => {
  const { code, err } = await start({ HOST: '203.0.113.5' });
  expect(err).toContain('HOST must be an address of this machine');
  expect(code).toBe(78);
});

test('a MAPPINGS_DIR without store files starts, and the log says what that means', async () => {
  const MAPPINGS_DIR = folder;
  const served = await serve({ ...env, MAPPINGS_DIR });
  expect(await served.stop()).toBe(0);
  expect(served.printed()).toContain('no store file is there, so every hook is answered with 404');
});

test('a start whose database is away says at once why, and for how long it waits', async () => {
  const DATABASE_URL = 'postgres://me:hunter2@127.0.0.1:1/postgres';
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../src/cli.ts'), 'serve'], {
    env: { ...CHILD_ENV, ...env, DATABASE_URL },
  });
  const ended = once(child, 'close');
  const [line] = await once(child.stdout, 'data');
  expect(JSON.parse(String(line))).toMatchObject({
    level: 'warn',
    error: expect.stringContaining('ECONNREFUSED'),
    seconds: 15,
    msg: expect.stringMatching(/^database\.away: /),
  });
  expect(String(line)).not.toContain('hunter2');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});

test.each(['stats', 'diff --store shop'])(
  '%s says at once that its database is away, and for how long it waits',
  async (words) => {
    const DATABASE_URL = 'postgres://me:hunter2@127.0.0.1:1/postgres';
    const child = spawn(process.execPath, [resolve(import.meta.dirname, '../src/cli.ts'), ...words.split(' ')], {
      env: { ...CHILD_ENV, ...env, DATABASE_URL },
    });
    const [line] = await once(child.stderr, 'data');
    expect(String(line)).toMatch(
      /^the database cannot be reached: .*ECONNREFUSED.*; it is waited for, 1[05] seconds at most\n$/,
    );
    expect(String(line)).not.toContain('hunter2');
    child.kill('SIGKILL');
  },
);

test('a start that waits for a database that says nothing ends soon after it is told to stop', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const DATABASE_URL = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../src/cli.ts'), 'serve'], {
    env: { ...CHILD_ENV, ...env, DATABASE_URL },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const ended = once(child, 'close');
  const [socket] = await once(silent, 'connection');
  const began = performance.now();
  child.kill('SIGTERM');
  const [code] = await ended;
  expect(performance.now() - began).toBeLessThan(10_000);
  expect([code, printed]).toEqual([
    0,
    expect.stringContaining('service.stopped: it was told to before it had started'),
  ]);
  socket.destroy();
  silent.close();
});
