// What is forgotten, and when: bodies first, then what knows hooks again, attempts, the ledger, and last who did what.
import { firstIdAt } from '../lib/id.ts';
import { dayAt } from '../lib/time.ts';
import type { Db, SqlValue } from '../types.ts';
import { forgetVisits } from './questions/forget-visits.ts';
import { hourOf } from './questions/hours.ts';
import { FORGET_JOINS } from './questions/joins.ts';
import { FORGET_QUALITIES } from './questions/qualities.ts';
import { FORGET_RECOUNTS } from './questions/recounts.ts';
import { text } from './row.ts';
import { change, deletePages } from './sql.ts';

/** Milliseconds since 1970 before which things go. */
export type Limits = {
  bodies: number;
  keys: number;
  attempts: number;
  orders: number;
  visits: number;
  /** Who did what, and what went wrong. */
  audit: number;
};
export type Forgotten = {
  bodies: number;
  hooks: number;
  events: number;
  attempts: number;
  orders: number;
  visits: number;
  incidents: number;
  audit: number;
};

/** Rows that go in one transaction; hooks that wait to be acknowledged come in between. */
const PAGE = 1_000;

// What is not finished stays whole, however old it is. Replicas that forget at the same time share the pages. In the order of an
// index, or PostgreSQL may look at all that is to go for each page of it; `$1` is where the last page ended.
const BODIES = `
  delete from hook_bodies where hook_id in (
    select hook_id from hook_bodies where hook_id >= $1 and hook_id < $3
      and not exists (select 1 from hooks where id = hook_id and due_at is not null)
      order by hook_id limit $2 /* for update skip locked */)
  returning hook_id as place`;
// An order may be told again after its event is forgotten, by a sender that tells no time of it, or tells when it was changed:
// what was counted of it is known by its name for as long as the order is. A name that is an address goes.
const ofOrder = (key: string): string =>
  `(${key} like 'purchase:%' or ${key} like 'refund:%') and ${key} not like '%@%'`;
const GOING = `
  select id from events where id >= $1 and id < $2
    and not exists (select 1 from deliveries where event_id = events.id)`;
const NEXT_PAGE = `${GOING} order by id limit 1 offset ${PAGE}`;
const KEEP_NAMES = `
  insert into event_keys (store, key, event_id)
  select store, key, id from events where id in (${GOING}) and ${ofOrder('key')} order by key, id
  on conflict do nothing`;
const EVENTS = `
  delete from events where id in (${GOING} /* for update skip locked */)
    and (not (${ofOrder('key')})
      or exists (select 1 from event_keys where event_keys.store = events.store and event_keys.key = events.key))
  returning id`;
const NAMES_OF_ORDERS = `
  delete from event_keys where (store, key) in (
    select store, key from event_keys where event_id >= $1 and event_id < $3 and ${ofOrder('key')}
      and not exists (select 1 from events where id = event_id) order by event_id limit $2 /* for update skip locked */)
  returning event_id as place`;
const HOOKS = `
  delete from hooks where id in (
    select id from hooks where id >= $1 and id < $3 and due_at is null
      and not exists (select 1 from hook_bodies where hook_id = hooks.id) order by id limit $2 /* for update skip locked */)
  returning id as place`;
const ENTRIES = `
  delete from entries where hook_id in (
    select hook_id from entries where hook_id >= $1 and hook_id < $3
      and not exists (select 1 from hooks where id = hook_id) order by hook_id limit $2 /* for update skip locked */)
  returning hook_id as place`;
const FOUND = `
  delete from found_hooks where hook_id in (
    select hook_id from found_hooks where hook_id >= $1 and hook_id < $3
      and not exists (select 1 from hooks where id = hook_id) order by hook_id limit $2 /* for update skip locked */)
  returning hook_id as place`;
const ATTEMPTS = `
  delete from attempts where (event_id, destination, copy, n, at) in (
    select event_id, destination, copy, n, at from attempts where event_id >= $1 and event_id < $3
    order by event_id limit $2 /* for update skip locked */)
  returning event_id as place`;
// One that is open stays, however old it is, and so does what is owed about it.
const INCIDENTS = `
  delete from incidents where id in (
    select id from incidents where id >= $1 and id < $3 and ended_at < $4 order by id limit $2 /* for update skip locked */)
  returning id as place`;
const NOTICES = `
  delete from notices where (incident_id, contact, phase) in (
    select incident_id, contact, phase from notices where incident_id >= $1 and incident_id < $3
      and not exists (select 1 from incidents where id = incident_id) order by incident_id limit $2 /* for update skip locked */)
  returning incident_id as place`;
const AUDIT = `
  delete from audit where id in (
    select id from audit where id >= $1 and id < $3 order by id limit $2 /* for update skip locked */)
  returning id as place`;
