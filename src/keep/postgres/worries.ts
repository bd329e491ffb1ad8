// What holds PostgreSQL up without anything being broken: old transactions, slots that nobody reads, settings that got lost.
import type { Db } from '../../types.ts';
import { number, text } from '../row.ts';

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

// A pooler that drops what our sessions are told leaves them the role's own settings.
const DROPPED = `
  select current_user as role from pg_settings
  where name in ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin') and setting = 'on' limit 1`;
const SETTINGS = ['enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off'];
const quoted = (role: string): string => `"${role.replaceAll('"', '""')}"`;

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)} minutes`;

/** Sessions of other users show only to who has the role pg_monitor. */
export async function findWorries(db: Db, { old = OLD_MS, kept = KEPT_BYTES } = {}): Promise<Worry[]> {
  const [[row], slots, dropped] = await Promise.all([db.query(OLD, [old]), db.query(SLOTS, [kept]), db.query(DROPPED)]);
  const unset = dropped.map((one): Worry => {
    const role = quoted(text(one, 'role'));
    const settings = SETTINGS.map((setting) => `alter role ${role} set ${setting};`).join(' ');
    return {
      name: 'settings',
      detail:
        'Settings of our sessions do not reach the database, so that it may read whole tables. A pooler drops them.',
      todo: `Give them to the role: ${settings} Then restart the pooler.`,
    };
  });
  const slotWorries = slots.map((slot): Worry => {
    const name = text(slot, 'slot_name');
    return {
      name: `slot ${name}`,
      detail: `Nobody reads the replication slot ${name}, for which ${Math.round(number(slot, 'bytes') / 1e6)} MB of log are kept; they fill its disk.`,
      todo: 'Start the standby again, or drop the slot (pg_drop_replication_slot).',
    };
  });
  const worries = [...slotWorries, ...unset];
  if (row === undefined || number(row, 'sessions') === 0) return worries;
  const detail = `${number(row, 'sessions')} transactions are open for long, the oldest for ${minutes(number(row, 'seconds'))}; what was deleted since is still walked over, and everything gets slower.`;
  const todo = 'Find it in pg_stat_activity (xact_start) and end it (pg_terminate_backend).';
  return [{ name: 'transaction', detail, todo }, ...worries];
}
