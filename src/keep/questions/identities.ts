// Visits and the keys that find them: what is known of browsers that came, until it expires.
import type { Visit } from '../../enrich/visit.ts';
import { DAY_MS } from '../../lib/time.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, SqlValue, Step } from '../../types.ts';
import type { Identity, Keyer } from '../identity-key.ts';
import { bytes, number } from '../row.ts';
import { ifReadable, openVisit, sealJson } from '../sealed.ts';
import { change, listOf } from '../sql.ts';
import { countVisits } from './joins.ts';

/**
 * What is kept of a visit: `id` is the browser's own name for it. One that knows only a part of it does not replace what
 * is there.
 */
export type NewVisit = {
  visitor: Identity;
  id: string;
  visit: Omit<Visit, 'visitor'>;
  expires_at: number;
  partial?: boolean;
  identities: readonly Identity[];
};
/** What an event taught of a visitor: more keys, and the ids of a lead as a visit of their own. */
export type Learnt = {
  /** Keys that find this visitor from now on. */
  known?: { visitor: string; expires_at: number; identities: readonly Identity[] };
  lead?: NewVisit;
};

const VISIT = `
  insert into visits (visitor, visit, store, started_at, seen_at, expires_at, body)`;
const OVER = `
  on conflict (visitor, visit) do update set seen_at = excluded.seen_at, expires_at = excluded.expires_at`;
const VALUES = 'values ($1, $2, $3, $4, $5, $6, $7)';
const KEEP_VISIT = `${VISIT} ${VALUES} ${OVER}, body = excluded.body`;
const TOUCH_VISIT = `${VISIT} ${VALUES} ${OVER}`;
const IDENTITY = 'insert into identities (key, visitor, seen_at, expires_at)';
const AGAIN = `
  on conflict (key, visitor) do update set seen_at = excluded.seen_at, expires_at = excluded.expires_at
    where identities.expires_at <= excluded.expires_at`;
const KEEP_IDENTITY = `${IDENTITY} values ($1, $2, $3, $4) ${AGAIN}`;

/** An expiry at the end of its day, so that a visitor who comes again changes few rows. */
const endOfDay = (at: number): number => Math.ceil(at / DAY_MS) * DAY_MS;

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const hexOf = (key: Uint8Array): string => Buffer.from(key).toString('hex');
const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);
const visitRow = (vault: Vault, keyOf: Keyer, { visitor, id, visit, expires_at }: NewVisit): SqlValue[] => {
  const { started_at, seen_at } = visit;
  return [keyOf(visitor), id, visitor.store, started_at, seen_at, endOfDay(expires_at), sealJson(vault, visit)];
};

/** A keyer for one transaction, in which the same identity stands in several rows. */
function remembering(keyOf: Keyer): Keyer {
  const known = new Map<Identity, Uint8Array>();
  return (identity) => {
    const key = known.get(identity) ?? keyOf(identity);
    known.set(identity, key);
    return key;
  };
}

type Sorted = { key: Uint8Array; row: SqlValue[] };
/** Everybody takes keys in the same order, so that two transactions never wait for each other. */
const sortedRows = (rows: readonly Sorted[]): SqlValue[][] =>
  rows.toSorted((a, b) => compare(a.key, b.key)).map(({ row }) => row);

/** A row of `visits` in the order of its visitor, with something before it. */
function sortedVisit(vault: Vault, keyOf: Keyer, visit: NewVisit, before: SqlValue[] = []): Sorted {
  return { key: keyOf(visit.visitor), row: [...before, ...visitRow(vault, keyOf, visit)] };
}

/** Rows of `identities`: all keys of a visit, its visitor's own among them. */
function keysOf(keyOf: Keyer, { visitor, visit, expires_at, identities }: NewVisit, before: SqlValue[] = []): Sorted[] {
  const own = keyOf(visitor);
  const keys = new Map([visitor, ...identities].map(keyOf).map((key) => [hexOf(key), key]));
  return [...keys.values()].map((key) => ({ key, row: [...before, key, own, visit.seen_at, endOfDay(expires_at)] }));
}

/** Keeps visits with their keys, all or nothing. */
export async function keepVisits(db: Db, vault: Vault, keyer: Keyer, visits: readonly NewVisit[]): Promise<void> {
  const keyOf = remembering(keyer);
  const rowsOf = (some: readonly NewVisit[]) => sortedRows(some.map((one) => sortedVisit(vault, keyOf, one)));
  await db.transaction([
    { sql: KEEP_VISIT, rows: rowsOf(visits.filter(({ partial }) => partial !== true)) },
    { sql: TOUCH_VISIT, rows: rowsOf(visits.filter(({ partial }) => partial === true)) },
    { sql: KEEP_IDENTITY, rows: sortedRows(visits.flatMap((visit) => keysOf(keyOf, visit))) },
    countVisits(visits.map(({ visitor: { store }, visit }) => ({ store, at: visit.seen_at }))),
  ]);
}

const SEEN = 'select seen_at from visits where visitor = $1 and visit = $2';

