// A database in which a million deliveries wait, made by direct SQL because no service would take so long to be down.
import { mapHook } from '../../src/map/map.ts';
import { digestMapped } from '../../src/road/digest.ts';
import { buildStore } from '../support/stores.ts';
import { fillDatabase, idAt, numbers } from './fill.ts';
import { createOrders, shopifyHeaders } from './orders.ts';

const ORDERS = 333_334;
const HOUR = 3_600_000;
/** One event as the bridge would keep it. */
export async function sampleEvent(now: number): Promise<Uint8Array> {
  const store = await buildStore('shopify', { consent: { default: 'granted' } });
  const source = store.sources.get('shopify');
  const [body] = createOrders(now).bodies;
  if (source === undefined || body === undefined) throw new Error('the bench store has no source');
  const mapped = await mapHook(source, { headers: shopifyHeaders(body), body, received_at: now });
  const { events } = await digestMapped(mapped, store, new Map(), { now, age: 0 });
  // A byte in front says that it is not encrypted.
  return Buffer.concat([Buffer.of(0), Buffer.from(JSON.stringify(events[0]?.event))]);
}

/**
 * Fills the database of `folder` with hooks of an hour ago, mapped to events whose deliveries to three accounts of
 * `store` all wait. Bodies of hooks are left out: they are only ever read one by one. Answers how many deliveries wait.
 */
export async function makeBacklog(folder: string, store: string, accounts: Record<string, string>): Promise<number> {
  const at = Date.now() - HOUR;
  const event = await sampleEvent(at);
  const id = idAt('$1');
  await fillDatabase(folder, (run) => {
    run(
      `${numbers(ORDERS)} insert into hooks (id, store, source, received_at, body_key, delivery_key, state, attempts)
       select ${id}, $2, 'shopify', $1 + n / 100, randomblob(16), randomblob(16), 'mapped', 1 from numbers`,
      at,
      store,
    );
    run(
      `${numbers(ORDERS)} insert into events (id, hook_id, store, key, name, order_id, event_time, created_at, body)
       select ${id}, ${id}, $2, 'purchase:' || n, 'purchase', n, $3, $1 + n / 100, $4 from numbers`,
      at,
      store,
      new Date(at).toISOString(),
      event,
    );
    for (const [destination, account] of Object.entries(accounts)) {
      run(
        `insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at)
         select id, $1, 0, store, $2, 0, created_at, created_at from events`,
        destination,
        account,
      );
    }
  });
  return ORDERS * Object.keys(accounts).length;
}
