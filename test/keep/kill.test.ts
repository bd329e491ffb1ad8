// What was acknowledged survives a process that is killed while it writes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';

const WRITER = join(import.meta.dirname, 'keep-until-killed.ts');

/**
 * Starts a process that keeps hooks, kills it once it acknowledged `enough`, and answers all ids it acknowledged. They are
 * in a file, which takes every line at once; a pipe may be full, and what was acknowledged would not be known.
 */
async function killAfter(enough: number, path: string): Promise<string[]> {
  const ledger = `${path}.${enough}.ledger`;
  await writeFile(ledger, '');
  const child = spawn(process.execPath, [WRITER, path, ledger], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const isDone = async () => child.exitCode !== null || (await stat(ledger)).size > enough * LINE;
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
  return (await readFile(ledger, 'utf8')).split('\n').slice(0, -1);
}
/** A uuid and a line break. */
const LINE = 37;

test('every hook acknowledged before kill -9 is there afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-kill-'));
  const path = join(folder, 'tagbridge.db');
  const acknowledged: string[] = [];
  for (const enough of [300, 1_000, 2_000]) acknowledged.push(...(await killAfter(enough, path)));
  expect(acknowledged.length).toBeGreaterThan(3_300);

  const { db, close } = await openSqlite({ path });
  const hooks = await db.query('select id from hooks join hook_bodies on hook_id = id where length(body) > 4000');
  const stored = new Set(hooks.map(({ id }) => id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(await db.query('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  await close();
  await rm(folder, { recursive: true });
});