/** When a visit was kept last, whoever kept it; undefined when it is not there. */
export async function lastSeen(
  db: Db,
  keyOf: Keyer,
  { visitor, id }: Pick<NewVisit, 'visitor' | 'id'>,
): Promise<number | undefined> {
  const [row] = await db.query(SEEN, [keyOf(visitor), id]);
  return row && number(row, 'seen_at');
}

const LEARN_IDENTITY = `${IDENTITY} select $2, $3, $4, $5 from events where id = $1 ${AGAIN}`;
// The first ids of a lead stay.
const LEARN_LEAD = `${VISIT} select $2, $3, $4, $5, $6, $7, $8 from events where id = $1 on conflict do nothing`;

/** The steps that note what events taught; those that are not there teach nothing. */
export function learnSteps(
  vault: Vault,
  keyOf: Keyer,
  events: readonly { id: string; learnt: Learnt }[],
  now: number,
): Step[] {
  const known = events.flatMap(({ id, learnt }) => {
    const { visitor, expires_at, identities } = learnt.known ?? { visitor: '', expires_at: 0, identities: [] };
    return identities.map(keyOf).map((key) => ({ key, row: [id, key, hex(visitor), now, endOfDay(expires_at)] }));
  });
  const leads = events.flatMap(({ id, learnt: { lead } }) => (lead === undefined ? [] : [{ id, lead }]));
  return [
    { sql: LEARN_LEAD, rows: sortedRows(leads.map(({ id, lead }) => sortedVisit(vault, keyOf, lead, [id]))) },
    {
      sql: LEARN_IDENTITY,
      rows: sortedRows([...known, ...leads.flatMap(({ id, lead }) => keysOf(keyOf, lead, [id]))]),
    },
  ];
}

/** A person has few visits; of a key that many share, such as the address of a call centre, the latest are enough. */
const VISITORS = 20;
const VISITS = 50;
/** Lists of keys come in few lengths, so that few statements are prepared. */
const LENGTHS = [4, 16, 64, 256, 1024];
const MOST = 1024;

const find = (length: number) => `
  select key, visitor, body, seen_at from (
    select found.key, visits.visitor, visits.body, visits.seen_at, row_number() over (partition by found.key order by visits.started_at desc) as n
    from (
      select key, visitor, row_number() over (partition by key order by seen_at desc) as n
      from identities where expires_at > $1 and key in ${listOf(Array.from({ length }), 2)}
    ) as found join visits on visits.visitor = found.visitor and visits.expires_at > $1
    where found.n <= ${VISITORS}
  ) as numbered where n <= ${VISITS}`;

/** An identity as a key of a `Map`. */
export const nameOf = ({ store, by, value }: Identity): string => `${store}\n${by}\n${value}`;

/** Visits by the names of the identities that find them; `unreadable` could not be opened and were left out. */
export type FoundVisits = { visits: Map<string, Visit[]>; unreadable: number };

/** The visits that each of these identities finds. One question for as many as 1,024. */
export async function findVisits(
  db: Db,
  vault: Vault,
  keyOf: Keyer,
  identities: readonly Identity[],
  now: number,
): Promise<FoundVisits> {
  const names = new Map(identities.map((identity) => [hexOf(keyOf(identity)), nameOf(identity)]));
  const keys = [...names.keys()].map(hex);
  const visits = new Map<string, Visit[]>();
  const unreadable = new Set<string>();
  for (let at = 0; at < keys.length; at += MOST) {
    const some = keys.slice(at, at + MOST);
    const length = LENGTHS.find((one) => one >= some.length) ?? MOST;
    const padded = Array.from({ length }, (_, index) => some[index] ?? some[0] ?? null);
    for (const row of await db.query(find(length), [now, ...padded])) {
      const name = names.get(hexOf(bytes(row, 'key'))) ?? '';
      const body = ifReadable(() => openVisit(vault, bytes(row, 'body')));
      if (body === undefined) unreadable.add(hexOf(bytes(row, 'body')));
      else {
        const visit = { ...body, visitor: hexOf(bytes(row, 'visitor')), seen_at: number(row, 'seen_at') };
        visits.set(name, [...(visits.get(name) ?? []), visit]);
      }
    }
  }
  return { visits, unreadable: unreadable.size };
}

const CLAIM = `
  ${IDENTITY} select $1, $2, $3, $4
  where not exists (select 1 from identities where key = $1 and visitor <> $2 and expires_at > $3)
  on conflict (key, visitor) do update set expires_at = excluded.expires_at returning expires_at`;

export type Claimed = { visitor: Identity; now: number; expires_at: number };

/** Gives an identity to one visitor alone; false when another one has it. */
export async function claimIdentity(
  db: Db,
  keyOf: Keyer,
  identity: Identity,
  { visitor, now, expires_at }: Claimed,
): Promise<boolean> {
  const rows = await change(db, CLAIM, [keyOf(identity), keyOf(visitor), now, endOfDay(expires_at)]);
  return rows.length === 1;
}
