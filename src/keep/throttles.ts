// Questions that slow guessing and asking down: one row per account or address, shared by all replicas.
import { notBefore } from '../lib/ahead.ts';
import type { Db } from '../types.ts';
import { number } from './row.ts';

/** `burst` tries at once, then one more every `every` milliseconds; `held` is the longest hold there may be. */
export type Rate = { every: number; burst: number; held?: number };

// A leaky bucket in one number: the time at which it is empty again. One further ahead than it can be is of a time before the
// clock was set back.
const TAKE = `
  insert into throttles (key, empty_at) values ($1, cast($2 as bigint) + $3)
  on conflict (key) do update set
    empty_at = case when throttles.empty_at > $2 and throttles.empty_at <= $2 + $5 then throttles.empty_at else $2 end + $3
    where throttles.empty_at <= $2 + $4 or throttles.empty_at > $2 + $5
  returning key`;
const FORGET = 'delete from throttles where key in (select key from throttles where empty_at < $1 limit 100)';

/** Takes one try for a key; answers 0, or for how many milliseconds there is none. */
export async function takeTry(db: Db, key: string, { every, burst, held = 0 }: Rate, now: number): Promise<number> {
  const slack = every * (burst - 1);
  // Twice what it holds: the clocks of two who ask may differ a little.
  const most = 2 * every * burst + held;
  const [row] = await db.query('select empty_at from throttles where key = $1', [key]);
  const wait = row === undefined ? 0 : notBefore(number(row, 'empty_at'), now, most) - slack - now;
  if (wait > 0) return wait;
  const [, [taken = []] = []] = await db.transaction([
    { sql: FORGET, rows: [[now]] },
    { sql: TAKE, rows: [[key, now, every, slack, most]] },
  ]);
  return taken.length === 1 ? 0 : every;
}

const HOLD = `
  insert into throttles (key, empty_at) values ($1, $2)
  on conflict (key) do update set empty_at = excluded.empty_at where throttles.empty_at < excluded.empty_at`;

/** Lets nobody try before `until`, and one at a time from then on. */
export async function holdTries(db: Db, key: string, { every, burst }: Rate, until: number): Promise<void> {
  await db.transaction([{ sql: HOLD, rows: [[key, until + every * (burst - 1)]] }]);
}

/** Forgets the tries of a key. */
export async function clearTries(db: Db, key: string): Promise<void> {
  await db.transaction([{ sql: 'delete from throttles where key = $1', rows: [[key]] }]);
}
