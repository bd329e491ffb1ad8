// The question that records what became of hooks: their events, deliveries and ledger entries, all or nothing.
import type { Event } from '../../event.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, SqlValue, Step } from '../../types.ts';
import { emailMark, phoneMark } from '../contact-marks.ts';
import { blamesRow, KeepError } from '../error.ts';
import type { Keyer } from '../identity-key.ts';
import { text } from '../row.ts';
import { type Answers, sealJson } from '../sealed.ts';
import { countEvents } from './hours.ts';
import { type Learnt, learnSteps } from './identities.ts';
import { countJoins, type JoinCount } from './joins.ts';
import { lackOf } from './lacking.ts';
import { ledgerSteps, ordersCounted } from './ledger.ts';

export type Digest = {
  hook_id: string;
  store: string;
  /** The lease under which the hook was held; under another one the digest changes nothing. */
  lease_id: string;
  state: 'kept' | 'waiting' | 'mapped' | 'ignored' | 'stuck';
  reason?: string;
  /** When to hand the hook out again; absent when nothing is left to do. */
  due_at?: number;
  /** The order whose purchase the hook waits for, also after its end; it is handed out again as soon as that purchase is counted. */
  waits_for?: string;
  events: NewEvent[];
  /** What look-ups answered so far, to be kept with the hook. */
  answers?: Answers;
  /** The body has done its work and is nobody's business any more. */
  forget_body?: boolean;
  /**
   * Orders seen that do not count, and why; without a reason those that may count when the hook comes to its end. An order that
   * counts is never uncounted by this.
   */
  uncounted: { order_id: string; order_number?: string; also?: boolean; reason?: string; channel?: string }[];
};

/** `id` is new with every digest; `key` is what makes the event unique in its store. */
export type NewEvent = {
  id: string;
  key: string;
  /** All names of an event that has several, `key` among them: it is new only if none of them was ever given away. */
  keys?: readonly string[];
  event: Event;
  /** Other ids than `order_id` by which hooks may name the order of a purchase. */
  order_ids?: readonly string[];
  /** The number people know the order of a purchase by. */
  order_number?: string;
  deliveries: { destination: string; account: string; due_at: number; lease_id?: string }[];
  skipped: { destination: string; reason: string }[];
  /** How it was joined to a visit, where its store keeps visits; to be counted. */
  join?: JoinCount;
  /** What it taught of a visitor. */
  learnt?: Learnt;
};

// Names are taken before the event is there, so that of two events at the same time one waits for the other.
const TAKE_KEY = `
  with given (event_id, hook_id, lease_id, key) as (values ($1, $2, $3, $4))
  insert into event_keys (store, key, event_id)
  select hooks.store, given.key, given.event_id
  from given, hooks where hooks.id = given.hook_id and hooks.lease_id = given.lease_id order by given.key, given.event_id
  on conflict do nothing`;
// own_keys counts the names that are the event's alone; a name once taken stays taken, also by an event that was not new, or that
// is forgotten. Asked for as one value, it is looked up by its key alone, also by PostgreSQL that knows nothing of the rows yet.
const EVENT = `
  with given (id, hook_id, lease_id, key, name, order_id, event_time, created_at, body, own_keys, transaction_id,
    email_mark, phone_mark, channel, lacks) as (
    values ($1, $2, $3, $4, $5, $6, $7, cast($8 as bigint), cast($9 as bytea), cast($10 as bigint), $11,
      cast($12 as bytea), cast($13 as bytea), $14, $15))
  insert into events (id, hook_id, store, key, name, order_id, event_time, created_at, body, transaction_id,
    email_mark, phone_mark, source, channel, lacks)
  select given.id, hooks.id, hooks.store, given.key, given.name, given.order_id, given.event_time, given.created_at,
    given.body, given.transaction_id, given.email_mark, given.phone_mark, hooks.source, given.channel, given.lacks
  from given, hooks where hooks.id = given.hook_id and hooks.lease_id = given.lease_id
    and (own_keys = 0 or own_keys = (select count(*) from event_keys where event_id = given.id))
    and coalesce((select event_id from event_keys where store = hooks.store and key = given.key), given.id) = given.id
  on conflict do nothing
  returning id`;
