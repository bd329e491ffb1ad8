// Opens the kept data for commands, beside a running service or without one.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { createKeep, type Keep } from '../keep/keep.ts';
import { openSqlite } from '../keep/sqlite.ts';
import { OperatorError } from '../lib/errors.ts';
import { vaultOf } from '../lib/vault.ts';

/** Runs `work` on what is kept in DATA_DIR. Throws an `OperatorError` when there is nothing. */
export async function withKept<T>(config: Config, work: (keep: Keep) => Promise<T>): Promise<T> {
  const path = join(config.DATA_DIR, 'tagbridge.db');
  await access(path).catch(() => {
    throw new OperatorError(
      'NOTHING_KEPT',
      `there is no data in ${config.DATA_DIR}`,
      'look at DATA_DIR; the service makes it at its first start',
    );
  });
  const sqlite = await openSqlite({ path });
  try {
    const keep = createKeep({ db: sqlite.db, vault: vaultOf(config.ENCRYPTION_KEY) });
    await keep.checkVault();
    return await work(keep);
  } finally {
    await sqlite.close();
  }
}
