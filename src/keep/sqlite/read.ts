// The port on a file of SQLite that nothing can be written to through.
import type { Db, Row, SqlValue } from '../../types.ts';
import { KeepError } from '../error.ts';
import { openEngine } from './engine.ts';

/** SQLite's numbers fit: times and counts stay far below 2^53. */
const toRow = (row: Record<string, SqlValue | bigint>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );

/** Opens the file at `path`, which must exist, without changing a byte of it. */
export function readSqlite(path: string): Db {
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
