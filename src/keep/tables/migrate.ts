// Brings the tables of a database up to date, of two programs that start together by one of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError, PassingError, reasonOf } from '../../lib/errors.ts';
import type { Db, Step } from '../../types.ts';
import { isBusy } from '../error.ts';
import { countIn } from '../row.ts';
import { change } from '../sql.ts';
import { type Dialect, MIGRATIONS } from './migrations.ts';

/** Called before tables of an older version are changed, and may throw: how many changes they have, and how many there are. */
export type OnOlder = (found: number, known: number, db: Db) => void | Promise<void>;

/** Whoever holds a table is waited for so often; between two tries those who wait behind this one take their turn. */
const TRIES = 5;
const AGAIN_MS = 1_000;

/**
 * Brings the tables up to date. Each migration is one transaction that first inserts its number, so of two programs that start
 * together one makes it and the other goes on. Of an empty database all are one: nobody sees tables that are half made, and
 * takes them for those of an older version. Throws an `OperatorError` for tables newer than this program, and for tables
 * that somebody else holds for long.
 */
export async function migrate(db: Db, dialect: Dialect, onOlder: OnOlder = () => {}): Promise<void> {
  await createList(db);
  const found = await readVersion(db);
  refuseNewer(found);
  if (found > 0 && found < MIGRATIONS.length) await onOlder(found, MIGRATIONS.length, db);
  const steps = MIGRATIONS.map((_, index) => stepsOf(index + 1, dialect));
  if (found === 0) await make(db, 1, steps.flat());
  for (const [index, own] of steps.entries()) await make(db, index + 1, own);
}

/** The number comes first: a program that waits for another one's migration waits as long as that takes. */
function stepsOf(version: number, dialect: Dialect): Step[] {
  const { first, adapt } = dialect;
  const statements = MIGRATIONS[version - 1]?.(dialect) ?? [];
  return [
    { sql: 'insert into migrations (version) values ($1)', rows: [[version]] },
    ...[...(first === undefined ? [] : [first]), ...statements.flatMap((sql) => adapt?.(sql) ?? [sql])].map((sql) => ({
      sql,
      rows: [[]],
    })),
  ];
}

async function make(db: Db, version: number, steps: Step[]): Promise<void> {
  for (let tries = 1; (await readVersion(db)) < version; tries++) {
    try {
      await db.transaction(steps);
    } catch (error) {
      if ((await readVersion(db)) >= version) return;
      if (!isBusy(error)) throw error;
      if (tries === TRIES) throw held(error);
      await sleep(AGAIN_MS);
    }
  }
}

const held = (error: unknown): PassingError =>
  new PassingError(
    'KEEP_HELD',
    `the tables are of an older version, and cannot be changed while somebody else holds them: ${reasonOf(error)}`,
    'wait until a pg_dump or a long transaction is over, then start again; services of the older version go on meanwhile',
  );

/** In PostgreSQL "if not exists" still fails for the second of two programs at the same time. */
async function createList(db: Db): Promise<void> {
  try {
    await change(db, 'create table if not exists migrations (version bigint primary key)', []);
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
