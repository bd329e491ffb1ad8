// What holds PostgreSQL up without anything being broken: old transactions, and replication slots that nobody reads.
import type { Db } from '../types.ts';
import { number, text } from './row.ts';

/** `name` stays the same as long as the worry does. */
export type Worry = { name: string; detail: string; todo: string };

const OLD_MS = 300_000;
/** Of write-ahead log that a slot keeps. */
const KEPT_BYTES = 1_000_000_000;

// While a snapshot is old, rows that were deleted since cannot be cleaned up, and every claim walks over them.
const OLD = `
  select count(*) as sessions, max(extract(epoch from clock_timestamp() - xact_start)) as seconds
  from pg_stat_activity
  where datname = current_database() and (backend_xmin is not null or backend_xid is not null)
    and xact_start < clock_timestamp() - make_interval(secs => cast($1 as double precision) / 1000)`;
const SLOTS = `
  select slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) as bytes from pg_replication_slots
  where not active and pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > $1 order by slot_name`;

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)} minutes`;

/** Sessions of other users show only to who has the role pg_monitor. */
export async function findWorries(db: Db, { old = OLD_MS, kept = KEPT_BYTES } = {}): Promise<Worry[]> {
  const [[row], slots] = await Promise.all([db.query(OLD, [old]), db.query(SLOTS, [kept])]);
  const worries = slots.map((slot): Worry => {
    const name = text(slot, 'slot_name');
    return {
      name: `slot ${name}`,
      detail: `Nobody reads the replication slot ${name}, for which ${Math.round(number(slot, 'bytes') / 1e6)} MB of log are kept; they fill its disk.`,
      todo: 'Start the standby again, or drop the slot (pg_drop_replication_slot).',
    };
  });
  if (row === undefined || number(row, 'sessions') === 0) return worries;
  const detail = `${number(row, 'sessions')} transactions are open for long, the oldest for ${minutes(number(row, 'seconds'))}; what was deleted since is still walked over, and everything gets slower.`;
  const todo = 'Find it in pg_stat_activity (xact_start) and end it (pg_terminate_backend).';
  return [{ name: 'transaction', detail, todo }, ...worries];
}
