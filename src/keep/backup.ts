// A copy of the embedded store, of one moment, made beside a running service.
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { codeOf, OperatorError } from '../lib/errors.ts';
import { inWords } from './error.ts';
import { fileIn, type Place, refuseEmpty } from './open.ts';
import { toKeepError } from './sqlite/engine.ts';

const HINTS: Readonly<Record<string, string>> = {
  EEXIST: 'name a file that is not there yet',
  ENOENT: 'make the folder first',
  EACCES: 'let the user that tagbridge runs as write there',
};

const refuse = (to: string, why: string, hint: string): never => {
  throw new OperatorError('BACKUP', `${to} cannot be written: ${why}`, hint);
};

/** Nobody else may read a copy, as nobody else may read what it is made of. */
async function makeEmpty(to: string): Promise<void> {
  try {
    await (await open(to, 'wx', 0o600)).close();
  } catch (error) {
    refuse(to, codeOf(error), HINTS[codeOf(error)] ?? `look at ${dirname(to)}`);
  }
}

function openToCopy(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  } catch (error) {
    const { message } = toKeepError(error);
    throw new OperatorError(
      'KEEP_OPEN',
      `cannot read ${path}: ${message}`,
      'run this as the user that tagbridge runs as, and look at DATA_DIR',
    );
  }
}

/**
 * Copies the embedded store, with what its log holds, into a new file at `to`, and answers its size in bytes. The service may
 * run: it goes on to write, and the copy is of the moment at which it began. Throws an `OperatorError` where there is nothing
 * to copy, or it is damaged, or `to` is there already or cannot be written.
 */
export async function backUp(place: Place, to: string): Promise<number> {
  if (place.url !== undefined)
    throw new OperatorError('BACKUP', 'this copies the embedded store only', 'PostgreSQL has pg_dump');
  await refuseEmpty(place);
  const database = openToCopy(fileIn(place.folder));
  try {
    await makeEmpty(to);
    await copyInto(database, to);
  } finally {
    database.close();
  }
  return (await stat(to)).size;
}

async function copyInto(database: DatabaseSync, to: string): Promise<void> {
  try {
    // SQLite writes into a file that is there only if it is empty, and keeps its rights.
    database.prepare('vacuum into ?').run(to);
  } catch (error) {
    await rm(to);
    const failed = toKeepError(error);
    if (failed.failure === 'damaged') throw inWords(failed);
    refuse(to, failed.message, 'look at the room on the disk, and at DATA_DIR');
  }
}
