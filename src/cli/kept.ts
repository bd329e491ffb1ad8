// Opens the kept data for commands, beside a running service or without one.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { KeepError } from '../keep/error.ts';
import { createKeep, type Keep } from '../keep/keep.ts';
import { checkVault } from '../keep/sealed.ts';
import { openSqlite } from '../keep/sqlite.ts';
import { openEngine } from '../keep/sqlite-engine.ts';
import { OperatorError } from '../lib/errors.ts';
import { type Vault, vaultOf } from '../lib/vault.ts';
import type { Db, Row, SqlValue } from '../types.ts';

/** The file of the embedded store. Throws an `OperatorError` when there is none. */
async function findFile({ DATA_DIR }: Config): Promise<string> {
  const path = join(DATA_DIR, 'tagbridge.db');
  await access(path).catch(() => {
    throw new OperatorError(
      'NOTHING_KEPT',
      `there is no data in ${DATA_DIR}`,
      'look at DATA_DIR; the service makes it at its first start',
    );
  });
  return path;
}

/** Runs `work` on what is kept in DATA_DIR. Throws an `OperatorError` when there is nothing. */
export async function withKept<T>(config: Config, work: (keep: Keep) => Promise<T>): Promise<T> {
  const path = await findFile(config);
  const sqlite = await openSqlite({ path });
  try {
    const keep = createKeep({ db: sqlite.db, vault: vaultOf(config.ENCRYPTION_KEY) });
    await keep.checkVault();
    return await work(keep);
  } finally {
    await sqlite.close();
  }
}

/** SQLite's numbers fit: times and counts stay far below 2^53. */
const toRow = (row: Record<string, SqlValue | bigint>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );

/** The port on a file that nothing can be written to through. */
function readOnly(path: string): Db {
  const engine = openEngine(path, { readOnly: true });
  return {
    query: async (sql, params = []) => {
      const results = engine.read([{ sql, rows: [params] }]);
      if (results instanceof KeepError) throw results;
      return (results[0]?.[0] ?? []).map(toRow);
    },
    transaction: () => Promise.reject(new KeepError('closed', 'the database is open for reading only')),
    close: async () => engine.close(),
  };
}

/** Runs `work` on what is kept in DATA_DIR without changing a byte of it; otherwise as `withKept`. */
export async function readKept<T>(config: Config, work: (kept: { db: Db; vault: Vault }) => Promise<T>): Promise<T> {
  const vault = vaultOf(config.ENCRYPTION_KEY);
  const db = readOnly(await findFile(config));
  try {
    await checkVault(db, vault);
    return await work({ db, vault });
  } catch (error) {
    if (!(error instanceof KeepError) || error.failure !== 'statement') throw error;
    const hint = 'start the service of this version once';
    throw new OperatorError('KEEP_OTHER', 'the tables are of another version of tagbridge', hint);
  } finally {
    await db.close();
  }
}
