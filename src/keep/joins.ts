// Sums by hour of how events were joined to visits: by which key, and how old the click or visit was.
import type { Db, SqlValue, Step } from '../types.ts';
import { hourOf, shardOf } from './hours.ts';
import { number, text } from './row.ts';

/** `by` is the key that joined the event, `own` where the hook brought a browser or click id itself, or `nothing`. */
export type JoinCount = { by: string; age_seconds?: number };

/** What an age is counted as: the first whose seconds it does not exceed. */
const AGES = { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000, older: Number.POSITIVE_INFINITY };
export type JoinAge = keyof typeof AGES | '';
const ageOf = (seconds: number | undefined): string =>
  seconds === undefined ? '' : (Object.entries(AGES).find(([, most]) => seconds <= most)?.[0] ?? 'older');

const COUNT = `
  insert into join_hours (hour, store, source, name, joined_by, age, shard, events)
  select $2, events.store, hooks.source, events.name, $3, $4, $5, 1
  from events join hooks on hooks.id = events.hook_id where events.id = $1
  on conflict (hour, store, source, name, joined_by, age, shard) do update set events = join_hours.events + 1`;

/** The step that counts joins of events; those that are not there are not counted. Rows are in one order for all writers. */
export function countJoins(joins: readonly { id: string; lease_id: string; join: JoinCount }[], now: number): Step {
  const rows = joins.map(({ id, lease_id, join: { by, age_seconds } }): SqlValue[] => [
    id,
    hourOf(now),
    by,
    ageOf(age_seconds),
    shardOf(lease_id),
  ]);
  const orderOf = (row: SqlValue[]) => row.slice(1).join('\n');
  return { sql: COUNT, rows: rows.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) };
}

export type JoinSum = {
  hour: number;
  store: string;
  source: string;
  name: string;
  by: string;
  /** hour, day, week, month or older; empty where nothing was joined. */
  age: string;
  events: number;
};

const SUM = `
  select hour, store, source, name, joined_by, age, sum(events) as events
  from join_hours where hour >= $1 and hour <= $2 group by hour, store, source, name, joined_by, age`;

/** Sums of joins from an hour to another, both included; hours count from 1970. */
export async function sumJoins(db: Db, from: number, until: number): Promise<JoinSum[]> {
  const rows = await db.query(SUM, [from, until]);
  return rows.map((row) => ({
    hour: number(row, 'hour'),
    store: text(row, 'store'),
    source: text(row, 'source'),
    name: text(row, 'name'),
    by: text(row, 'joined_by'),
    age: text(row, 'age'),
    events: number(row, 'events'),
  }));
}
