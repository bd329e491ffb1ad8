// Takes a person, or all of one source, out of what is kept: bodies go, what says that something was counted stays.
import type { Event } from '../../event.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../types.ts';
import type { Keyer } from '../identity-key.ts';
import { isOf, namesContact, type Person } from '../person.ts';
import { text } from '../row.ts';
import { sealJson } from '../sealed.ts';
import { listOf } from '../sql.ts';
import { unmarkPerson } from './entries.ts';
import { type FoundEvent, type FoundHook, findMade, findPerson, toHook, type Where } from './find-person.ts';
import { eraseVisits, eraseVisitsOfStore } from './forget-visits.ts';
import { ERASED } from './orders.ts';
import { identitiesOf, identitiesOfEvent } from './person-visits.ts';

/** `unfinished` of the hooks had not made their events yet; `unreadable` rows could not be opened and were passed over. */
export type Erased = {
  events: number;
  deliveries: number;
  hooks: number;
  unfinished: number;
  visits: number;
  unreadable: number;
};
/** In words, without whose it was. */
export const describeErased = ({ events, deliveries, hooks, unfinished, visits, unreadable }: Erased): string =>
  [
    `${events} events`,
    `${deliveries} waiting deliveries cancelled`,
    `${hooks} hooks${unfinished > 0 ? `, ${unfinished} of them before they made their event` : ''}`,
    ...(visits > 0 ? [`${visits} visits`] : []),
    ...(unreadable > 0 ? [`${unreadable} rows could not be opened`] : []),
  ].join(', ');

export type EraseOptions = {
  now: number;
  /** Counts, and changes nothing. */
  dryRun?: boolean;
  /** The hook that asks for it; it is left to be finished. */
  spare?: string;
  /** Hears how many rows were looked at since the last time. */
  onProgress?: (read: number) => void | Promise<void>;
};

const CANCEL = 'delete from deliveries where event_id = $1 returning destination';
const BARE =
  'update events set body = $2, key = $3, erased_at = $4, email_mark = null, phone_mark = null, lacks = null where id = $1';
// What a receiver answered may quote the person.
const ATTEMPTS = 'update attempts set reason = null where event_id = $1 and reason is not null';
const KEYS = 'select store, key from event_keys where event_id = $1';
const KEY = 'delete from event_keys where store = $1 and key = $2';
const LEDGER = `
  insert into orders (store, order_id, reason, seen_at) values ($1, $2, '${ERASED}', $3)
  on conflict (store, order_id) do update set event_id = null, reason = excluded.reason`;
// An order may stand in the ledger by more ids than its event has, or without any event.
const LEDGER_LEFT = `
  select store, order_id from orders
  where event_id in (select id from events where erased_at is not null)
    or (event_id is null and reason is distinct from '${ERASED}' and (cast($1 as text) is null or store = $1) and order_id in`;
const BODY = 'delete from hook_bodies where hook_id = $1 returning hook_id';
const ENTRY = 'update entries set email_mark = null, phone_mark = null, code_mark = null where hook_id = $1';
// Without its lease whoever works on it can record nothing any more.
const HOOK = `
  update hooks set state = 'erased', reason = null, waits_for = null, due_at = null, lease_id = null where id = $1`;

const OPEN = 'select destination from deliveries where event_id = $1';
const OF_SOURCE = `
  select id, store, source, due_at, state from hooks where id > $1 and store = $2 and source = $3 and state <> 'erased'
  order by id limit $4`;
const PAGE = 500;

type Kept = { db: Db; vault: Vault; keyer: () => Promise<Keyer> };
type Work = Kept & EraseOptions & { isContact: (key: string) => boolean };

/** Leaves of events what keeps them from being made again: name, time and key; a key that is itself an address goes. */
async function eraseEvents(work: Work, events: readonly FoundEvent[]): Promise<number> {
  const { db, vault, now, dryRun, isContact } = work;
  if (events.length === 0) return 0;
  const ids = events.map(({ id }) => [id]);
  if (dryRun) return (await Promise.all(ids.map((id) => db.query(OPEN, id)))).flat().length;
  const bare = ({ name, event_time }: FoundEvent): Event => ({ name, event_time });
  const keyOf = ({ id, key }: FoundEvent): string => (isContact(key) ? `${ERASED}:${id}` : key);
  const names = (await Promise.all(ids.map((id) => db.query(KEYS, id)))).flat();
  const [cancelled = []] = await db.transaction([
    { sql: CANCEL, rows: ids },
    { sql: BARE, rows: events.map((event) => [event.id, sealJson(vault, bare(event)), keyOf(event), now]) },
    { sql: ATTEMPTS, rows: ids },
    {
      sql: KEY,
      rows: names.filter((row) => isContact(text(row, 'key'))).map((row) => [text(row, 'store'), text(row, 'key')]),
    },
    {
      sql: LEDGER,
      rows: events.flatMap(({ store, order_id }) => (order_id === undefined ? [] : [[store, order_id, now]])),
    },
  ]);
  return cancelled.flat().length;
}