const DELIVERY = `
  with given (event_id, destination, account, due_at, lease_id) as (values ($1, $2, $3, cast($4 as bigint), $5))
  insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at, lease_id)
  select events.id, given.destination, 0, events.store, given.account, 0, events.created_at, given.due_at, given.lease_id
  from given, events where events.id = given.event_id
  on conflict do nothing`;
const SKIPPED = `
  with given (event_id, destination, reason) as (values ($1, $2, $3))
  insert into attempts (event_id, destination, copy, store, n, at, ms, kind, reason, ambiguous)
  select events.id, given.destination, 0, events.store, 0, events.created_at, 0, 'skipped', given.reason, 0
  from given, events where events.id = given.event_id
  on conflict do nothing`;
const ANSWERS = `
  update hook_bodies set answers = $3
  where hook_id = $1 and exists (select 1 from hooks where id = $1 and lease_id = $2)`;
const FORGET_BODY = `
  delete from hook_bodies
  where hook_id = $1 and exists (select 1 from hooks where id = $1 and lease_id = $2)`;
// A hook that waits for an order counted in the meantime is due at once.
const HOOK = `
  with given (id, lease_id, state, reason, due_at, waits_for, now) as (
    values ($1, $2, $3, $4, cast($5 as bigint), $6, cast($7 as bigint)))
  update hooks set state = given.state, reason = given.reason, waits_for = given.waits_for, lease_id = null,
  attempts = case when given.state = 'waiting' then 0 else attempts end, due_at = case
    when exists (select 1 from orders where store = hooks.store and order_id = given.waits_for and event_id is not null)
      then given.now else given.due_at end
  from given where hooks.id = given.id and hooks.lease_id = given.lease_id`;
const WAKE = `
  with given (store, order_id, now) as (values ($1, $2, cast($3 as bigint)))
  update hooks set due_at = given.now from given
  where hooks.store = given.store and waits_for = given.order_id and lease_id is null
    and exists (select 1 from hook_bodies where hook_id = hooks.id)
    and exists (select 1 from orders where orders.store = given.store and orders.order_id = given.order_id
      and event_id is not null)`;

type Kept = { db: Db; vault: Vault; keyer: () => Promise<Keyer> };

/**
 * Records digests as one transaction and answers the ids of the events that are new. An event whose key is taken, or whose hook
 * is no longer held under the digest's lease, is not new and leaves nothing: no delivery, no ledger entry. A digest that the
 * database refuses makes its hook stuck, and the others are recorded without it.
 */
export async function recordDigests(kept: Kept, digests: readonly Digest[], now: number): Promise<Set<string>> {
  try {
    return await recordAll(kept, digests, now);
  } catch (error) {
    if (!blamesRow(error)) throw error;
  }
  const news = new Set<string>();
  for (const digest of digests) {
    for (const id of await recordAlone(kept, digest, now)) news.add(id);
  }
  return news;
}

async function recordAlone(kept: Kept, digest: Digest, now: number): Promise<Set<string>> {
  try {
    return await recordAll(kept, [digest], now);
  } catch (error) {
    if (!(error instanceof KeepError && blamesRow(error))) throw error;
    const { hook_id, store, lease_id } = digest;
    const reason = `the database refused what this hook was mapped to: ${error.message}`;
    return recordAll(kept, [{ hook_id, store, lease_id, state: 'stuck', reason, events: [], uncounted: [] }], now);
  }
}

/** What these events teach of visits, and how they were joined; no work where stores keep none. */
async function visitSteps({ vault, keyer }: Kept, digests: readonly Digest[], now: number): Promise<Step[]> {
  const learnt = digests.flatMap(({ events }) => events.flatMap(({ id, learnt }) => (learnt ? [{ id, learnt }] : [])));
  const joins = digests.flatMap(({ events, lease_id }) =>
    events.flatMap(({ id, join }) => (join ? [{ id, lease_id, join }] : [])),
  );
  return [
    ...(learnt.length > 0 ? learnSteps(vault, await keyer(), learnt, now) : []),
    ...(joins.length > 0 ? [countJoins(joins, now)] : []),
  ];
}

