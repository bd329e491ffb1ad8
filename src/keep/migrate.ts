// Brings the tables of a database up to date, of two programs that start together by one of them.
import { OperatorError } from '../lib/errors.ts';
import type { Db } from '../types.ts';
import { type Dialect, MIGRATIONS } from './migrations.ts';
import { countIn } from './row.ts';

/**
 * Brings the tables up to date. Each migration is one transaction that first inserts its number, so of two programs that start
 * together one makes it and the other goes on. Throws an `OperatorError` for tables newer than this program. `refuse` may throw
 * before tables of an older version are changed.
 */
export async function migrate(db: Db, dialect: Dialect, refuse = (): void => {}): Promise<void> {
  await createList(db);
  const found = await readVersion(db);
  refuseNewer(found);
  if (found > 0 && found < MIGRATIONS.length) refuse();
  for (const [index, statements] of MIGRATIONS.entries()) {
    const version = index + 1;
    if ((await readVersion(db)) >= version) continue;
    try {
      await db.transaction([
        { sql: 'insert into migrations (version) values ($1)', rows: [[version]] },
        ...statements(dialect)
          .flatMap((sql) => dialect.adapt?.(sql) ?? [sql])
          .map((sql) => ({ sql, rows: [[]] })),
      ]);
    } catch (error) {
      if ((await readVersion(db)) < version) throw error;
    }
  }
}

/** In PostgreSQL "if not exists" still fails for the second of two programs at the same time. */
async function createList(db: Db): Promise<void> {
  try {
    await db.transaction([{ sql: 'create table if not exists migrations (version bigint primary key)', rows: [[]] }]);
  } catch (error) {
    await readVersion(db).catch(() => {
      throw error;
    });
  }
}

const readVersion = async (db: Db): Promise<number> =>
  countIn(await db.query('select coalesce(max(version), 0) as version from migrations'), 'version');

function refuseNewer(version: number): void {
  if (version <= MIGRATIONS.length) return;
  throw new OperatorError(
    'KEEP_NEWER',
    `the database was written by a newer tagbridge: its tables have version ${version}, this one knows ${MIGRATIONS.length}`,
    'run the newer version, or restore a copy from before the update',
  );
}