async function eraseHooks({ db, dryRun }: Work, hooks: readonly FoundHook[]): Promise<void> {
  if (dryRun || hooks.length === 0) return;
  const ids = hooks.map(({ id }) => [id]);
  await db.transaction([
    { sql: BODY, rows: ids },
    { sql: ENTRY, rows: ids },
    { sql: HOOK, rows: ids },
  ]);
}

async function eraseLedger(
  { db, now, dryRun }: Work,
  orders: readonly string[],
  store: string | undefined,
): Promise<void> {
  if (dryRun) return;
  // No list may be empty.
  const list = orders.length === 0 ? '(null)' : listOf(orders, 2);
  const left = await db.query(`${LEDGER_LEFT} ${list})`, [store ?? null, ...orders]);
  await db.transaction([{ sql: LEDGER, rows: left.map((row) => [text(row, 'store'), text(row, 'order_id'), now]) }]);
}

function createCount() {
  const erased: Erased = { events: 0, deliveries: 0, hooks: 0, unfinished: 0, visits: 0, unreadable: 0 };
  return {
    erased,
    add: (events: readonly FoundEvent[], deliveries: number, hooks: readonly FoundHook[], unreadable: number) => {
      erased.events += events.length;
      erased.deliveries += deliveries;
      erased.hooks += hooks.length;
      erased.unfinished += hooks.filter(({ finished }) => !finished).length;
      erased.unreadable += unreadable;
    },
  };
}

/** Erases what `findPerson` finds. What is kept for the person while this runs may be missed: nothing tells the two apart. */
export async function erasePerson(kept: Kept, person: Person, where: Where, options: EraseOptions): Promise<Erased> {
  const names = namesContact(person);
  const work: Work = { ...kept, ...options, isContact: (key) => key.includes('@') || names(key) };
  const count = createCount();
  const { dryRun = false } = options;
  const isTheirs = isOf(person);
  const keyOf = await kept.keyer();
  const own = await identitiesOf(kept.db, person, where.store);
  count.erased.visits += await eraseVisits(kept.db, keyOf, own, dryRun);
  for await (const { read, unreadable, events, hooks: found } of findPerson(kept, person, where)) {
    const hooks = found.filter(({ id }) => id !== options.spare);
    await eraseHooks(work, hooks);
    // A hook may have made its event after the events were gone through; from now on it makes none.
    const late = dryRun ? [] : (await findMade(kept, hooks)).filter(isTheirs);
    const theirs = [...events, ...late];
    count.erased.visits += await eraseVisits(kept.db, keyOf, theirs.flatMap(identitiesOfEvent), dryRun);
    count.add(theirs, await eraseEvents(work, theirs), hooks, unreadable);
    await options.onProgress?.(read);
  }
  await eraseLedger(work, person.orders, where.store);
  if (!dryRun) await unmarkPerson(kept.db, kept.vault, person, where.store);
  return count.erased;
}

/** Erases every hook of a source and every event that these made, and the visits of the shop. */
export async function eraseSource(
  kept: Kept,
  { store, source }: { store: string; source: string },
  options: Omit<EraseOptions, 'dryRun'>,
): Promise<Erased> {
  const work: Work = { ...kept, ...options, isContact: (key) => key.includes('@') };
  const count = createCount();
  for (let after = ''; ; ) {
    const rows = await kept.db.query(OF_SOURCE, [after, store, source, PAGE]);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = text(last, 'id');
    const hooks = rows.map(toHook).filter(({ id }) => id !== options.spare);
    await eraseHooks(work, hooks);
    const events = await findMade(kept, hooks);
    count.add(events, await eraseEvents(work, events), hooks, 0);
    await options.onProgress?.(rows.length);
  }
  await eraseLedger(work, [], store);
  count.erased.visits += await eraseVisitsOfStore(kept.db, store);
  return count.erased;
}
