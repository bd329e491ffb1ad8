// Questions about accounts that nothing is sent to for a while, which all replicas know; and how many replicas send.
import type { Hold } from '../../deliver/questions.ts';
import type { Db } from '../../types.ts';
import { number, text } from '../row.ts';
import { change } from '../sql.ts';

export const holdTables = (): string[] => [
  // What keeps failing, or asked to be left alone for a while.
  'create table holds (account text primary key, until bigint not null, trips bigint not null)',
  // Threads that send, so that they share a rate.
  'create table senders (id text primary key, seen_at bigint not null)',
];

const HOLD = `
  insert into holds (account, until, trips) values ($1, $2, $3)
  on conflict (account) do update set until = excluded.until, trips = excluded.trips`;

/** Tells all replicas to leave an account alone. */
export async function holdAccount(db: Db, { account, until, trips }: Hold): Promise<void> {
  await change(db, HOLD, [account, until, trips]);
}

/** Tells all replicas that an account answers again. */
export async function freeAccount(db: Db, account: string): Promise<void> {
  await change(db, 'delete from holds where account = $1', [account]);
}

const TAKE = `
  update holds set until = $3 where account = $1 and (until <= $2 or until > $2 + $4) returning account`;

/**
 * Whether this replica may find out if an account answers again, once its hold is over; the others then wait until `until`.
 * A hold that is longer than `most` milliseconds comes from a clock that was set back.
 */
export async function takeProbe(
  db: Db,
  { account, now, until, most }: { account: string; now: number; until: number; most: number },
): Promise<boolean> {
  const taken = await change(db, TAKE, [account, now, until, most]);
  if (taken.length > 0) return true;
  return (await db.query('select account from holds where account = $1', [account])).length === 0;
}

export async function listHolds(db: Db): Promise<Hold[]> {
  const rows = await db.query('select account, until, trips from holds');
  return rows.map((row) => ({
    account: text(row, 'account'),
    until: number(row, 'until'),
    trips: number(row, 'trips'),
  }));
}

const SEEN = `
  insert into senders (id, seen_at) values ($1, $2) on conflict (id) do update set seen_at = excluded.seen_at`;

/** Notes that a sender is there, and answers how many were seen since `since`; the others are forgotten. */
export async function countSenders(db: Db, id: string, now: number, since: number): Promise<number> {
  const [, , [[row] = []] = []] = await db.transaction([
    { sql: SEEN, rows: [[id, now]] },
    { sql: 'delete from senders where seen_at < $1', rows: [[since]] },
    { sql: 'select count(*) as senders from senders', rows: [[]] },
  ]);
  return row === undefined ? 1 : number(row, 'senders');
}

export async function removeSender(db: Db, id: string): Promise<void> {
  await change(db, 'delete from senders where id = $1', [id]);
}
