// Questions of comparing with what a shop lists: how far it went, what is known already, and keeping what was found.
import { firstIdAt } from '../../lib/id.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../types.ts';
import { countIn, maybe, number, text } from '../row.ts';
import { change, listOf } from '../sql.ts';
import { keepSteps, type NewHook } from './hooks.ts';

type Place = { store: string; source: string };
export type Comparison = Place & {
  list: string;
  /** When somebody tried last, and when somebody last came to the end. */
  tried_at: number;
  done_at: number | undefined;
  /** Everything that was changed before is compared. */
  compared_until: number | undefined;
  /** Records of the last comparison that came to its end. */
  listed: number;
  /** Why the last try did not come to its end. */
  problem: string | undefined;
};

/** The last comparison of every list of every source. */
export const listComparisons = async (db: Db): Promise<Comparison[]> =>
  (await db.query('select * from comparisons order by store, source, list')).map((row) => ({
    store: text(row, 'store'),
    source: text(row, 'source'),
    list: text(row, 'list'),
    tried_at: number(row, 'tried_at'),
    done_at: maybe(number, row, 'done_at'),
    compared_until: maybe(number, row, 'compared_until'),
    listed: number(row, 'listed'),
    problem: maybe(text, row, 'problem'),
  }));

const DONE = `
  insert into comparisons (store, source, list, tried_at, done_at, compared_until, listed, problem)
  values ($1, $2, $3, $4, $4, $5, $6, null)
  on conflict (store, source, list) do update set tried_at = excluded.tried_at, done_at = excluded.done_at,
    compared_until = excluded.compared_until, listed = excluded.listed, problem = null`;
const MARKED = `
  insert into comparisons (store, source, list, tried_at, compared_until, listed) values ($1, $2, $3, 0, $4, 0)
  on conflict (store, source, list) do update set compared_until = excluded.compared_until`;
const FAILED = `
  insert into comparisons (store, source, list, tried_at, listed, problem) values ($1, $2, $3, $4, 0, $5)
  on conflict (store, source, list) do update set tried_at = excluded.tried_at, problem = excluded.problem`;

/** Notes how far a comparison that goes on has come. */
export async function markComparison(
  db: Db,
  { store, source, list, until }: Place & { list: string; until: number },
): Promise<void> {
  await change(db, MARKED, [store, source, list, until]);
}

export type ComparisonEnd = Place & { list: string; at: number } & (
    | { until: number; listed: number }
    | { problem: string }
  );

/** Notes how a comparison ended; one that failed leaves the mark where it came to. */
export async function noteComparison(db: Db, end: ComparisonEnd): Promise<void> {
  const { store, source, list, at } = end;
  if ('problem' in end) await change(db, FAILED, [store, source, list, at, end.problem]);
  else await change(db, DONE, [store, source, list, at, end.until, end.listed]);
}

/** As many keys as one question takes. */
const KEYS = 200;

/** Which of these keys an event of the store has, or had. */
export async function knownKeys(db: Db, store: string, keys: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (let from = 0; from < keys.length; from += KEYS) {
    const some = keys.slice(from, from + KEYS);
    const list = listOf(some, 2);
    const rows = await db.query(
      `select key from events where store = $1 and key in ${list}
       union select key from event_keys where store = $1 and key in ${list}`,
      [store, ...some],
    );
    for (const row of rows) known.add(text(row, 'key'));
  }
  return known;
}

const FOUND = `
  insert into found_hooks (hook_id, store, source) select id, store, source from hooks where id = $1
  on conflict do nothing
  returning hook_id`;

/** Keeps what no webhook told of, durable when it resolves; answers the ids of the hooks that were not kept before. */
export async function keepFound(db: Db, vault: Vault, hooks: readonly NewHook[]): Promise<Set<string>> {
  const [, , found = []] = await db.transaction([
    ...keepSteps(vault, hooks),
    { sql: FOUND, rows: hooks.map(({ hook }) => [hook.id]) },
  ]);
  return new Set(found.flat().map((row) => text(row, 'hook_id')));
}

/** Which of these hooks nobody sent. */
export async function whichFound(db: Db, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.query(`select hook_id from found_hooks where hook_id in ${listOf(ids)}`, [...ids]);
  return new Set(rows.map((row) => text(row, 'hook_id')));
}

/** How many hooks of a source were found since `since`. */
export async function countFound(db: Db, { store, source }: Place, since: number): Promise<number> {
  const sql = 'select count(*) as hooks from found_hooks where store = $1 and source = $2 and hook_id >= $3';
  return countIn(await db.query(sql, [store, source, firstIdAt(since)]), 'hooks');
}
