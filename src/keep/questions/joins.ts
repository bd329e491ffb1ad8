// Sums by day of how events were joined to visits: by which key, how old the click or visit was, and what there was to join by.
import type { Db, SqlValue, Step } from '../../types.ts';
import { number, text } from '../row.ts';
import { dayOf, hourOf, shardOf } from './hours.ts';

/** `by` is the key that joined the event, `own` where the hook brought a browser or click id itself, or `nothing`. */
export type JoinCount = {
  by: string;
  age_seconds?: number;
  channel?: string;
  /** The event has the id of a click now. */
  click: boolean;
  /** A reference code was said; an e-mail or a phone is known. */
  code: boolean;
  person: boolean;
};

/** What an age is counted as: the first whose seconds it does not exceed. */
const AGES = { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000, older: Number.POSITIVE_INFINITY };
export type JoinAge = keyof typeof AGES;
export const JOIN_AGES = Object.keys(AGES) as readonly JoinAge[];
const ageOf = (seconds: number | undefined): string =>
  seconds === undefined ? '' : (JOIN_AGES.find((age) => seconds <= AGES[age]) ?? 'older');

const COUNT = `
  insert into join_days (day, store, source, name, channel, joined_by, age, shard, events, clicks, codes, persons)
  select $2, events.store, hooks.source, events.name, $3, $4, $5, $6, 1, $7, $8, $9
  from events join hooks on hooks.id = events.hook_id where events.id = $1
  on conflict (day, store, source, name, channel, joined_by, age, shard) do update set events = join_days.events + 1,
    clicks = join_days.clicks + excluded.clicks, codes = join_days.codes + excluded.codes,
    persons = join_days.persons + excluded.persons`;

/** The step that counts joins of events; those that are not there are not counted. Rows are in one order for all writers. */
export function countJoins(joins: readonly { id: string; lease_id: string; join: JoinCount }[], now: number): Step {
  const rows = joins.map(
    ({ id, lease_id, join: { by, age_seconds, channel = '', click, code, person } }): SqlValue[] => [
      id,
      dayOf(now),
      channel,
      by,
      ageOf(age_seconds),
      shardOf(lease_id),
      ...[click, code, person].map(Number),
    ],
  );
  const orderOf = (row: SqlValue[]) => row.slice(1).join('\n');
  return { sql: COUNT, rows: rows.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) };
}

export type JoinSum = {
  store: string;
  source: string;
  name: string;
  /** Empty where the order or lead says none. */
  channel: string;
  by: string;
  /** Empty where nothing was joined. */
  age: JoinAge | '';
  events: number;
  /** How many of them have the id of a click, a reference code, an e-mail or phone. */
  clicks: number;
  codes: number;
  persons: number;
};

const SUM = `
  select store, source, name, channel, joined_by, age, sum(events) as events, sum(clicks) as clicks, sum(codes) as codes,
    sum(persons) as persons
  from join_days where day >= $1 and day <= $2
  group by store, source, name, channel, joined_by, age order by store, source, name, channel, joined_by, age`;

/** Sums of joins from a day to another, both included; days of UTC count from 1970. */
export async function sumJoins(db: Db, from: number, until: number): Promise<JoinSum[]> {
  const rows = await db.query(SUM, [from, until]);
  return rows.map((row) => ({
    store: text(row, 'store'),
    source: text(row, 'source'),
    name: text(row, 'name'),
    channel: text(row, 'channel'),
    by: text(row, 'joined_by'),
    age: JOIN_AGES.find((age) => age === row.age) ?? '',
    events: number(row, 'events'),
    clicks: number(row, 'clicks'),
    codes: number(row, 'codes'),
    persons: number(row, 'persons'),
  }));
}

const COUNT_VISITS = `
  insert into visit_hours (store, hour, visits) values ($1, $2, $3)
  on conflict (store, hour) do update set visits = visit_hours.visits + excluded.visits`;

/** The step that counts what the scripts of stores told; the last of its transaction, because every writer has the same rows. */
export function countVisits(told: readonly { store: string; at: number }[]): Step {
  const sums = Map.groupBy(told, ({ store, at }) => `${store}\n${hourOf(at)}`);
  const rows = [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, some]): SqlValue[][] => {
      const [first] = some;
      return first === undefined ? [] : [[first.store, hourOf(first.at), some.length]];
    });
  return { sql: COUNT_VISITS, rows };
}

const LAST_VISIT = 'select max(hour) as hour from visit_hours where store = $1';

/** The hour in which the script of a store told something last; undefined when it never did, or longer ago than is kept. */
export async function lastVisit(db: Db, store: string): Promise<number | undefined> {
  const [row] = await db.query(LAST_VISIT, [store]);
  return row === undefined || row.hour === null ? undefined : number(row, 'hour');
}

/** Sums go with the events they count, by the hour before which all goes. */
export const FORGET_JOINS = ['delete from join_days where day < $1 / 24', 'delete from visit_hours where hour < $1'];
