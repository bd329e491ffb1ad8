// What digests write into the ledger: orders that are counted, those that are not, and those that may still be.
import type { SqlValue, Step } from '../../types.ts';
import type { Digest } from './digests.ts';
import { ERASED } from './orders.ts';

const COUNTED = `
  insert into orders (store, order_id, event_id, seen_at, source, number)
  select events.store, $2, events.id, events.created_at, hooks.source, $3
  from events join hooks on hooks.id = events.hook_id where events.id = $1
  on conflict (store, order_id) do update set event_id = excluded.event_id, reason = null, number = excluded.number
    where orders.event_id is null`;
// The purchase of an order may have been made by an earlier hook, which knew fewer of its ids.
const COUNTED_BY_KEY = `
  insert into orders (store, order_id, event_id, seen_at)
  select events.store, $3, events.id, events.created_at from event_keys join events on events.id = event_keys.event_id
  where event_keys.store = $1 and event_keys.key = $2 and events.erased_at is null
  on conflict (store, order_id) do update set event_id = excluded.event_id, reason = null where orders.event_id is null`;
// What is one more id of an order has no source: each order is one of its source's.
const UNCOUNTED = `
  insert into orders (store, order_id, reason, seen_at, source, number, channel, told_by)
  select store, $3, $4, $5, case when $8 = 0 then source end, $6, $7, case when $9 = 1 then id end
  from hooks where id = $1 and lease_id = $2
  on conflict (store, order_id) do update set reason = coalesce(excluded.reason, orders.reason),
    channel = coalesce(excluded.channel, orders.channel), told_by = coalesce(excluded.told_by, orders.told_by)
    where orders.event_id is null and orders.reason is distinct from '${ERASED}'`;

/** Orders of the purchases, once for each id they go by. */
export function ordersCounted({ store, events }: Digest) {
  const purchases = events.filter(({ event }) => event.name === 'purchase');
  return purchases.flatMap(({ id, keys = [], event, order_ids = [], order_number = null }) =>
    [...new Set([...(event.order_id === undefined ? [] : [event.order_id]), ...order_ids])].map((order_id) => ({
      id,
      store,
      order_id,
      keys,
      number: order_id === event.order_id ? order_number : null,
    })),
  );
}

function uncountedRows({ hook_id, lease_id, uncounted }: Digest, now: number): SqlValue[][] {
  return uncounted.map(({ order_id, order_number = null, also = false, reason = null, channel = null }) => [
    hook_id,
    lease_id,
    order_id,
    reason,
    now,
    order_number,
    channel,
    also ? 1 : 0,
    reason === null ? 1 : 0,
  ]);
}

export const ledgerSteps = (
  digests: readonly Digest[],
  counted: readonly ReturnType<typeof ordersCounted>[number][],
  now: number,
): Step[] => [
  { sql: COUNTED, rows: counted.map(({ id, order_id, number }) => [id, order_id, number]) },
  {
    sql: COUNTED_BY_KEY,
    rows: counted.flatMap(({ store, order_id, keys }) => keys.map((key) => [store, key, order_id])),
  },
  { sql: UNCOUNTED, rows: digests.flatMap((digest) => uncountedRows(digest, now)) },
];
