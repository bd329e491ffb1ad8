// Questions of comparing what was sent with what a destination's own report counted: purchases sent, and what each day came to.

import type { Event } from '../../event.ts';
import { firstIdAt } from '../../lib/id.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../types.ts';
import { bytes, maybe, number, text } from '../row.ts';
import { ifReadable, openEvent } from '../sealed.ts';
import { change } from '../sql.ts';
import type { Dialect } from '../tables/migrations.ts';

/** Days are such as 2026-11-20, those of the time zone in which the destination counts. */
type Day = { store: string; destination: string; day: string };
/** One purchase, by the ids of its event and of the hook that made it, and as people know it. */
export type RecountedOrder = { event_id: string; hook_id: string; id: string };
/** What a day came to. Lists are cut where there are very many; the numbers beside them are not. */
export type Found = {
  /** Purchases that had arrived there long enough before, and how many of them the report has. */
  sent: number;
  counted: number;
  missing: readonly RecountedOrder[];
  repeated: number;
  repeats: readonly (RecountedOrder & { times: number })[];
  different: number;
  differences: readonly (RecountedOrder & { sent: number; counted: number })[];
  /** Counted on this day under ids that no store with this report knows. */
  strange: number;
  strangers: readonly string[];
  /** To what channels the report puts down those it has. */
  channels: Readonly<Record<string, number>>;
  currency: string;
  time_zone: string;
  /** The report itself says that it is not whole. */
  partial: boolean;
};
/** The last time that somebody asked about a day; `found` is of the last time that an answer came. */
export type Recount = Day & { asked_at: number; found: Found | undefined; problem: string | undefined };

/** Part of the list of migrations. `found` is JSON that only this program writes. */
export const recountTables = ({ clustered }: Dialect): string[] => [
  `create table recounts (
    store text not null,
    destination text not null,
    day text not null,
    asked_at bigint not null,
    found text,
    problem text,
    primary key (day, store, destination)
  ) ${clustered}`,
];

const RECOUNTS = 'select * from recounts where day between $1 and $2 order by store, destination, day desc';
const FOUND = `
  insert into recounts (store, destination, day, asked_at, found) values ($1, $2, $3, $4, $5)
  on conflict (store, destination, day) do update set asked_at = excluded.asked_at, found = excluded.found, problem = null`;
const FAILED = `
  insert into recounts (store, destination, day, asked_at, problem) values ($1, $2, $3, $4, $5)
  on conflict (store, destination, day) do update set asked_at = excluded.asked_at, problem = excluded.problem`;
export const FORGET_RECOUNTS = 'delete from recounts where day < $1';

const LAST_DAY = '9999-12-31';

/** Of all days from one to another, the newest first. */
export const listRecounts = async (db: Db, from: string, until = LAST_DAY): Promise<Recount[]> =>
  (await db.query(RECOUNTS, [from, until])).map((row) => ({
    store: text(row, 'store'),
    destination: text(row, 'destination'),
    day: text(row, 'day'),
    asked_at: number(row, 'asked_at'),
    found: openFound(maybe(text, row, 'found')),
    problem: maybe(text, row, 'problem'),
  }));

const openFound = (json: string | undefined): Found | undefined => (json === undefined ? undefined : JSON.parse(json));

/** Notes what came of a day; a problem leaves what was found before. */
export async function noteRecount(
  db: Db,
  { store, destination, day }: Day,
  at: number,
  end: { found: Found } | { problem: string },
): Promise<void> {
  const [sql, what] = 'found' in end ? [FOUND, JSON.stringify(end.found)] : [FAILED, end.problem];
  await change(db, sql, [store, destination, day, at, what]);
}

/** A purchase; `delivered_at` says when the destination last took it, undefined where it never did. */
export type MadePurchase = { id: string; hook_id: string; event: Event; delivered_at: number | undefined };
export type MadeStretch = { store: string; destination: string; from: number; until: number };

// Both, so that it is read along the index of names however many rows there are.
const MADE = `
  select id, hook_id, body,
    (select max(at) from attempts where event_id = events.id and destination = $5 and kind = 'delivered') as delivered_at
  from events
  where store = $1 and (name, id) > ('purchase', $2) and (name, id) < ('purchase', $3) and erased_at is null
  order by name, id limit $4`;
const PAGE = 500;

/** Purchases of a store that were made in a stretch of time, oldest first, page by page; those that cannot be opened are left out. */
export async function* madePurchases(
  db: Db,
  vault: Vault,
  { store, destination, from, until }: MadeStretch,
): AsyncGenerator<MadePurchase[]> {
  let after = firstIdAt(from);
  while (true) {
    const rows = await db.query(MADE, [store, after, firstIdAt(until), PAGE, destination]);
    yield rows.flatMap((row) => {
      const event = ifReadable(() => openEvent(vault, bytes(row, 'body')));
      const [id, hook_id] = [text(row, 'id'), text(row, 'hook_id')];
      return event === undefined ? [] : [{ id, hook_id, event, delivered_at: maybe(number, row, 'delivered_at') }];
    });
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = text(last, 'id');
  }
}
