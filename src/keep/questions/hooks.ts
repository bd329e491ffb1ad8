// Questions about hooks: keep them once, hand them out, take them back.
import type { Vault } from '../../lib/vault.ts';
import type { Db, Hook, Row, Step } from '../../types.ts';
import { bytes, maybe, number, text } from '../row.ts';
import { type Answers, ifReadable, openAnswers, openHeaders, sealJson } from '../sealed.ts';
import { change } from '../sql.ts';

export type NewHook = {
  hook: Hook;
  /** 16-byte hashes that include store and source: of the body and, where the sender names one, of its delivery id. */
  keys: { body: Uint8Array; delivery?: Uint8Array };
  /** With a lease: its end, because a worker has the hook in memory already. Without: when to hand it out. */
  due_at: number;
  lease_id?: string;
};

/**
 * Handed out so often without coming to an end, a hook may be what ends the process. From then on only what is tried with it
 * alone is counted (`countTry`), so that those handed out with it are not blamed, however often the process ends.
 */
export const SUSPECT = 3;

/** A hook as it arrived, with what look-ups answered about it. */
export type OpenedHook = Hook & { answers?: Answers };
/**
 * A hook handed out; `attempts` counts how often it was without coming to an end, this time included, up to `SUSPECT`; `tried`
 * is one that is worked on alone and was counted for it.
 */
export type LeasedHook = OpenedHook & { attempts: number; tried?: true };
export type HeldHook = Pick<LeasedHook, 'id' | 'tried'> & { lease_id: string };
export type Claim = { now: number; lease_until: number; lease_id: string; limit: number };

// Both keys are unique columns of the row itself, so "seen before" is decided by one insert, whoever else is inserting.
const KEEP = `
  insert into hooks (id, store, source, received_at, body_key, delivery_key, state, attempts, due_at, lease_id)
  values ($1, $2, $3, $4, $5, $6, 'kept', $7, $8, $9)
  on conflict do nothing
  returning id`;
const KEEP_BODY = `
  with given (id, headers, body) as (values ($1, cast($2 as bytea), cast($3 as bytea)))
  insert into hook_bodies (hook_id, headers, body)
  select given.id, given.headers, given.body from given join hooks on hooks.id = given.id`;

/** Everybody keeps hooks in the same order, so that two who keep the same ones never wait for each other. */
const inOrder = (hooks: readonly NewHook[]): NewHook[] =>
  hooks.toSorted((a, b) => Buffer.compare(a.keys.body, b.keys.body));

/** Of a transaction that keeps hooks; the first answers the ids of those that were new. */
export function keepSteps(vault: Vault, hooks: readonly NewHook[]): [Step, Step] {
  const ordered = inOrder(hooks);
  const rows = ordered.map(({ hook, keys, due_at, lease_id }) => [
    hook.id,
    hook.store,
    hook.source,
    hook.received_at,
    keys.body,
    keys.delivery ?? null,
    lease_id === undefined ? 0 : 1,
    due_at,
    lease_id ?? null,
  ]);
  const bodies = ordered.map(({ hook }) => [hook.id, sealJson(vault, hook.headers), vault.seal(hook.body)]);
  return [
    { sql: KEEP, rows, together: true },
    { sql: KEEP_BODY, rows: bodies, together: true },
  ];
}

/** Keeps hooks, durable when it resolves. A hook with either key seen before is a duplicate and leaves nothing. */
export async function keepHooks(db: Db, vault: Vault, hooks: readonly NewHook[]): Promise<('kept' | 'duplicate')[]> {
  const [[inserted = []] = []] = await db.transaction(keepSteps(vault, hooks), { urgent: true });
  const kept = new Set(inserted.map((row) => text(row, 'id')));
  return hooks.map(({ hook }) => (kept.has(hook.id) ? 'kept' : 'duplicate'));
}

/** What became of a hook whose kept bytes say nothing any more. */
const QUARANTINE = `
  update hooks set state = 'stuck', reason = $3, due_at = null, lease_id = null where id = $1 and lease_id = $2`;
