// One service per data folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from '../../src/keep/lock.ts';
import { openDatabase } from '../../src/keep/open.ts';

const HOLDER = `
  import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/keep/lock.ts'))};
  lockFolder(process.argv[1]);
  console.log('locked');
  setInterval(() => {}, 1_000);
`;

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('a folder taken by another process is refused until that process is gone, even by kill -9', async () => {
  const folder = await makeFolder();
  const args = ['--input-type=module', '--eval', HOLDER, folder];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  expect(() => lockFolder(folder)).toThrow(/another tagbridge is running on/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockFolder(folder).release();
});

test('a released folder can be taken again', async () => {
  const folder = await makeFolder();
  const { release } = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(/another tagbridge/);
  release();
  lockFolder(folder).release();
});

test('tables of an older version stay as they are while a service runs on them', async () => {
  const folder = await makeFolder();
  const place = { url: undefined, folder };
  const older = new DatabaseSync(join(folder, 'tagbridge.db'));
  older.exec('create table migrations (version bigint primary key); insert into migrations (version) values (1)');
  const { release } = lockFolder(folder);
  await expect(openDatabase(place)).rejects.toMatchObject({ code: 'KEEP_OLDER' });
  expect(older.prepare('select max(version) as version from migrations').get()).toEqual({ version: 1 });
  older.exec('drop table migrations');
  older.close();
  release();
  await (await openDatabase(place)).close();
});
