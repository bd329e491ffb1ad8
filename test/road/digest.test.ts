// What the ledger is told of orders that do not count, by which their refunds are judged later.
import { expect, test } from 'vitest';
import { mapHook } from '../../src/map/map.ts';
import { digestMapped } from '../../src/road/digest.ts';
import { lampOrder, lampRefund } from '../support/hooks.ts';
import { buildStore } from '../support/stores.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** An order of 71 days ago that is told of today, then its refund, an hour after that came. */
async function tellTwice(over: object) {
  const now = Date.now();
  const store = await buildStore('shopify');
  const source = store.sources.get('shopify');
  if (source === undefined) throw new Error('there is no source');
  const digest = async (body: object, topic: string, ledger: Parameters<typeof digestMapped>[2]) => {
    const headers = { 'content-type': 'application/json', 'x-shopify-topic': topic };
    const mapped = await mapHook(source, { headers, body: Buffer.from(JSON.stringify(body)), received_at: now });
    return digestMapped(mapped, store, ledger, { now: now + HOUR, age: HOUR });
  };
  const at = new Date(now - 71 * DAY).toISOString();
  const order = await digest(
    lampOrder(1042, { processed_at: at, created_at: at, ...over }),
    'orders/updated',
    new Map(),
  );
  const ledger = new Map(order.uncounted.map((entry) => [entry.order_id, entry]));
  return { order, refund: await digest(lampRefund(77, 1042), 'refunds/create', ledger) };
}

test('a refund of an order from before the bridge is sent, also when the order was told of again', async () => {
  const { order, refund } = await tellTwice({});
  expect(order).toMatchObject({ state: 'ignored', reason: expect.stringContaining('more than max_age allows') });
  expect(refund).toMatchObject({ state: 'mapped', events: [{ event: { name: 'refund', order_id: '1042' } }] });
});

test('a refund of an order that does not count for another reason is not sent, unless the order counts after all', async () => {
  const { refund } = await tellTwice({ test: true });
  const reason = expect.stringContaining('was not counted: a test order');
  expect(refund).toMatchObject({ state: 'ignored', reason, waits_for: '1042' });
});
