// Puts a purchase among what is kept as if its hook had come, been mapped and been sent at some time.
import type { Event } from '../../src/event.ts';
import type { Keep } from '../../src/keep/keep.ts';
import { createIds } from '../../src/lib/id.ts';

const HOUR = 3_600_000;

export type Made = Partial<Event> & { store?: string; arrived?: number | undefined; to?: string };
/** A purchase that happened at this time, was made a moment later and arrived at its destination unless `arrived` says otherwise. */
export async function sendPurchase(
  keep: Keep,
  id: string,
  at: string,
  { store = 'shop', to = 'ga4', ...made }: Made = {},
): Promise<void> {
  const { arrived = Date.parse(at) + HOUR, ...over } = made;
  const event: Event = { name: 'purchase', event_time: at, transaction_id: id, currency: 'EUR', value: 50, ...over };
  const made_at = Date.parse(at) + 1_000;
  const idAt = createIds(() => made_at);
  const hook = { id: idAt(), store, source: 'shopify', received_at: made_at, headers: {}, body: Buffer.from(id) };
  const body = Buffer.from(`${store} ${id}`.padEnd(16).slice(0, 16));
  await keep.keepHooks([{ hook, keys: { body }, due_at: made_at, lease_id: 'lease' }]);
  const deliveries = [{ destination: to, account: `${store} ${to}`, due_at: made_at }];
  const events = [{ id: idAt(), key: `purchase:${id}`, event, deliveries, skipped: [] }];
  await keep.recordDigests(
    [{ hook_id: hook.id, store, lease_id: 'lease', state: 'mapped', events, uncounted: [] }],
    made_at,
  );
  const claim = { now: made_at, lease_until: made_at + HOUR, lease_id: 'sender', limit: 10 };
  const [delivery] = await keep.claimDeliveries({ ...claim, account: `${store} ${to}` });
  if (delivery === undefined) throw new Error('it waits for nobody');
  if ('arrived' in made && made.arrived === undefined) return;
  await keep.finishDeliveries([{ delivery, attempt: { at: arrived, ms: 1, kind: 'delivered' } }]);
}
