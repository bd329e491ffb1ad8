// One service per data folder: a second one would hand out again what the first is sending.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OperatorError } from '../lib/errors.ts';

/** Keeps the locks from the garbage collector, which would close them. */
const held = new Set<DatabaseSync>();

/**
 * Takes the folder, which must exist, until `release` or the end of the process, however it ends: the lock is one of the
 * operating system, held on a file by an open transaction. Throws an `OperatorError` when another process has it.
 */
export function lockFolder(folder: string): { release: () => void } {
  const path = join(folder, 'service.lock');
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    database.exec('begin exclusive');
  } catch {
    database.close();
    throw new OperatorError(
      'KEEP_IN_USE',
      `another tagbridge is running on ${folder}`,
      'stop it, give this one its own DATA_DIR, or set DATABASE_URL to run several on one database',
    );
  }
  held.add(database);
  const release = (): void => {
    if (held.delete(database)) database.close();
  };
  return { release };
}
