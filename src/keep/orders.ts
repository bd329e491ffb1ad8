// Questions to the ledger: which orders were counted, and by which purchase.
import type { Event } from '../event.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db, Row } from '../types.ts';
import { bytes, maybe, text } from './row.ts';
import { openEvent } from './sealed.ts';

/** An order of the ledger: counted by the purchase `event`, or seen and not counted for `reason`. */
export type LedgerOrder = { order_id: string; event?: Event; reason?: string; erased?: boolean };
/** The reason of an order that was erased: nothing more may be sent for it. */
export const ERASED = 'erased';

/** The orders among `order_ids` that the ledger knows, in no particular order. */
export async function findOrders(
  db: Db,
  vault: Vault,
  store: string,
  order_ids: readonly string[],
): Promise<LedgerOrder[]> {
  if (order_ids.length === 0) return [];
  const list = order_ids.map((_, index) => `$${index + 2}`).join(', ');
  const rows = await db.query(
    `select orders.order_id, orders.reason, events.body from orders left join events on events.id = orders.event_id
     where orders.store = $1 and orders.order_id in (${list})`,
    [store, ...order_ids],
  );
  return rows.map((row) => toOrder(vault, row));
}

function toOrder(vault: Vault, row: Row): LedgerOrder {
  const body = maybe(bytes, row, 'body');
  const reason = maybe(text, row, 'reason');
  return {
    order_id: text(row, 'order_id'),
    ...(body === undefined ? {} : { event: openEvent(vault, body) }),
    ...(reason === undefined ? {} : { reason }),
    ...(reason === ERASED && { erased: true }),
  };
}
