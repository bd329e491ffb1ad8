// Visits of a person: by what they themselves are known by, and by what their orders and leads add to that.
import type { Visit } from '../../enrich/visit.ts';
import type { Event } from '../../event.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../types.ts';
import { type Identity, identityOf, type Keyer } from '../identity-key.ts';
import type { Person } from '../person.ts';
import { bytes, number, text } from '../row.ts';
import { ifReadable, openVisit } from '../sealed.ts';
import { everyValue, listOf } from '../sql.ts';
import type { FoundEvent } from './find-person.ts';

const PAGE = 500;

const STORES = `
  ${everyValue('stores', 'store', 'visits')}
  select value from stores where value is not null`;
/** The stores that have visits. */
export const storesOf = async (db: Db): Promise<string[]> => (await db.query(STORES)).map((row) => text(row, 'value'));

/** What is known of a person by what they themselves are known by, in one store or in all. */
export async function identitiesOf(db: Db, person: Person, store: string | undefined): Promise<Identity[]> {
  const stores = store === undefined ? await storesOf(db) : [store];
  return stores.flatMap((one) => [
    ...person.emails.map((email) => identityOf(one, 'email_address', email)),
    ...person.phones.map(({ e164 }) => identityOf(one, 'phone_number', e164)),
    ...person.orders.map((id) => identityOf(one, 'order_id', id)),
  ]);
}

/** What an event of theirs adds to that, as far as it was not damaged: its order, its lead and the browser it came from. */
export function identitiesOfEvent({ store, json }: Pick<FoundEvent, 'store' | 'json'>): Identity[] {
  const { order_id, lead_id, client_id } = ifReadable((): Partial<Event> => JSON.parse(json)) ?? {};
  return Object.entries({ order_id, lead_id, client_id }).flatMap(([by, value]) =>
    value === undefined ? [] : [identityOf(store, by === 'order_id' || by === 'lead_id' ? by : 'client_id', value)],
  );
}

/** The visitors that any of these identities finds. */
export async function visitorsOf(db: Db, keyOf: Keyer, identities: readonly Identity[]): Promise<Uint8Array[]> {
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

const VISITS = 'select body, seen_at from visits where visitor = $1 order by started_at';

/** All visits of the visitors that any of these identities finds, however old and however many; `unreadable` could not be opened. */
export async function visitsOf(
  { db, vault, keyOf }: { db: Db; vault: Vault; keyOf: Keyer },
  identities: readonly Identity[],
): Promise<{ visits: Visit[]; unreadable: number }> {
  const visits: Visit[] = [];
  let unreadable = 0;
  for (const visitor of await visitorsOf(db, keyOf, identities)) {
    for (const row of await db.query(VISITS, [visitor])) {
      const body = ifReadable(() => openVisit(vault, bytes(row, 'body')));
      if (body === undefined) unreadable++;
      else visits.push({ ...body, visitor: Buffer.from(visitor).toString('hex'), seen_at: number(row, 'seen_at') });
    }
  }
  return { visits, unreadable };
}
