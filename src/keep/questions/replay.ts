// Questions behind `replay`: which hooks or deliveries an operator means, and how they are put to work once more.
import type { Db, SqlValue } from '../../types.ts';
import { countIn } from '../row.ts';
import { createWhere, idAt } from '../sql.ts';
import { COLUMNS, type ListedDelivery, NOT_AGAIN, toListed } from './ends.ts';
import { LISTED, type ListedHook, toListedHook } from './lists.ts';

/** All that is given must hold; times are milliseconds since 1970. */
export type Selection = {
  hook_id?: string;
  store?: string;
  source?: string;
  order_id?: string;
  state?: string;
  destination?: string;
  since?: number;
  until?: number;
};
/** An ended delivery, and the account that its copy goes to. */
export type Ended = Pick<ListedDelivery, 'event_id' | 'store' | 'destination' | 'copy'> & { account: string };
/** What comes after `after`: the id of a hook, or `<event id>/<destination>`; empty for the first page. */
export type Page = { after: string; limit: number };

type Question = { sql: string; params: SqlValue[] };
/** All of them at once. */
const WHOLE: Page = { after: '', limit: 2 ** 52 };

const count = async (db: Db, { sql, params }: Question): Promise<number> =>
  countIn(await db.query(`select count(*) as found from (${sql}) as found`, params), 'found');

function hooksBy(by: Selection, { after, limit }: Page): Question {
  const where = createWhere([after, limit]);
  where.add('id = ?', by.hook_id);
  where.add('store = ?', by.store);
  where.add('source = ?', by.source);
  where.add('state = ?', by.state);
  where.add('id >= ?', idAt(by.since));
  where.add('id < ?', idAt(by.until));
  where.add('(waits_for = ? or id in (select hook_id from events where order_id = ?))', by.order_id, by.order_id);
  const sql = `${LISTED}
     where id > $1 and exists (select 1 from hook_bodies where hook_id = hooks.id)${where.sql()} order by id limit $2`;
  return { sql, params: where.params };
}

/** Hooks whose bodies are still there, in the order of arrival, a page at a time. */
export async function selectHooks(db: Db, by: Selection, page: Page): Promise<ListedHook[]> {
  const { sql, params } = hooksBy(by, page);
  return (await db.query(sql, params)).map(toListedHook);
}

export const countSelectedHooks = (db: Db, by: Selection): Promise<number> => count(db, hooksBy(by, WHOLE));

const MAP_AGAIN = `
  update hooks set state = 'kept', reason = null, waits_for = null, attempts = 0, due_at = $2 where id = $1 and lease_id is null
    and exists (select 1 from hook_bodies where hook_id = $1)`;

/** Hooks that are mapped again make only events that are not there yet. Hooks in work right now stay as they are. */
export async function mapAgain(db: Db, ids: readonly string[], now: number): Promise<void> {
  await db.transaction([{ sql: MAP_AGAIN, rows: ids.map((id) => [id, now]) }]);
}

function deliveriesBy(by: Selection, kinds: readonly string[], { after, limit }: Page): Question {
  const [afterEvent = '', afterDestination = ''] = after.split('/');
  const where = createWhere([afterEvent, limit, afterDestination]);
  where.add('events.hook_id = ?', by.hook_id);
  where.add('events.store = ?', by.store);
  where.add('events.order_id = ?', by.order_id);
  where.add('last.destination = ?', by.destination);
  where.add('exists (select 1 from hooks where id = events.hook_id and source = ?)', by.source);
  where.add('events.id >= ?', idAt(by.since));
  where.add('events.id < ?', idAt(by.until));
  const wanted = kinds.map((kind) => `$${where.params.push(kind)}`).join(', ');
  const sql = `select ${COLUMNS}
     from attempts as last join events on events.id = last.event_id
     where (last.event_id, last.destination) > ($1, $3) and events.erased_at is null and last.kind in (${wanted})
       and ${NOT_AGAIN}${where.sql()}
     order by last.event_id, last.destination limit $2`;
  return { sql, params: where.params };
}

/** Deliveries that ended in one of `kinds` the last time and are not open again, by event, a page at a time. */
export async function selectDeliveries(
  db: Db,
  by: Selection,
  kinds: readonly string[],
  page: Page,
): Promise<ListedDelivery[]> {
  const { sql, params } = deliveriesBy(by, kinds, page);
  return (await db.query(sql, params)).map(toListed);
}

export const countSelectedDeliveries = (db: Db, by: Selection, kinds: readonly string[]): Promise<number> =>
  count(db, deliveriesBy(by, kinds, WHOLE));

const SEND_AGAIN = `
  insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at)
  select $1, $2, $3, $4, $5, 0, $6, $6 from events where id = $1 and erased_at is null
    and not exists (select 1 from attempts where event_id = $1 and destination = $2 and copy >= $3)
  on conflict do nothing`;

/**
 * Makes new copies of ended deliveries; a copy is marked by its number and is never held back as a duplicate. Of two people
 * who ask for the copy after the same end, one gets it, also when the other's has ended meanwhile.
 */
export async function sendAgain(db: Db, deliveries: readonly Ended[], now: number): Promise<void> {
  const rows = deliveries.map(({ event_id, destination, copy, store, account }) => [
    event_id,
    destination,
    copy + 1,
    store,
    account,
    now,
  ]);
  await db.transaction([{ sql: SEND_AGAIN, rows }]);
}
