// Questions that slow guessing and asking down: one row per account or address, shared by all replicas.
import { fillOf, mostAhead, type Rate, slackOf } from '../../lib/leaky-bucket.ts';
import type { Db } from '../../types.ts';
import { number } from '../row.ts';
import { change } from '../sql.ts';

// One that is empty further ahead than it can be is of a time before the clock was set back.
const TAKE = `
  insert into throttles (key, empty_at) values ($1, cast($2 as bigint) + $3)
  on conflict (key) do update set
    empty_at = case when throttles.empty_at > $2 and throttles.empty_at <= $2 + $5 then throttles.empty_at else $2 end + $3
    where throttles.empty_at <= $2 + $4 or throttles.empty_at > $2 + $5
  returning key`;
const FORGET = 'delete from throttles where key in (select key from throttles where empty_at < $1 limit 100)';

/** Takes one try for a key; answers 0, or for how many milliseconds there is none. */
export async function takeTry(db: Db, key: string, rate: Rate, now: number): Promise<number> {
  const [row] = await db.query('select empty_at from throttles where key = $1', [key]);
  const { wait } = fillOf(row && number(row, 'empty_at'), now, rate);
  if (wait > 0) return wait;
  const [, [taken = []] = []] = await db.transaction([
    { sql: FORGET, rows: [[now]] },
    { sql: TAKE, rows: [[key, now, rate.every, slackOf(rate), mostAhead(rate)]] },
  ]);
  return taken.length === 1 ? 0 : rate.every;
}

const HOLD = `
  insert into throttles (key, empty_at) values ($1, $2)
  on conflict (key) do update set empty_at = excluded.empty_at where throttles.empty_at < excluded.empty_at`;

/** Lets nobody try before `until`, and one at a time from then on. */
export async function holdTries(db: Db, key: string, rate: Rate, until: number): Promise<void> {
  await change(db, HOLD, [key, until + slackOf(rate)]);
}

/** Forgets the tries of a key. */
export async function clearTries(db: Db, key: string): Promise<void> {
  await change(db, 'delete from throttles where key = $1', [key]);
}
