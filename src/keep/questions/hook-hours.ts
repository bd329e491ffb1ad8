// Hooks by source and hour, kept and refused: what silence is measured against. Keeping a hook costs nothing for it.
import { firstIdAt, timeOf } from '../../lib/id.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import type { Db, Row } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change, END } from '../sql.ts';
import { SENT } from '../tables/found.ts';
import { hourOf } from './hours.ts';

/** So much is counted in one step, and no more hooks than this: sorting 300,000 into groups takes 24 MB and most of a second. */
const STRETCH_MS = DAY_MS;
const STRETCH_HOOKS = 50_000;
/** Sums older than this are forgotten. */
const KEPT_HOURS = 70 * 24;
const NAME = 'hooks';

export type HookSum = { hour: number; store: string; source: string; hooks: number; refused: number };
export type Refusals = { hour: number; store: string; source: string; refused: number };

const STRETCH_END = 'select id from hooks where id >= $1 and id < $2 order by id limit 1 offset $3';
const MARK = 'select counted_until from hook_marks where name = $1';
const OLDEST = 'select min(id) as id from hooks';
const ADD_MARK = 'insert into hook_marks (name, counted_until, turn) values ($1, $2, $3) on conflict do nothing';
const COUNT = `
  select received_at / ${HOUR_MS} as hour, store, source, count(*) as hooks from hooks
  where id >= $1 and id < $2 and ${SENT} group by received_at / ${HOUR_MS}, store, source`;
// Of two replicas that counted the same stretch one moves the mark; the other one's turn is nowhere, so it adds nothing.
const MOVE_MARK = 'update hook_marks set counted_until = $2, turn = $3 where name = $1 and counted_until = $4';
const ADD = `
  insert into hook_hours (hour, store, source, hooks, refused)
  select $1, $2, $3, $4, 0 from hook_marks where name = $5 and turn = $6
  on conflict (hour, store, source) do update set hooks = hook_hours.hooks + excluded.hooks`;
const FORGET = 'delete from hook_hours where hour < $1';
/** Replicas that count differ by less. A mark further ahead was made before the clock was set back. */
const AHEAD_MS = 60_000;
const UNCOUNT = `
  update hook_hours set hooks = 0
  where hour >= $1 and exists (select 1 from hook_marks where name = $2 and turn = $3)`;

/**
 * Adds the hooks that came since the last call and before `until` to the sums. `turn` is new with every call. Reads each
 * hook once, along its id, beside whatever is written; the first call counts all that is kept. No more than `most` at once.
 */
export async function countNewHooks(db: Db, until: number, turn: string, most = STRETCH_HOOKS): Promise<void> {
  const begun = await beginCount(db, until, turn);
  for (let from = begun; from < until; ) {
    const to = await endOfStretch(db, from, Math.min(until, from + STRETCH_MS), most);
    const rows = await db.query(COUNT, [firstIdAt(from), firstIdAt(to)]);
    const sums = rows.map((row) => [...place(row), number(row, 'hooks'), NAME, turn]);
    await db.transaction([
      { sql: MOVE_MARK, rows: [[NAME, to, turn, from]] },
      { sql: ADD, rows: sums },
      { sql: FORGET, rows: [[hourOf(until) - KEPT_HOURS]] },
    ]);
    from = to;
  }
}

/** `until`, or the time of the first hook that is too many. The hooks of one millisecond are counted together. */
async function endOfStretch(db: Db, from: number, until: number, most: number): Promise<number> {
  const [end] = await db.query(STRETCH_END, [firstIdAt(from), firstIdAt(until), most]);
  return end === undefined ? until : Math.max(from + 1, timeOf(text(end, 'id')));
}

async function beginCount(db: Db, until: number, turn: string): Promise<number> {
  const [mark] = await db.query(MARK, [NAME]);
  const marked = mark && number(mark, 'counted_until');
  if (marked !== undefined && marked > until + AHEAD_MS) return countAnew(db, marked, until, turn);
  if (marked !== undefined) return marked;
  const [oldest] = await db.query(OLDEST);
  const first = oldest && maybe(text, oldest, 'id');
  const begin = first === undefined ? until : Math.max(timeOf(first), until - KEPT_HOURS * HOUR_MS);
  await change(db, ADD_MARK, [NAME, begin, turn]);
  return begin;
}

/**
 * Hooks of this hour, the one before it and hours to come are counted again: what came since the clock was set back has ids
 * from before the mark.
 */
async function countAnew(db: Db, marked: number, until: number, turn: string): Promise<number> {
  const hour = hourOf(until) - 1;
  const begin = hour * HOUR_MS;
  await db.transaction([
    { sql: MOVE_MARK, rows: [[NAME, begin, turn, marked]] },
    { sql: UNCOUNT, rows: [[hour, NAME, turn]] },
  ]);
  return begin;
}

const REFUSED = `
  insert into hook_hours (hour, store, source, hooks, refused) values ($1, $2, $3, 0, $4)
  on conflict (hour, store, source) do update set refused = hook_hours.refused + excluded.refused`;

/** Adds requests whose sender could not be proven. */
export async function addRefusals(db: Db, refusals: readonly Refusals[]): Promise<void> {
  const rows = refusals.map(({ hour, store, source, refused }) => [hour, store, source, refused]);
  await db.transaction([{ sql: REFUSED, rows }]);
}

const SUMS = `
  select hour, store, source, hooks, refused from hook_hours where hour >= $1 and hour <= $2
  order by hour, store, source`;

/** Hooks and refusals of every source from an hour to another, both included; hours count from 1970. */
export async function sumHooks(db: Db, from: number, until: number): Promise<HookSum[]> {
  const rows = await db.query(SUMS, [from, until]);
  return rows.map((row) => {
    const [hour, store, source] = place(row);
    return { hour, store, source, hooks: number(row, 'hooks'), refused: number(row, 'refused') };
  });
}

/** As `sumHooks`, and with the hooks that came after the last count, which are those of a minute or two. */
export async function sumHooksTillNow(db: Db, from: number, until: number): Promise<HookSum[]> {
  const [mark] = await db.query(MARK, [NAME]);
  if (mark === undefined) return [];
  const since = firstIdAt(number(mark, 'counted_until'));
  const [counted, fresh] = await Promise.all([sumHooks(db, from, until), db.query(COUNT, [since, END])]);
  const uncounted = fresh.map((row) => {
    const [hour, store, source] = place(row);
    return { hour, store, source, hooks: number(row, 'hooks'), refused: 0 };
  });
  return [...counted, ...uncounted.filter(({ hour }) => hour >= from && hour <= until)];
}

const place = (row: Row): [number, string, string] => [number(row, 'hour'), text(row, 'store'), text(row, 'source')];
