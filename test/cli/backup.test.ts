// A copy of the embedded store, made while the service runs: what was acknowledged is in it, and a service starts with it.
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderWith, runHere } from '../support/cli.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, SECRETS, startRig } from '../support/service.ts';

const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
let rig: Rig;
let env: Record<string, string>;
beforeAll(async () => {
  rig = await startRig({ ENCRYPTION_KEY });
  env = { ...SECRETS, ENCRYPTION_KEY, DATA_DIR: join(rig.folder, 'data') };
});
afterAll(() => rig.close());

test('a copy made while hooks come holds all that were acknowledged before, and only its owner may read it', async () => {
  const folder = await folderWith({});
  for (let id = 8_001; id <= 8_020; id++) await post(rig.service.url, fromShopify(lampOrder(id)));
  const [{ code, out }] = await Promise.all([
    runHere(['backup', join(folder, 'copy.db')], env),
    ...Array.from({ length: 50 }, (_, index) => post(rig.service.url, fromShopify(lampOrder(8_100 + index)))),
  ]);
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/copy\.db holds all that is kept by now, in [\d,]+ kB/),
  });
  expect((await stat(join(folder, 'copy.db'))).mode & 0o777).toBe(0o600);

  const copy = new DatabaseSync(join(folder, 'copy.db'), { readOnly: true });
  expect(copy.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const { hooks } = copy.prepare('select count(*) as hooks from hooks').get() ?? {};
  copy.close();
  expect(hooks).toBeGreaterThanOrEqual(20);
  expect(hooks).toBeLessThanOrEqual(70);

  await mkdir(join(folder, 'data'));
  await rename(join(folder, 'copy.db'), join(folder, 'data/tagbridge.db'));
  const read = await runHere(['stats'], { ...env, DATA_DIR: join(folder, 'data') });
  expect(read.out).toContain('shop/shopify');
});

test('a file that is there is not written over', async () => {
  const folder = await folderWith({ 'copy.db': 'mine' });
  const { code, err } = await runHere(['backup', join(folder, 'copy.db')], env);
  expect([code, err]).toEqual([78, expect.stringContaining('EEXIST, name a file that is not there yet')]);
  expect(await readFile(join(folder, 'copy.db'), 'utf8')).toBe('mine');
});

test.each([
  [[], 'name one file'],
  [['a.db', 'b.db'], 'name one file'],
  [['no/such/folder/copy.db'], 'make the folder first'],
])('%j is refused in words', async (words, said) => {
  const { code, err } = await runHere(['backup', ...words], env);
  expect([code, err]).toEqual([78, expect.stringContaining(said)]);
});

/** Overwrites the second page and those that follow, as a disk that forgets does. */
async function spoil(file: string): Promise<void> {
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(7, 4_096, 20_000));
}

test('a damaged store is called so, as every other command does, and no half copy stays behind', async () => {
  const folder = await folderWith({
    'none/tagbridge.db': 'this is no database, however long it may be'.repeat(40),
    'spoilt/note.txt': '',
  });
  const copy = join(folder, 'spoilt/tagbridge.db');
  expect((await runHere(['backup', copy], env)).code).toBe(0);
  await spoil(copy);
  for (const name of ['none', 'spoilt']) {
    const to = join(folder, 'copy.db');
    const { code, err } = await runHere(['backup', to], { ...env, DATA_DIR: join(folder, name) });
    expect([code, err]).toEqual([
      78,
      expect.stringMatching(
        /^KEEP_DAMAGED the file in DATA_DIR is damaged \(.+\); it was left as it is, stop the service/,
      ),
    ]);
    await expect(stat(to)).rejects.toThrow('ENOENT');
  }
});

test('a store that cannot be opened is named, and no empty copy stays in the way of the next try', async () => {
  const folder = await folderWith({ 'data/tagbridge.db/note.txt': 'a folder where the file should be' });
  const to = join(folder, 'copy.db');
  const { code, err } = await runHere(['backup', to], { ...env, DATA_DIR: join(folder, 'data') });
  expect([code, err]).toEqual([
    78,
    expect.stringMatching(/^KEEP_OPEN cannot read .+tagbridge\.db: .+, run this as the user that tagbridge runs as/),
  ]);
  await expect(stat(to)).rejects.toThrow('ENOENT');
});

test('a PostgreSQL is left to its own means', async () => {
  const { err } = await runHere(['backup', 'copy.db'], { ...env, DATABASE_URL: 'postgres://someone@127.0.0.1:1/none' });
  expect(err).toContain('PostgreSQL has pg_dump');
});
