// Days as partitions: made ahead, and dropped whole when nothing in them is needed any more.
import { firstIdAt } from '../../lib/id.ts';
import { DAY_MS, dayAt } from '../../lib/time.ts';
import type { Db } from '../../types.ts';
import { KeepError } from '../error.ts';
import { dayOf } from '../questions/hours.ts';
import { countIn, text } from '../row.ts';
import { DAILY, SOON } from './dialect.ts';

const AHEAD = 7;

/** `<table>_20260115`, in UTC. */
const partitionOf = (table: string, day: number): string => `${table}_${dayAt(day * DAY_MS).replaceAll('-', '')}`;

const KNOWN =
  'select cast(cast(inhrelid as regclass) as text) as name from pg_inherits where inhparent = cast($1 as regclass)';

const listDays = async (db: Db, table: string): Promise<string[]> =>
  (await db.query(KNOWN, [table])).map((row) => text(row, 'name'));

/** Makes the partitions of today, the days to come and, where asked for, of days gone by. */
export async function keepDays(db: Db, now: number, back = 0): Promise<void> {
  for (const table of DAILY.keys()) {
    const known = new Set(await listDays(db, table));
    for (let day = dayOf(now) - back; day <= dayOf(now) + AHEAD; day++) {
      const name = partitionOf(table, day);
      if (!known.has(name)) await makeDay(db, table, name, day);
    }
  }
}

/**
 * Another program may make it at the same time; rows that came before it stay where they are, and nothing is lost. Rejects
 * where it may not be made at all, or not now.
 */
async function makeDay(db: Db, table: string, name: string, day: number): Promise<void> {
  const [from, until] = [firstIdAt(day * DAY_MS), firstIdAt((day + 1) * DAY_MS)];
  const sql = `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${until}')`;
  try {
    await db.transaction([
      { sql: SOON, rows: [[]] },
      { sql, rows: [[]] },
    ]);
  } catch (error) {
    const isInTheWay = error instanceof KeepError && error.failure === 'constraint';
    if (!isInTheWay && !(await listDays(db, table)).includes(name)) throw error;
  }
}

const ROWS = (name: string): string => `select count(*) as rows_kept from ${name}`;
const UNFINISHED = 'select 1 as one from hooks where id >= $1 and id < $2 and due_at is not null limit 1';

/**
 * Drops the days of a table that end before the id `before`, and answers how many rows went with them. A day in which a hook
 * is not finished stays, and its rows go one by one.
 */
export async function dropDays(db: Db, table: string, before: string): Promise<number> {
  let dropped = 0;
  for (const name of await listDays(db, table)) {
    const [, date] = /_(\d{8})$/.exec(name) ?? [];
    if (date === undefined) continue;
    const at = Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00:00Z`);
    const [from, until] = [firstIdAt(at), firstIdAt(at + DAY_MS)];
    if (until > before || (await db.query(UNFINISHED, [from, until])).length > 0) continue;
    dropped += await dropDay(db, table, name);
  }
  return dropped;
}

/** Answers how many rows went with it: none where another replica has just dropped it. */
async function dropDay(db: Db, table: string, name: string): Promise<number> {
  try {
    const rows = countIn(await db.query(ROWS(name)), 'rows_kept');
    await db.transaction([
      { sql: SOON, rows: [[]] },
      { sql: `drop table if exists ${name}`, rows: [[]] },
    ]);
    return rows;
  } catch (error) {
    if ((await listDays(db, table)).includes(name)) throw error;
    return 0;
  }
}
