// Questions that let a request be repeated without being done twice: what was answered under its idempotency key.
import { DAY_MS } from '../../lib/time.ts';
import type { Db } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change } from '../sql.ts';

export type Keyed = { token_id: string; key: string; request_hash: string };
/** `answered` is what to say again, `working` that the first one is still at it, `other` that the key was for another request. */
export type Begun = { kind: 'new' | 'working' | 'other' } | { kind: 'answered'; status: number; answer: string };

const KEPT_MS = DAY_MS;
/** Whoever has not answered by then never will. */
const WORKING_MS = 60_000;

const FORGET =
  'delete from token_answers where (token_id, key) in (select token_id, key from token_answers where at < $1 limit 100)';
const BEGIN = `
  insert into token_answers (token_id, key, request_hash, at) values ($1, $2, $3, $4)
  on conflict (token_id, key) do update set at = excluded.at
    where token_answers.request_hash = excluded.request_hash and token_answers.status is null and token_answers.at < $5
  returning key`;
const FOUND = 'select request_hash, status, answer from token_answers where token_id = $1 and key = $2';

/** Takes the key for a request, or says what is known of it. */
export async function beginKeyed(db: Db, { token_id, key, request_hash }: Keyed, now: number): Promise<Begun> {
  const [, [taken = []] = [], [found = []] = []] = await db.transaction([
    { sql: FORGET, rows: [[now - KEPT_MS]] },
    { sql: BEGIN, rows: [[token_id, key, request_hash, now, now - WORKING_MS]] },
    { sql: FOUND, rows: [[token_id, key]] },
  ]);
  const [row] = found;
  if (taken.length === 1 || row === undefined) return { kind: 'new' };
  if (text(row, 'request_hash') !== request_hash) return { kind: 'other' };
  const status = maybe(number, row, 'status');
  return status === undefined ? { kind: 'working' } : { kind: 'answered', status, answer: text(row, 'answer') };
}

const END = 'update token_answers set status = $3, answer = $4 where token_id = $1 and key = $2';

/** Keeps the answer for a day; without one the key is free again. */
export async function endKeyed(
  db: Db,
  { token_id, key }: Pick<Keyed, 'token_id' | 'key'>,
  answer: { status: number; answer: string } | undefined,
): Promise<void> {
  if (answer === undefined)
    await change(db, 'delete from token_answers where token_id = $1 and key = $2', [token_id, key]);
  else await change(db, END, [token_id, key, answer.status, answer.answer]);
}
