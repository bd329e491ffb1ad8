// What PostgreSQL's tables have that SQLite's have not: order by bytes, bodies stored as they are, days that go as a whole.
import type { Dialect } from '../tables/migrations.ts';

/** Updated all the time: room for the next version beside each row, and cleaned up soon. */
const HOT = new Set(['hooks', 'deliveries']);
const HOT_SETTINGS =
  'with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)';
/** One partition per day, by an id that begins with its time; what fits no day is in the partition `<table>_other`. */
export const DAILY = new Map([
  ['hook_bodies', 'hook_id'],
  ['attempts', 'event_id'],
]);

const CREATE = /^\s*create table (\w+) \(/;
const ALTER = /^\s*alter table (\w+) add column (\w+) bytea/;

/** Ids are compared as text by code and by SQL alike, which the language of the database must not change. */
const ordered = (sql: string): string => sql.replaceAll(/\btext\b/g, 'text collate "C"');

/** Bodies are random or small: compressing them again costs more than it saves. */
const external = (table: string, column: string): string =>
  `alter table ${table} alter column ${column} set storage external`;

function adapt(sql: string): string[] {
  const [, altered, column] = ALTER.exec(sql) ?? [];
  if (altered !== undefined && column !== undefined) return [sql, external(altered, column)];
  const [, table] = CREATE.exec(sql) ?? [];
  if (table === undefined) return [ordered(sql)];
  const daily = DAILY.get(table);
  const partition = daily === undefined ? '' : ` partition by range (${daily})`;
  const settings = HOT.has(table) ? ` ${HOT_SETTINGS}` : '';
  return [
    `${ordered(sql)}${partition}${settings}`,
    ...(daily === undefined ? [] : [`create table ${table}_other partition of ${table} default`]),
    ...[...sql.matchAll(/(\w+) bytea/g)].map(([, name = '']) => external(table, name)),
  ];
}

/**
 * Whoever asks for a table waits behind a change of it, which itself may wait for a dump to end: the change gives way before
 * hooks are refused for it, and is made another time. An autovacuum gives way to it once it has waited for the second of
 * `deadlock_timeout`.
 */
export const SOON = "select set_config('lock_timeout', '1200', true) as ms";

export const POSTGRES: Dialect = { clustered: '', adapt, first: SOON };
