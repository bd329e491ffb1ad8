// What the machine gives and withholds: rights, a disk to write on, open files, a version of Node.js.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHILD_ENV } from './support/children.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { serve } from './support/serve.ts';
import { eventually, SECRETS, writeMappings } from './support/service.ts';

const NOBODY = 65_534;
const CLI = resolve(import.meta.dirname, '../src/cli.ts');

let folder: string;
let env: Record<string, string>;
const shop = {
  store: 'shop',
  sources: { shopify: { platform: 'shopify', secrets: ['${SHOP_SECRET}'] } },
  destinations: {},
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-host-'));
  await chmod(folder, 0o755);
  env = {
    SHOP_SECRET: SECRETS.SHOP_SECRET,
    MAPPINGS_DIR: await writeMappings(folder, shop),
    DATA_DIR: join(folder, 'data'),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Everything but `writable` is read-only for what runs, which is nobody, has no rights and gets none. */
const locked = (writable: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`,
  writable,
];

/** Whether nobody could read and run what is here. */
function canLock(): boolean {
  const [command = '', ...args] = locked(tmpdir());
  const { status } = spawnSync(command, [...args, process.execPath, CLI, 'functions'], { stdio: 'ignore' });
  if (status !== 0)
    process.stderr.write('SKIPPED: S113 needs root, unshare and setpriv, and files that everybody may read\n');
  return status === 0;
}

describe.skipIf(!canLock())('without rights (SKIPPED where they cannot be taken away)', () => {
  test('S113 as nobody, on a read-only disk, with no capabilities, it keeps a hook in its data folder', async () => {
    const data = await mkdtemp(join(tmpdir(), 'tagbridge-nobody-'));
    await chown(data, NOBODY, NOBODY);
    const served = await serve({ ...env, DATA_DIR: data }, locked(data));
    const answer = await post(served.url, fromShopify(lampOrder(113)));
    await served.stop();
    await rm(data, { recursive: true, force: true });
    expect(answer.status).toBe(200);
  });
});

test('S114 with 256 open files it closes most of 600 silent connections, and answers when they are gone', async () => {
  const served = await serve(env, ['sh', '-c', 'ulimit -n 256 && exec "$0" "$@"']);
  const { port } = new URL(served.url);
  const sockets = Array.from({ length: 600 }, () => connect(Number(port), '127.0.0.1').on('error', () => undefined));
  await eventually(() => sockets.filter(({ closed }) => closed).length > 400, 'most are closed');
  for (const socket of sockets) socket.destroy();
  // Until it has seen that they are gone it has no room, and ends a new connection, too.
  const answers = () =>
    post(served.url, fromShopify(lampOrder(115))).then(
      ({ status }) => status === 200,
      () => false,
    );
  await eventually(answers, 'it answers a hook');
  expect(served.child.exitCode).toBeNull();
  expect(await served.stop()).toBe(0);
});

test('S115 a Node.js that gets no fixes any more is refused in one sentence', async () => {
  const older = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.20.0'})";
  const child = spawn(process.execPath, ['--import', older, CLI, 'serve'], { env: CHILD_ENV });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [status] = await once(child, 'close');
  expect(said).toBe(
    'NODE_OLD this is Node.js 22.20.0, which gets no fixes any more: install Node.js 24 or newer, or start with npm, which brings one\n',
  );
  expect(status).toBe(78);
});

test('a thread keeps to its own room for short-lived objects, whatever Node.js is told for the main one', async () => {
  const fill = `
    import { writeSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    import { getHeapSpaceStatistics } from 'node:v8';
    const kept = [];
    for (let made = 0; made < 5e6; made++) kept[made % 20_000] = { made };
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (!isMainThread) writeSync(2, 'room ' + space_size / 2 ** 20 + ' MB\\n');`;
  const preload = `data:text/javascript,${encodeURIComponent(fill)}`;
  const served = await serve({ ...env, NODE_OPTIONS: `--max-semi-space-size=16 --import ${preload}` });
  await served.stop();
  const rooms = [...served.printed().matchAll(/room (\d+) MB/g)].map(([, room]) => Number(room));
  expect(rooms.length).toBeGreaterThan(3);
  expect(Math.max(...rooms)).toBeLessThanOrEqual(8);
});

test('what Node.js compiled is kept beside the packages, or where NODE_COMPILE_CACHE says, for threads too', async () => {
  const tell = `
    import { writeSync } from 'node:fs';
    import { getCompileCacheDir } from 'node:module';
    import { isMainThread } from 'node:worker_threads';
    const tell = () => writeSync(2, 'compiled code in ' + getCompileCacheDir() + '\\n');
    if (isMainThread) process.once('exit', tell);
    else tell();`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(tell)}`;
  const foldersOf = async (through: readonly string[]) => {
    const served = await serve({ ...env, NODE_OPTIONS }, through);
    await served.stop();
    return [...served.printed().matchAll(/compiled code in (.*)/g)].map(([, place = '']) => dirname(place));
  };
  const own = await foldersOf(['env', '-u', 'NODE_COMPILE_CACHE']);
  expect(own.length).toBeGreaterThan(4);
  expect(new Set(own)).toEqual(new Set([resolve(import.meta.dirname, '../node_modules/.compile-cache')]));
  const named = join(folder, 'compiled');
  expect(new Set(await foldersOf(['env', `NODE_COMPILE_CACHE=${named}`]))).toEqual(new Set([named]));
});

test('where NODE_COMPILE_CACHE is empty nothing is kept that Node.js compiled, least of all where others may write', async () => {
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const env = { ...CHILD_ENV, NODE_COMPILE_CACHE: '', TMPDIR: temporary };
  expect(spawnSync(process.execPath, [CLI, 'functions'], { env }).status).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  'nothing is kept among the packages of another user, who could not delete it',
  async () => {
    const [code, packages] = [join(folder, 'program/src'), join(folder, 'program/node_modules')];
    const ours = resolve(import.meta.dirname, '../node_modules');
    await cp(dirname(CLI), code, { recursive: true });
    await mkdir(packages);
    for (const name of await readdir(ours))
      if (!name.startsWith('.')) await symlink(join(ours, name), join(packages, name));
    const keptBy = async (owner: number) => {
      await chown(packages, owner, owner);
      const { status } = spawnSync(process.execPath, [join(code, 'cli.ts'), 'functions'], {
        env: { PATH: CHILD_ENV.PATH },
      });
      return { status, kept: (await readdir(packages)).includes('.compile-cache') };
    };
    expect(await keptBy(NOBODY)).toEqual({ status: 0, kept: false });
    expect(await keptBy(0)).toEqual({ status: 0, kept: true });
  },
);

test('a data folder that was moved away while it is in use refuses hooks until it is back, and says so', async () => {
  const data = await mkdtemp(join(tmpdir(), 'tagbridge-moved-'));
  const served = await serve({ ...env, DATA_DIR: data });
  expect((await post(served.url, fromShopify(lampOrder(1)))).status).toBe(200);
  await rename(data, `${data}-away`);
  await eventually(() => served.printed().includes('disk.file_gone'), 'it sees that the file is gone');
  expect((await post(served.url, fromShopify(lampOrder(2)))).status).toBe(503);
  await rename(`${data}-away`, data);
  await eventually(() => served.printed().includes('disk.file_back'), 'it sees that the file is back');
  expect((await post(served.url, fromShopify(lampOrder(2)))).status).toBe(200);
  expect(await served.stop()).toBe(0);
  await rm(data, { recursive: true });
});
