// Visits that go: of a person, of a store, or because their time is over.
import type { Event } from '../event.ts';
import type { Db, SqlValue } from '../types.ts';
import { type Identity, identityOf, type Keyer } from './identity-key.ts';
import type { Person } from './person.ts';
import { bytes, number, text } from './row.ts';

const PAGE = 500;
const listOf = (values: readonly unknown[], first = 1): string =>
  `(${values.map((_, index) => `$${first + index}`).join(', ')})`;

// Along the index, however many visits a store has.
const STORES = `
  with recursive stores (store) as (
    select min(store) from visits
    union all
    select (select min(store) from visits where store > stores.store) from stores where store is not null
  ) select store from stores where store is not null`;
const storesOf = async (db: Db): Promise<string[]> => (await db.query(STORES)).map((row) => text(row, 'store'));

const FORGET_VISITS = `
  delete from visits where (visitor, visit) in (
    select visitor, visit from visits where store = $1 and expires_at < $2 limit $3)
  returning visit`;
const FORGET_IDENTITIES = `
  delete from identities where (key, visitor) in (
    select key, visitor from identities where expires_at < $1 limit $2)
  returning seen_at`;

/** Forgets visits and keys whose time is over, a page at a time; answers how many visits that were. */
export async function forgetVisits(db: Db, now: number, signal: AbortSignal): Promise<number> {
  const all = async (sql: string, ...given: SqlValue[]): Promise<number> => {
    let count = 0;
    while (!signal.aborted) {
      const [[rows = []] = []] = await db.transaction([{ sql, rows: [[...given, PAGE]] }]);
      count += rows.length;
      if (rows.length < PAGE) break;
    }
    return count;
  };
  let count = 0;
  for (const store of await storesOf(db)) count += await all(FORGET_VISITS, store, now);
  await all(FORGET_IDENTITIES, now);
  return count;
}

const VISIT = 'delete from visits where visitor = $1';
const IDENTITY = 'delete from identities where visitor = $1';

async function eraseVisitors(db: Db, visitors: readonly Uint8Array[], dryRun: boolean): Promise<number> {
  if (visitors.length === 0) return 0;
  const [row] = await db.query(`select count(*) as visits from visits where visitor in ${listOf(visitors)}`, [
    ...visitors,
  ]);
  const rows = visitors.map((visitor) => [visitor]);
  if (!dryRun)
    await db.transaction([
      { sql: VISIT, rows },
      { sql: IDENTITY, rows },
    ]);
  return row === undefined ? 0 : number(row, 'visits');
}

/** What is known of a person by what they themselves are known by, in one store or in all. */
export async function identitiesOf(db: Db, person: Person, store: string | undefined): Promise<Identity[]> {
  const stores = store === undefined ? await storesOf(db) : [store];
  return stores.flatMap((one) => [
    ...person.emails.map((email) => identityOf(one, 'email_address', email)),
    ...person.phones.map(({ e164 }) => identityOf(one, 'phone_number', e164)),
    ...person.orders.map((id) => identityOf(one, 'order_id', id)),
  ]);
}

/** What an event of theirs adds to that: its order, its lead and the browser it came from. */
export const identitiesOfEvent = (store: string, { order_id, lead_id, client_id }: Partial<Event>): Identity[] =>
  Object.entries({ order_id, lead_id, client_id }).flatMap(([by, value]) =>
    value === undefined ? [] : [identityOf(store, by === 'order_id' || by === 'lead_id' ? by : 'client_id', value)],
  );

/** The visitors that any of these identities finds. */
async function visitorsOf(db: Db, keyOf: Keyer, identities: readonly Identity[]): Promise<Uint8Array[]> {
  const visitors = new Map<string, Uint8Array>();
  for (let at = 0; at < identities.length; at += PAGE) {
    const keys = identities.slice(at, at + PAGE).map(keyOf);
    for (const row of await db.query(`select visitor from identities where key in ${listOf(keys)}`, keys)) {
      const visitor = bytes(row, 'visitor');
      visitors.set(Buffer.from(visitor).toString('hex'), visitor);
    }
  }
  return [...visitors.values()];
}

/** Erases all visits of the visitors that any of these identities finds, and every key of theirs; answers how many visits. */
export async function eraseVisits(
  db: Db,
  keyOf: Keyer,
  identities: readonly Identity[],
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<number> {
  const visitors = await visitorsOf(db, keyOf, identities);
  let count = 0;
  for (let at = 0; at < visitors.length; at += PAGE) {
    count += await eraseVisitors(db, visitors.slice(at, at + PAGE), dryRun);
  }
  return count;
}

const OF_STORE = 'select distinct visitor from (select visitor from visits where store = $1 limit $2) as page';

/** Erases every visit of a store. */
export async function eraseVisitsOfStore(
  db: Db,
  store: string,
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<number> {
  if (dryRun) {
    const [row] = await db.query('select count(*) as visits from visits where store = $1', [store]);
    return row === undefined ? 0 : number(row, 'visits');
  }
  let count = 0;
  for (;;) {
    const rows = await db.query(OF_STORE, [store, PAGE]);
    if (rows.length === 0) return count;
    count += await eraseVisitors(
      db,
      rows.map((row) => bytes(row, 'visitor')),
      false,
    );
  }
}
