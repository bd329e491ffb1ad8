// Fills the database of a service that is to be measured, by direct SQL and in one transaction: no service would take so long.
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { databaseOf } from './service.ts';

/** Nothing of this has to survive a power cut. */
const FAST = 'pragma synchronous = off; pragma cache_size = -400000; pragma temp_store = memory;';

/** Runs one statement; `$1` is the first value, as often as it stands there. */
export type Run = (sql: string, ...values: (string | number | Uint8Array)[]) => void;

/** Before a select: the numbers from 0, `count` of them. */
export const numbers = (count: number): string =>
  `with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${count})`;

/** An id as the service makes them: the time, in milliseconds since 1970, then the number. */
export const idAt = (time: string): string =>
  `printf('%08x-%04x-7%03x-8000-%012x', ${time} >> 16, ${time} & 65535, n & 4095, n)`;

/** Makes the tables in `folder`, and what `fill` puts into them. */
export async function fillDatabase(folder: string, fill: (run: Run) => void): Promise<void> {
  const path = databaseOf(folder);
  const tables = await openSqlite({ path });
  await tables.close();
  const database = new DatabaseSync(path);
  try {
    database.exec(FAST);
    database.exec('begin');
    fill((sql, ...values) => void database.prepare(sql.replaceAll(/\$(\d)/g, '?$1')).run(...values));
    database.exec('commit');
    database.exec('pragma wal_checkpoint(truncate)');
  } finally {
    database.close();
  }
}
