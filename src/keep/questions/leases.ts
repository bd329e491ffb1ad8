// Questions for the start of a program that has its store for itself, and for when its clock was set back.
import type { Db } from '../../types.ts';
import { number } from '../row.ts';
import { ONE_MORE_DEATH } from './deliveries.ts';
import { takeTry } from './throttles.ts';

const DELIVERIES = `
  update deliveries set due_at = $1, lease_id = null, deaths = ${ONE_MORE_DEATH} where lease_id is not null`;
const HOOKS = 'update hooks set due_at = $1, lease_id = null where due_at is not null and lease_id is not null';

/** Makes all that a process before this one held due now, instead of when its leases end. Not for a shared database. */
export async function releaseAllLeases(db: Db, now: number): Promise<void> {
  await db.transaction([
    { sql: DELIVERIES, rows: [[now]] },
    { sql: HOOKS, rows: [[now]] },
  ]);
}

/** No wait is longer: the longest of a destination's schedule has four hours. */
const LONGEST_MS = 6 * 3_600_000;
const FAR = 'due_at = $1 where lease_id is null and due_at > $2';

const SOONER = `
  due_at = case when due_at + cast($2 as bigint) > $1 then due_at + cast($2 as bigint) else $1 end
  where lease_id is null and due_at > $1`;

const NEWEST = 'select received_at from hooks order by id desc limit 1';
/** What is less may be two clocks that differ. */
const SET_BACK_MS = 60_000;

/**
 * By how many milliseconds, below 0, the clock was set back at least while nobody watched it: the newest hook came later than
 * now. Says so once.
 */
export async function findSetBack(db: Db, now: number): Promise<number> {
  const [row] = await db.query(NEWEST);
  const jump = row === undefined ? 0 : now - number(row, 'received_at');
  if (jump >= -SET_BACK_MS) return 0;
  // That hook stays the newest until the clock is there again: what was moved for it is not moved at every start till then.
  const wait = await takeTry(db, 'clock set back before the start', { every: -jump, burst: 1 }, now);
  return wait > 0 ? 0 : jump;
}

/** Replicas share the clock of their database, and each notices within less that it was set back. */
const NOTICED = { every: 30_000, burst: 1 };

/**
 * Moves what waits by as much as the clock was set back, `jump` milliseconds below 0 where that is known, so that it waits no
 * longer than it had to; of several replicas that notice it the first one does. Makes due what then still waits for longer
 * than anything may wait: it was put off while the clock was ahead, and would wait until the clock is there again. Reads
 * every open row.
 */
export async function pullDue(db: Db, now: number, jump = 0): Promise<void> {
  const isFirst = jump < 0 && (await takeTry(db, 'clock set back', NOTICED, now)) === 0;
  const moved = isFirst ? [[now, jump]] : [];
  const rows = [[now, now + LONGEST_MS]];
  await db.transaction([
    { sql: `update deliveries set ${SOONER}`, rows: moved },
    { sql: `update hooks set ${SOONER}`, rows: moved },
    { sql: `update deliveries set ${FAR}`, rows },
    { sql: `update hooks set ${FAR}`, rows },
  ]);
}
