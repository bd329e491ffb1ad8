// Questions to the ledger: which orders were counted, and by which purchase.
import type { LedgerEntry } from '../../enrich/ledger.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, Row } from '../../types.ts';
import { bytes, countIn, maybe, number, text } from '../row.ts';
import { ifReadable, openEvent } from '../sealed.ts';
import { listOf } from '../sql.ts';

/** The reason of an order that was erased: nothing more may be sent for it. */
export const ERASED = 'erased';

/** The orders among `order_ids` that the ledger knows, in no particular order. */
export async function findOrders(
  db: Db,
  vault: Vault,
  store: string,
  order_ids: readonly string[],
): Promise<LedgerEntry[]> {
  if (order_ids.length === 0) return [];
  const rows = await db.query(
    `select orders.order_id, orders.event_id, orders.reason, orders.channel, events.body, orders.told_by, hooks.due_at
     from orders left join events on events.id = orders.event_id
       left join hooks on hooks.id = orders.told_by and orders.event_id is null
     where orders.store = $1 and orders.order_id in ${listOf(order_ids, 2)}`,
    [store, ...order_ids],
  );
  return rows.map((row) => toOrder(vault, row));
}

function toOrder(vault: Vault, row: Row): LedgerEntry {
  const reason = maybe(text, row, 'reason');
  const channel = maybe(text, row, 'channel');
  const at = maybe(number, row, 'due_at');
  return {
    order_id: text(row, 'order_id'),
    ...(maybe(text, row, 'event_id') !== undefined && openPurchase(vault, maybe(bytes, row, 'body'))),
    ...(reason !== undefined && { reason }),
    ...(channel !== undefined && { channel }),
    ...(reason === ERASED && { erased: true }),
    ...(at !== undefined && { told: { by: text(row, 'told_by'), at } }),
  };
}

function openPurchase(vault: Vault, body: Uint8Array | undefined): Pick<LedgerEntry, 'event' | 'lost'> {
  if (body === undefined) return { lost: 'forgotten' };
  const event = ifReadable(() => openEvent(vault, body));
  return event === undefined ? { lost: 'unreadable' } : { event };
}

/**
 * Orders of one source: how many count, and of the others how many for which reason, the most frequent first; `latest` are some
 * of them by the number people know, or by their id.
 */
export type Coverage = { counted: number; uncounted: { reason: string; orders: number; latest: string[] }[] };

/** No more than so many orders are looked at, the latest ones. */
const LATEST = 10_000;
const RECENT = `
  with recent as (select order_id, number, event_id, reason, seen_at from orders where store = $1 and source = $2 and seen_at >= $3
    order by seen_at desc limit ${LATEST})`;
// An order that several ids name is one order.
const COUNTED = `${RECENT} select count(distinct event_id) as orders from recent`;
const MOST_NAMED = 5;
// Ranked within its reason: the orders of a rare one may be older than all that are named of a frequent one.
const NOT_COUNTED = `
  ${RECENT}, ranked as (select reason, coalesce(number, order_id) as name, count(*) over (partition by reason) as orders,
      row_number() over (partition by reason order by seen_at desc, order_id desc) as place
    from recent where event_id is null and reason is not null)
  select reason, name, orders from ranked where place <= ${MOST_NAMED} order by orders desc, reason, place limit 500`;

/** Of the latest orders that a source told of first since `since`, in milliseconds since 1970. */
export async function coverOrders(db: Db, store: string, source: string, since: number): Promise<Coverage> {
  const given = [store, source, since];
  const [counted, named] = await Promise.all([db.query(COUNTED, given), db.query(NOT_COUNTED, given)]);
  const reasons = Map.groupBy(named, (row) => text(row, 'reason'));
  return {
    counted: countIn(counted, 'orders'),
    uncounted: [...reasons].map(([reason, rows]) => ({
      reason,
      orders: countIn(rows, 'orders'),
      latest: rows.map((row) => text(row, 'name')),
    })),
  };
}