async function recordAll(kept: Kept, digests: readonly Digest[], now: number): Promise<Set<string>> {
  const { db, vault } = kept;
  const events = digests.flatMap((digest) => digest.events);
  const counted = digests.flatMap(ordersCounted);
  const steps: Step[] = [
    together(TAKE_KEY, digests.flatMap(keyRows).sort(byKey)),
    together(
      EVENT,
      digests.flatMap((digest) => digest.events.map((event) => eventRow(vault, digest, event, now))),
    ),
    together(DELIVERY, events.flatMap(deliveryRows)),
    together(
      SKIPPED,
      events.flatMap(({ id, skipped }) => skipped.map((s) => [id, s.destination, s.reason])),
    ),
    ...ledgerSteps(digests, counted, now),
    { sql: ANSWERS, rows: digests.flatMap((digest) => answersRows(vault, digest)) },
    {
      sql: FORGET_BODY,
      rows: digests.flatMap(({ hook_id, lease_id, forget_body }) => (forget_body ? [[hook_id, lease_id]] : [])),
    },
    together(
      HOOK,
      digests.map((digest) => hookRow(digest, now)),
    ),
    together(
      WAKE,
      counted.map(({ store, order_id }) => [store, order_id, now]),
    ),
    countEvents(
      digests.flatMap(({ events, store, lease_id }) => events.map((one) => ({ ...one, store, lease_id }))),
      now,
    ),
    ...(await visitSteps(kept, digests, now)),
  ];
  const [, [inserted = []] = []] = await db.transaction(steps);
  return new Set(inserted.map((row) => text(row, 'id')));
}

const together = (sql: string, rows: SqlValue[][]): Step => ({ sql, rows, together: true });

const keyRows = ({ hook_id, lease_id, events }: Digest): [string, string, string, string][] =>
  events.flatMap(({ id, keys = [] }) =>
    keys.map((key): [string, string, string, string] => [id, hook_id, lease_id, key]),
  );
/**
 * Everybody takes names in the same order, so that two transactions never wait for each other; of two events that both want
 * several names the same one, the older, comes first at each.
 */
const byKey = ([a, , , one]: [string, string, string, string], [b, , , other]: [string, string, string, string]) =>
  one === other ? (a < b ? -1 : 1) : one < other ? -1 : 1;

function eventRow(vault: Vault, digest: Digest, { id, key, keys = [], event }: NewEvent, now: number): SqlValue[] {
  const { name, order_id = null, event_time, transaction_id = null, channel = null } = event;
  const own = new Set(keys).size;
  const other = transaction_id === order_id ? null : transaction_id;
  const { email_address, phone_number } = event.user_data ?? {};
  return [
    id,
    digest.hook_id,
    digest.lease_id,
    key,
    name,
    order_id,
    event_time,
    now,
    sealJson(vault, event),
    own,
    other,
    email_address === undefined ? null : emailMark(vault, email_address),
    phone_number === undefined ? null : phoneMark(vault, phone_number),
    channel,
    lackOf(event),
  ];
}

function deliveryRows({ id, deliveries }: NewEvent): SqlValue[][] {
  return deliveries.map(({ destination, account, due_at, lease_id = null }) => [
    id,
    destination,
    account,
    due_at,
    lease_id,
  ]);
}

function answersRows(vault: Vault, { hook_id, lease_id, answers }: Digest): SqlValue[][] {
  return answers === undefined ? [] : [[hook_id, lease_id, sealJson(vault, answers)]];
}

function hookRow(digest: Digest, now: number): SqlValue[] {
  const { hook_id, lease_id, state, reason = null, due_at = null, waits_for = null } = digest;
  return [hook_id, lease_id, state, reason, due_at, waits_for, now];
}
