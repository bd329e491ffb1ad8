// Goes through all that is kept, a page at a time, and finds what is about one person.
import type { Vault } from '../../lib/vault.ts';
import type { Db, Row } from '../../types.ts';
import { isOf, mentions, type Person } from '../person.ts';
import { bytes, countIn, maybe, text } from '../row.ts';
import { everyValue, listOf } from '../sql.ts';

export type FoundEvent = {
  id: string;
  hook_id: string;
  store: string;
  key: string;
  name: string;
  order_id: string | undefined;
  event_time: string;
  /** The event as JSON. */
  json: string;
};
export type FoundHook = { id: string; store: string; source: string; finished: boolean };
/** What one page gave. `read` counts all rows of the page, `unreadable` those that could not be opened. */
export type Found = { read: number; unreadable: number; events: FoundEvent[]; hooks: FoundHook[] };
/** Where to look: in one store, or in all. */
export type Where = { store?: string | undefined };

type Kept = { db: Db; vault: Vault };

const PAGE = 500;
/** As many ids as one question takes. */
const IDS = 200;
const EVENT = 'select id, hook_id, store, key, name, order_id, event_time, body from events where erased_at is null';
const EVENTS = `${EVENT} and id > $1 and (cast($2 as text) is null or store = $2) order by id limit $3`;
const BODIES = `
  select hooks.id, hooks.store, hooks.source, hooks.due_at, hooks.state, hooks.waits_for,
    hook_bodies.body, hook_bodies.answers
  from hook_bodies join hooks on hooks.id = hook_bodies.hook_id
  where hook_bodies.hook_id > $1 and (cast($2 as text) is null or hooks.store = $2) order by hook_bodies.hook_id limit $3`;

/** How many rows a search reads, roughly: for a progress bar. */
export async function countKept(db: Db): Promise<number> {
  const sql = 'select (select count(*) from events) + (select count(*) from hook_bodies) as rows_kept';
  return countIn(await db.query(sql), 'rows_kept');
}

/** Pages in the order of ids; the next one is read while this one is searched. */
async function* readPages(db: Db, sql: string, { store }: Where): AsyncGenerator<Row[]> {
  const read = (after: string): Promise<Row[]> => db.query(sql, [after, store ?? null, PAGE]);
  let next = read('');
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (last === undefined) return;
    next = read(text(last, 'id'));
    // Whoever stops in the middle does not wait for it.
    next.catch(() => undefined);
    yield rows;
  }
}

const toEvent = (row: Row, json: string): FoundEvent => ({
  id: text(row, 'id'),
  hook_id: text(row, 'hook_id'),
  store: text(row, 'store'),
  key: text(row, 'key'),
  name: text(row, 'name'),
  order_id: maybe(text, row, 'order_id'),
  event_time: text(row, 'event_time'),
  json,
});
export const toHook = (row: Row): FoundHook => ({
  id: text(row, 'id'),
  store: text(row, 'store'),
  source: text(row, 'source'),
  finished: row.due_at === null && row.state !== 'stuck',
});

/** The rows as text; one that cannot be opened is not in it. */
function openRows(vault: Vault, rows: readonly Row[], columns: readonly string[]): Map<Row, string> {
  const opened = new Map<Row, string>();
  for (const row of rows) {
    try {
      const parts = columns.map((column) => maybe(bytes, row, column));
      opened.set(row, parts.map((part) => (part === undefined ? '' : asText(vault.open(part)))).join('\n'));
    } catch {
      // Counted as unreadable by whoever asked.
    }
  }
  return opened;
}
/** UTF-16 without the zeros between its letters, which addresses, numbers and ids do without. */
function asText(open: Uint8Array): string {
  const letters = open.includes(0) ? open.filter((byte) => byte !== 0) : open;
  return Buffer.from(letters.buffer, letters.byteOffset, letters.length).toString('utf8');
}

const inPages = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / IDS) }, (_, page) => all.slice(page * IDS, (page + 1) * IDS));

/** The ledger may know an order by more ids than its event; it is asked store by store, along its key. */
const BY_LEDGER = `
  ${everyValue('stores', 'store', 'orders')}
  select orders.event_id from stores join orders on orders.store = stores.value
  where (cast($1 as text) is null or orders.store = $1) and orders.event_id is not null and orders.order_id in`;

/** Events for which `column` is one of the ids. */
async function findEvents(
  { db, vault }: Kept,
  column: 'id' | 'hook_id' | 'order_id',
  ids: readonly string[],
  { store }: Where = {},
): Promise<FoundEvent[]> {
  const found: FoundEvent[] = [];
  for (const page of inPages(ids)) {
    const inStore = store === undefined ? '' : ` and store = $${page.length + 1}`;
    const sql = `${EVENT} and ${column} in ${listOf(page)}${inStore}`;
    const rows = await db.query(sql, store === undefined ? page : [...page, store]);
    const opened = openRows(vault, rows, ['body']);
    found.push(...rows.map((row) => toEvent(row, opened.get(row) ?? '')));
  }
  return found;
}