// No index finds these: they are looked for by a reader, because hooks wait while something is written.
const OLD_ORDERS = 'select store, order_id as key from orders where seen_at < $2 limit $1';
const ORDER = 'delete from orders where store = $1 and order_id = $2 and seen_at < $3 returning order_id';
// Names of orders, which stay, lie among these: so many are looked at by one question, however many there are.
const SLICE = 20_000;
const SLICE_END = `
  select event_id from event_keys where event_id > $1 and event_id < $2 order by event_id limit 1 offset ${SLICE}`;
const OTHER_NAMES = `
  select store, key from event_keys where event_id > $2 and event_id <= $3 and not (${ofOrder('key')})
    and not exists (select 1 from events where id = event_id) limit $1`;
const NAME = `
  delete from event_keys where store = $1 and key = $2 and event_id < $3
    and not exists (select 1 from events where id = event_id) returning key`;

// Sums go with the events they count; rows of an hour are few.
const EVENT_HOURS = 'delete from event_hours where hour < $1';
const DELIVERY_HOURS = 'delete from delivery_hours where hour < $1';

/** Forgets what is older than the limits, a page at a time, until nothing is left or the signal ends it. */
export async function forget(db: Db, limits: Limits, signal: AbortSignal): Promise<Forgotten> {
  const all = (sql: string, before: number, ...more: SqlValue[]): Promise<number> =>
    deletePages(db, sql, { from: '', given: [firstIdAt(before), ...more], page: PAGE, signal });
  const days = async (table: string, before: number): Promise<number> =>
    (await db.dropDays?.(table, firstIdAt(before))) ?? 0;
  const bodies = (await days('hook_bodies', limits.bodies)) + (await all(BODIES, limits.bodies));
  const attempts = (await days('attempts', limits.attempts)) + (await all(ATTEMPTS, limits.attempts));
  const events = await forgetEvents(db, firstIdAt(limits.keys), signal);
  await forgetOtherNames(db, firstIdAt(limits.keys), signal);
  const hour = hourOf(limits.keys);
  await db.transaction([EVENT_HOURS, DELIVERY_HOURS, ...FORGET_JOINS].map((sql) => ({ sql, rows: [[hour]] })));
  const ofHooks = Math.min(limits.keys, limits.bodies);
  const hooks = await all(HOOKS, ofHooks);
  await all(ENTRIES, ofHooks);
  await all(FOUND, ofHooks);
  await all(NAMES_OF_ORDERS, limits.orders);
  const orders = await forgetFound(db, [OLD_ORDERS, limits.orders], [ORDER, limits.orders], signal);
  const visits = await forgetVisits(db, limits.visits, signal);
  await change(db, FORGET_RECOUNTS, [dayAt(limits.audit)]);
  await change(db, FORGET_QUALITIES, [dayAt(limits.audit)]);
  const incidents = await all(INCIDENTS, limits.audit, limits.audit);
  await all(NOTICES, limits.audit);
  const audit = await all(AUDIT, limits.audit);
  return { bodies, attempts, events, hooks, orders, visits, incidents, audit };
}

/**
 * Their names are kept before they go, in a commit of its own: who tells of one at this moment finds one of both. That few go of a
 * page says nothing of the next one: another replica may be at the same page.
 */
async function forgetEvents(db: Db, before: string, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (let from = ''; from < before && !signal.aborted; ) {
    const [next] = await db.query(NEXT_PAGE, [from, before]);
    const to = next === undefined ? before : text(next, 'id');
    await change(db, KEEP_NAMES, [from, to]);
    count += (await change(db, EVENTS, [from, to])).length;
    from = to;
  }
  return count;
}

async function forgetOtherNames(db: Db, before: string, signal: AbortSignal): Promise<void> {
  for (let from = ''; from < before && !signal.aborted; ) {
    const [end] = await db.query(SLICE_END, [from, before]);
    const to = end === undefined ? before : text(end, 'event_id');
    await forgetFound(db, [OTHER_NAMES, from, to], [NAME, before], signal);
    from = to;
  }
}

/** Finds them by a reader and forgets them one by one; behind each of the questions stands what it is given. */
async function forgetFound(
  db: Db,
  [find, ...given]: [string, ...SqlValue[]],
  [forgetOne, before]: [string, SqlValue],
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const old = await db.query(find, [PAGE, ...given]);
    if (old.length === 0) break;
    const rows = old.map((row) => [text(row, 'store'), text(row, 'key'), before]);
    // In one order, so that two replicas never wait for each other.
    const [gone = []] = await db.transaction([{ sql: forgetOne, rows: rows.sort(byText) }]);
    count += gone.flat().length;
    if (old.length < PAGE) break;
  }
  return count;
}

const byText = (a: readonly SqlValue[], b: readonly SqlValue[]): number => (a.join('\n') < b.join('\n') ? -1 : 1);
