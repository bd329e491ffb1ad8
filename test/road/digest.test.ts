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

test('a refund told with its order, which was edited since it counted, is of the purchase that was counted', async () => {
  const store = await buildStore('woocommerce');
  const source = store.sources.get('woocommerce');
  if (source === undefined) throw new Error('there is no source');
  const digest = async (body: object, ledger: Parameters<typeof digestMapped>[2]) => {
    const headers = { 'content-type': 'application/json', 'x-wc-webhook-topic': 'order.updated' };
    const received_at = Date.UTC(2026, 10, 18, 9);
    const mapped = await mapHook(source, { headers, body: Buffer.from(JSON.stringify(body)), received_at });
    return digestMapped(mapped, store, ledger, { now: received_at, age: 0 });
  };
  const order = (total: string, more: object) => ({
    id: 1042,
    number: '1042',
    status: 'processing',
    currency: 'EUR',
    total,
    total_tax: '0.00',
    created_via: 'checkout',
    date_paid_gmt: '2026-11-18T08:00:00',
    date_modified_gmt: '2026-11-18T08:59:00',
    line_items: [{ id: 1, name: 'Lamp', sku: 'LAMP', quantity: 1, subtotal: total, total, total_tax: '0.00' }],
    refunds: [],
    ...more,
  });
  const counted = await digest(order('50.00', {}), new Map());
  const [purchase] = counted.events.map(({ event }) => event);
  // The ids of the visit that the purchase was joined to are in the ledger alone.
  const event = purchase && { ...purchase, client_id: '1380133182.1764792191' };
  const told = order('80.00', { status: 'refunded', refunds: [{ id: 77, reason: '', total: '-80.00' }] });
  const refundOf = async (known: typeof event) => {
    const { events } = await digest(told, new Map([['1042', { order_id: '1042', event: known }]]));
    return events.find(({ event: { name } }) => name === 'refund')?.event;
  };
  expect(await refundOf(event)).toMatchObject({ total: 80, value: 50, client_id: '1380133182.1764792191' });
  // What is of another currency is neither more nor less.
  expect(await refundOf(event && { ...event, currency: 'JPY' })).toMatchObject({ value: 80, currency: 'EUR' });
});

test('a destination whose own condition names a field that the event has not says where its fields are shown', async () => {
  const store = await buildStore('shopify', { destinations: { ga4: { when: { customer_type: 'new' } } } });
  const source = store.sources.get('shopify');
  if (source === undefined) throw new Error('there is no source');
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' };
  const now = Date.now();
  const at = new Date(now - HOUR).toISOString();
  const body = Buffer.from(JSON.stringify(lampOrder(1042, { processed_at: at, created_at: at })));
  const mapped = await mapHook(source, { headers, body, received_at: now });
  const { events } = await digestMapped(mapped, store, new Map(), { now, age: 0 });
  const reason =
    "the store's condition does not hold: customer_type is missing; its trace shows which fields the event has";
  expect(events[0]?.skipped).toEqual([{ destination: 'ga4', reason }]);
});

test.each([
  ['an article', {}, 'Lamp', 'LAMP'],
  ['a variation', { variation_id: 12, parent_name: 'Lamp', name: 'Lamp - Blue' }, 'Lamp - Blue', 'LAMP'],
  ['one of two of a name', { sku: 'LAMP-2' }, 'Lamp', '1'],
])('a refund of %s that was deleted since is of the article that was sold', async (_, sold, name, item_id) => {
  const store = await buildStore('woocommerce');
  const source = store.sources.get('woocommerce');
  if (source === undefined) throw new Error('there is no source');
  const received_at = Date.UTC(2026, 10, 18, 9);
  const digest = async (line_items: object[], more: object, ledger: Parameters<typeof digestMapped>[2]) => {
    const body = {
      id: 1042,
      number: '1042',
      status: 'processing',
      currency: 'EUR',
      total: '50.00',
      created_via: 'checkout',
      date_paid_gmt: '2026-11-18T08:00:00',
      date_modified_gmt: '2026-11-18T08:59:00',
      line_items,
      ...more,
    };
    const headers = { 'content-type': 'application/json', 'x-wc-webhook-topic': 'order.updated' };
    const mapped = await mapHook(source, { headers, body: Buffer.from(JSON.stringify(body)), received_at });
    return (await digestMapped(mapped, store, ledger, { now: received_at, age: 0 })).events.map(({ event }) => event);
  };
  const line = { id: 1, name: 'Lamp', product_id: 11, sku: 'LAMP', quantity: 1, total: '50.00', total_tax: '0.00' };
  const others = 'sku' in sold ? [{ ...line, id: 2, ...sold }] : [];
  const [event] = await digest([{ ...line, ...sold, sku: 'LAMP' }, ...others], {}, new Map());
  const deleted = { ...line, name, sku: null, product_id: 0, variation_id: 0 };
  const paidBack = { status: 'refunded', refunds: [{ id: 77, reason: '', total: '-50.00' }] };
  const told = await digest([deleted], paidBack, new Map([['1042', { order_id: '1042', event }]]));
  expect(told.find((one) => one.name === 'refund')?.items?.map((item) => item.item_id)).toEqual([item_id]);
});