async function findByLedger(kept: Kept, orders: readonly string[], { store }: Where): Promise<FoundEvent[]> {
  const ids: string[] = [];
  for (const page of inPages(orders)) {
    const rows = await kept.db.query(`${BY_LEDGER} ${listOf(page, 2)}`, [store ?? null, ...page]);
    ids.push(...rows.map((row) => text(row, 'event_id')));
  }
  return findEvents(kept, 'id', ids);
}

/** Events that these hooks made. */
export function findMade(kept: Kept, hooks: readonly FoundHook[]): Promise<FoundEvent[]> {
  const ids = hooks.map(({ id }) => id);
  return findEvents(kept, 'hook_id', ids);
}

/** What was found so far: it tells which hooks and orders are the person's too. */
function createNotes() {
  const known = new Set<string>();
  const madeBy = new Set<string>();
  const ordersOf = new Map<string, Set<string>>();
  /** Answers those that are new. */
  const note = (events: readonly FoundEvent[]): FoundEvent[] => {
    const fresh = events.filter(({ id }) => !known.has(id));
    for (const { id, hook_id, store, order_id } of fresh) {
      known.add(id);
      madeBy.add(hook_id);
      if (order_id !== undefined) ordersOf.set(store, (ordersOf.get(store) ?? new Set()).add(order_id));
    }
    return fresh;
  };
  return { note, madeBy, ordersOf };
}

/** Of a hook of one record, whichever address of the person its event kept. */
const isOneRecord = (made: readonly FoundEvent[]): boolean =>
  new Set(made.map(({ order_id, key }) => order_id ?? key.slice(key.indexOf(':')))).size === 1;

type Notes = ReturnType<typeof createNotes>;

/** All bodies once, with what is known of the person when it begins; `seen` are hooks that were found before. */
async function* findInBodies(
  kept: Kept,
  person: Person,
  where: Where,
  { note, madeBy, ordersOf, seen }: Notes & { seen: Set<string> },
): AsyncGenerator<Found> {
  const isNamed = mentions({ ...person, customers: [], orders: [] });
  const orders = new Map([...ordersOf].map(([store, known]) => [store, new Set([...person.orders, ...known])]));
  const own = new Set(person.orders);
  const searches = new Map<string, (body: string) => boolean>();
  const searchIn = (store: string) => {
    const search = searches.get(store) ?? mentions({ ...person, orders: [...(orders.get(store) ?? own)] });
    searches.set(store, search);
    return search;
  };
  for await (const rows of readPages(kept.db, BODIES, where)) {
    const opened = openRows(kept.vault, rows, ['body', 'answers']);
    const found = rows.filter((row) => {
      const [id, store, waits_for] = [text(row, 'id'), text(row, 'store'), maybe(text, row, 'waits_for')];
      const waits = waits_for !== undefined && (orders.get(store) ?? own).has(waits_for);
      return !seen.has(id) && (madeBy.has(id) || waits || searchIn(store)(opened.get(row) ?? ''));
    });
    const naming = found.filter((row) => !madeBy.has(text(row, 'id')) && isNamed(opened.get(row) ?? ''));
    const made = Map.groupBy(await findMade(kept, naming.map(toHook)), ({ hook_id }) => hook_id);
    const events = note([...made.values()].filter(isOneRecord).flat());
    for (const row of found) seen.add(text(row, 'id'));
    yield { read: rows.length, unreadable: rows.length - opened.size, events, hooks: found.map(toHook) };
  }
}

/**
 * Events of the person and of their orders first, then hooks whose bodies made one of these or mention the person or one
 * of the orders, with what these made. What is found may be erased while the search goes on.
 */
export async function* findPerson(kept: Kept, person: Person, where: Where): AsyncGenerator<Found> {
  const { db, vault } = kept;
  const isTheirs = isOf(person);
  const notes = createNotes();
  const { note, ordersOf } = notes;
  for await (const rows of readPages(db, EVENTS, where)) {
    const opened = openRows(vault, rows, ['body']);
    const theirs = rows.map((row) => toEvent(row, opened.get(row) ?? '')).filter(isTheirs);
    yield { read: rows.length, unreadable: rows.length - opened.size, events: note(theirs), hooks: [] };
  }
  const seen = new Set<string>();
  const countOrders = (): number => [...ordersOf.values()].reduce((sum, orders) => sum + orders.size, 0);
  // A body may tell of an order that only its other address leads to; what else tells of that order is theirs too.
  for (let [first, known] = [true, -1]; known < countOrders(); first = false) {
    const ofOrders = first ? note(await findByLedger(kept, person.orders, where)) : [];
    for (const [store, orders] of [...ordersOf])
      ofOrders.push(...note(await findEvents(kept, 'order_id', [...orders, ...person.orders], { store })));
    yield { read: 0, unreadable: 0, events: ofOrders, hooks: [] };
    known = countOrders();
    for await (const found of findInBodies(kept, person, where, { ...notes, seen }))
      yield first ? found : { ...found, read: 0, unreadable: 0 };
  }
}
