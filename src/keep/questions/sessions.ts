// Questions about sessions: who is logged in, since when, and until when. Tokens are kept as hashes only.
import type { Db } from '../../types.ts';
import { number } from '../row.ts';
import { change } from '../sql.ts';
import { toUser, USER_COLUMNS, type User } from './users.ts';

export type Session = { user: User; created_at: number; seen_at: number };
/** Sessions seen before `idle` or begun before `absolute` are over. */
export type SessionLimits = { idle: number; absolute: number };

const FORGET = 'delete from sessions where seen_at <= $1 or created_at <= $2';
const START = 'insert into sessions (token_hash, user_id, created_at, seen_at) values ($1, $2, $3, $3)';

/** Starts a session, and forgets those that are over. */
export async function startSession(
  db: Db,
  { token_hash, user_id, now }: { token_hash: string; user_id: string; now: number },
  limits: SessionLimits,
): Promise<void> {
  await db.transaction([
    { sql: FORGET, rows: [[limits.idle, limits.absolute]] },
    { sql: START, rows: [[token_hash, user_id, now]] },
  ]);
}

const FIND = `
  select ${USER_COLUMNS}, sessions.created_at as began, sessions.seen_at
  from sessions join users on users.id = sessions.user_id
  where token_hash = $1 and seen_at > $2 and sessions.created_at > $3`;

export async function findSession(db: Db, token_hash: string, limits: SessionLimits): Promise<Session | undefined> {
  const [row] = await db.query(FIND, [token_hash, limits.idle, limits.absolute]);
  return row && { user: toUser(row), created_at: number(row, 'began'), seen_at: number(row, 'seen_at') };
}

/** Notes that the session was used. */
export async function touchSession(db: Db, token_hash: string, now: number): Promise<void> {
  await change(db, 'update sessions set seen_at = $2 where token_hash = $1', [token_hash, now]);
}

export async function endSession(db: Db, token_hash: string): Promise<void> {
  await change(db, 'delete from sessions where token_hash = $1', [token_hash]);
}

export async function endSessionsOf(db: Db, user_id: string): Promise<void> {
  await change(db, 'delete from sessions where user_id = $1', [user_id]);
}
