// Days as partitions: made ahead, and dropped whole when nothing in them is needed any more.
import { firstIdAt } from '../lib/id.ts';
import type { Db } from '../types.ts';
import { blamesRow } from './error.ts';
import { DAILY } from './postgres-dialect.ts';
import { text } from './row.ts';

const DAY_MS = 86_400_000;
const AHEAD = 7;

const dayOf = (at: number): number => Math.floor(at / DAY_MS);
/** `<table>_20260115`, in UTC. */
const partitionOf = (table: string, day: number): string =>
  `${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;

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

/** Another program may make it at the same time; rows that came before it stay where they are, and nothing is lost. */
async function makeDay(db: Db, table: string, name: string, day: number): Promise<void> {
  const [from, until] = [firstIdAt(day * DAY_MS), firstIdAt((day + 1) * DAY_MS)];
  const sql = `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${until}')`;
  try {
    await db.transaction([{ sql, rows: [[]] }]);
  } catch (error) {
    if (!blamesRow(error)) throw error;
  }
}
