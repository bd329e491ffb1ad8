// SQLite's log is brought into the file by a thread of its own, and closing leaves nothing of it.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite, type Sqlite } from '../../../src/keep/sqlite/sqlite.ts';
import { eventually } from '../../support/service.ts';

let folder: string;
let path: string;
let sqlite: Sqlite;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-log-'));
  path = join(folder, 'tagbridge.db');
  sqlite = await openSqlite({ path });
});
afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

const MEGABYTE = new Uint8Array(1_000_000);
const keep = (id: string) =>
  sqlite.db.transaction([
    { sql: 'insert into hook_bodies (hook_id, headers, body) values ($1, $2, $3)', rows: [[id, MEGABYTE, MEGABYTE]] },
  ]);
const inLog = (): { log: number; left: number } => {
  const database = new DatabaseSync(path, { readOnly: true });
  const { log, checkpointed } = database.prepare('pragma wal_checkpoint(noop)').get() ?? {};
  database.close();
  return { log: Number(log), left: Number(log) - Number(checkpointed) };
};

test('a log that grows is brought in long before a commit would have to', async () => {
  for (let n = 0; n < 5; n++) await keep(`a${n}`);
  await eventually(() => inLog().left < 1_000, 'most of the log is in the file');
  expect(inLog().log).toBeLessThan(8_000);
});

test('what was closed has no log, and all that was kept', async () => {
  for (let n = 0; n < 5; n++) await keep(`a${n}`);
  await sqlite.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('select count(*) as count from hook_bodies').get()).toEqual({ count: 5 });
  database.close();
  sqlite = await openSqlite({ path });
});