const UNREADABLE =
  'what is kept of it cannot be opened: it was damaged, its key is no longer in ENCRYPTION_KEY, or its body was forgotten';

// The comment is where PostgreSQL gets "for update skip locked"; the second test of due_at is for a row another claim took,
// and adds nothing so that rows are found by their key, not by a second walk through all that is due.
const CLAIM = `
  with due as (select id from hooks where due_at <= $1 order by due_at limit $4 /* for update skip locked */)
  update hooks set due_at = $2, lease_id = $3, attempts = case when attempts < ${SUSPECT} then attempts + 1 else attempts end
  where id in (select id from due) and due_at + 0 <= $1
  returning id, store, source, received_at, attempts,
    (select headers from hook_bodies where hook_id = hooks.id) as headers,
    (select body from hook_bodies where hook_id = hooks.id) as body,
    (select answers from hook_bodies where hook_id = hooks.id) as answers`;

/**
 * Leases up to `limit` hooks that are due, those due longest first, until `lease_until`. They come in the order of arrival.
 * One that cannot be opened becomes stuck, and the others are handed out without it.
 */
export async function claimHooks(db: Db, vault: Vault, claim: Claim): Promise<LeasedHook[]> {
  const { now, lease_until, lease_id, limit } = claim;
  const rows = await change(db, CLAIM, [now, lease_until, lease_id, limit]);
  const hooks: LeasedHook[] = rows.flatMap(
    (row) => ifReadable(() => ({ ...openHook(vault, row), attempts: number(row, 'attempts') })) ?? [],
  );
  if (hooks.length < rows.length) {
    const opened = new Set(hooks.map(({ id }) => id));
    const damaged = rows.map((row) => text(row, 'id')).filter((id) => !opened.has(id));
    await db.transaction([{ sql: QUARANTINE, rows: damaged.map((id) => [id, lease_id, UNREADABLE]) }]);
  }
  return hooks.sort((a, b) => a.received_at - b.received_at || (a.id < b.id ? -1 : 1));
}

const COUNT_TRY = 'update hooks set attempts = attempts + 1 where id = $1 and lease_id = $2';

/** Notes, before it is worked on alone, that a suspect is tried; durable when it resolves. */
export async function countTry(db: Db, id: string, lease_id: string): Promise<void> {
  await change(db, COUNT_TRY, [id, lease_id]);
}

const HOLD = 'update hooks set due_at = $3 where id = $1 and lease_id = $2';

/** Keeps a lease for longer. */
export async function holdHook(db: Db, id: string, lease_id: string, until: number): Promise<void> {
  await change(db, HOLD, [id, lease_id, until]);
}

const RELEASE = `
  update hooks set due_at = $3, lease_id = null,
    attempts = case when attempts > ${SUSPECT} then attempts - $4 else attempts - 1 end
  where id = $1 and lease_id = $2`;

/** Gives leased hooks back as if they had been neither handed out nor tried; they are due again at `due_at`. */
export async function releaseHooks(db: Db, held: readonly HeldHook[], due_at: number): Promise<void> {
  const rows = held.map(({ id, lease_id, tried = false }) => [id, lease_id, due_at, tried ? 1 : 0]);
  await db.transaction([{ sql: RELEASE, rows }]);
}

/** A hook without its contents. */
export const toBareHook = (row: Row): Omit<Hook, 'headers' | 'body'> => ({
  id: text(row, 'id'),
  store: text(row, 'store'),
  source: text(row, 'source'),
  received_at: number(row, 'received_at'),
});

/** Throws where it cannot be opened. */
export function openHook(vault: Vault, row: Row): OpenedHook {
  const answers = maybe(bytes, row, 'answers');
  return {
    ...toBareHook(row),
    headers: openHeaders(vault, bytes(row, 'headers')),
    body: vault.open(bytes(row, 'body')),
    ...(answers !== undefined && { answers: openAnswers(vault, answers) }),
  };
}
