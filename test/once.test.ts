// One sale is one purchase, whichever hooks tell it and in whatever order, and its refund finds it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/event.ts';
import { createKeep } from '../src/keep/keep.ts';
import { openEvent } from '../src/keep/sealed.ts';
import { openSqlite, type Sqlite } from '../src/keep/sqlite.ts';
import { newId } from '../src/lib/id.ts';
import { plainVault } from '../src/lib/vault.ts';
import type { Store } from '../src/map/load.ts';
import { digestTo } from './support/digest.ts';
import { buildStore } from './support/stores.ts';

const START = Date.UTC(2026, 10, 23, 9);
const SECONDS = START / 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;
type Body = Record<string, unknown>;

let folder: string;
let sqlite: Sqlite;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-once-'));
  sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
});
afterAll(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

/**
 * Takes in the bodies one after the other, or at once, and lets some minutes pass, then the same for those that are `late`,
 * by 100 days if all else is forgotten before; answers the events made, also those forgotten.
 */
async function tell(
  store: Store,
  source: string,
  bodies: readonly Body[],
  together: boolean,
  late: readonly Body[] = [],
  forgetting = false,
): Promise<Event[]> {
  const keep = createKeep({ db: sqlite.db, vault: plainVault });
  let now = START;
  const digest = digestTo({
    stores: { get: () => store },
    keep,
    now: () => now,
    log: { info: () => {}, warn: () => {}, error: (fields) => expect(fields).toBeUndefined() },
  });
  // A name of its own for each run, so that no run knows the orders of another.
  const shop = newId();
  const takeIn = async (arriving: readonly Body[]) => {
    const began = now;
    const hooks = arriving.map((body) => {
      // Shopify alone names the topic outside the body.
      const topic = typeof body.topic === 'string' ? { 'x-shopify-topic': body.topic } : {};
      const headers = { 'content-type': 'application/json', ...topic };
      const hook = {
        id: newId(),
        store: shop,
        source,
        received_at: now,
        headers,
        body: Buffer.from(JSON.stringify(body)),
      };
      return { hook, keys: { body: Buffer.from(hook.id) }, due_at: now, lease_id: 'first' };
    });
    await keep.keepHooks(hooks);
    const arrivals = hooks.map(({ hook }) => ({ ...hook, attempts: 1 }));
    for (const batch of together ? [arrivals] : arrivals.map((one) => [one])) await digest(batch, 'first');
    for (const minutes of [0, 1, 2, 3, 5, 10, 65, 66]) {
      now = began + minutes * MINUTE;
      const due = await keep.claimHooks({ now, lease_until: now + MINUTE, lease_id: 'again', limit: 100 });
      if (due.length > 0) await digest(due, 'again');
    }
  };
  const made = async (): Promise<Event[]> => {
    const rows = await sqlite.db.query('select body from events where store = $1 order by id', [shop]);
    return rows.map(({ body }) => openEvent(plainVault, body instanceof Uint8Array ? body : new Uint8Array()));
  };
  await takeIn(bodies);
  const forgotten = forgetting ? await made() : [];
  if (forgetting) {
    await sqlite.db.transaction([{ sql: 'delete from deliveries', rows: [[]] }]);
    // Ids are made by the clock of this machine.
    const all = Date.now() + DAY;
    const limits = { bodies: all, keys: all, attempts: all, orders: 0, visits: 0, audit: 0 };
    await keep.forget(limits, new AbortController().signal);
    expect(await made()).toEqual([]);
    now += 100 * DAY;
  }
  if (late.length > 0) await takeIn(late);
  return [...forgotten, ...(await made())];
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) => permutations(list.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
/** Every choice of at least one. */
function subsets<T>([first, ...rest]: readonly T[]): T[][] {
  if (first === undefined) return [];
  const others = subsets(rest);
  return [[first], ...others, ...others.map((some) => [first, ...some])];
}

let count = 0;
const stripe = (type: string, object: Body, livemode = true): Body => {
  count += 1;
  return { id: `evt_${count}`, object: 'event', type, livemode, created: SECONDS, data: { object } };
};
const session = (more: Body) =>
  stripe('checkout.session.completed', {
    object: 'checkout.session',
    id: 'cs_live_a1abcdefghijklmnopqrstuvwxyz',
    payment_status: 'paid',
    amount_total: 4900,
    currency: 'eur',
    customer: 'cus_1',
    customer_details: { email: 'ann@example.com' },
    metadata: { gclid: 'click' },
    ...more,
  });
const invoice = (more: Body) =>
  stripe('invoice.paid', {
    object: 'invoice',
    id: 'in_1abcdefghijklmnopqrstuvwx',
    status: 'paid',
    billing_reason: 'subscription_create',
    amount_paid: 4900,
    total: 4900,
    currency: 'eur',
    customer: 'cus_1',
    status_transitions: { paid_at: SECONDS - 1 },
    ...more,
  });
const intent = (more: Body) =>
  stripe('payment_intent.succeeded', {
    object: 'payment_intent',
    id: 'pi_1',
    status: 'succeeded',
    amount_received: 4900,
    currency: 'eur',
    customer: 'cus_1',
    ...more,
  });
const charge = (more: Body) =>
  stripe('charge.succeeded', {
    object: 'charge',
    id: 'ch_1',
    payment_intent: 'pi_1',
    status: 'succeeded',
    captured: true,
    amount_captured: 4900,
    currency: 'eur',
    customer: 'cus_1',
    created: SECONDS,
    ...more,
  });
const refund = (more: Body = {}) =>
  stripe('refund.created', {
    object: 'refund',
    id: 're_1',
    status: 'succeeded',
    amount: 900,
    currency: 'eur',
    charge: 'ch_1',
    payment_intent: 'pi_1',
    created: SECONDS,
    ...more,
  });
const IN_WORDS = { description: 'Subscription creation' };

/** The hooks of one sale, the best first, by how much the API version says of what belongs together. */
const SALES: Record<string, () => Body[]> = {
  'a checkout': () => [session({ mode: 'payment', payment_intent: 'pi_1' }), intent({}), charge({})],
  'a checkout that names itself in its payment': () => [
    session({ mode: 'payment', payment_intent: 'pi_1' }),
    intent({ payment_details: { order_reference: 'cs_live_a1abcdefghijklmnopqrstuvwxyz' } }),
    charge({}),
  ],
  'a first invoice of 2022': () => [
    session({ mode: 'subscription', invoice: 'in_1abcdefghijklmnopqrstuvwx' }),
    invoice({ payment_intent: 'pi_1', charge: 'ch_1' }),
    intent({ invoice: 'in_1abcdefghijklmnopqrstuvwx', ...IN_WORDS }),
    charge({ invoice: 'in_1abcdefghijklmnopqrstuvwx', ...IN_WORDS }),
  ],
  'a first invoice of spring 2025, which payments name in words': () => [
    session({ mode: 'subscription', invoice: 'in_1abcdefghijklmnopqrstuvwx' }),
    invoice({}),
    intent(IN_WORDS),
    charge(IN_WORDS),
  ],
  'a checkout of autumn 2025 that names its invoice, of which its payment names the first 25 characters': () => [
    session({ mode: 'subscription', invoice: 'in_1abcdefghijklmnopqrstuvwx' }),
    invoice({}),
    intent({ ...IN_WORDS, payment_details: { order_reference: 'in_1abcdefghijklmnopqrstu' } }),
  ],
  'a first invoice of autumn 2025, which payments name by its first 25 characters': () => [
    invoice({}),
    intent({
      ...IN_WORDS,
      customer: null,
      payment_details: { order_reference: 'in_1abcdefghijklmnopqrstu' },
    }),
  ],
};

describe.each(Object.entries(SALES))('%s', (_, hooksOf) => {
  let store: Store;
  beforeAll(async () => {
    store = await buildStore('stripe');
  });

  test.each(subsets(hooksOf().map((__, index) => index)).map((indexes) => ({ indexes })))(
    'is one purchase when hooks $indexes are subscribed',
    async ({ indexes }) => {
      const bodies = hooksOf();
      for (const order of permutations(indexes)) {
        for (const together of [true, false]) {
          const events = await tell(
            store,
            'stripe',
            order.map((index) => bodies[index] ?? {}),
            together,
          );
          expect([order, events.map(({ name, total }) => [name, total])]).toEqual([order, [['purchase', 49]]]);
          // What tells most of the sale is what is counted.
          if (order.includes(0) && bodies[0]?.type === 'checkout.session.completed')
            expect([order, events[0]?.gclid]).toEqual([order, 'click']);
        }
      }
    },
  );

  test('is found by its refund, whenever that comes', async () => {
    const bodies = hooksOf();
    for (const position of [0, 1, bodies.length]) {
      const events = await tell(store, 'stripe', bodies.toSpliced(position, 0, refund()), false);
      const sale = events.find(({ name }) => name === 'purchase');
      const back = events.find(({ name }) => name === 'refund');
      expect(events).toHaveLength(2);
      expect([back?.order_id, back?.transaction_id]).toEqual([sale?.order_id, sale?.transaction_id]);
    }
  });
});

describe.each<[string, () => Body[]]>([
  [
    'in 2022',
    () => [
      invoice({ billing_reason: 'subscription_cycle', payment_intent: 'pi_1', charge: 'ch_1' }),
      intent({ invoice: 'in_1abcdefghijklmnopqrstuvwx' }),
      charge({ invoice: 'in_1abcdefghijklmnopqrstuvwx' }),
    ],
  ],
  [
    'in 2026',
    () => [
      invoice({
        billing_reason: 'subscription_cycle',
        payments: { data: [{ payment: { payment_intent: 'pi_1' } }] },
      }),
      intent({ payment_details: { order_reference: 'in_1abcdefghijklmnopqrstu' } }),
      charge({}),
    ],
  ],
])('a renewal %s whose payments are described in the shop’s own words', (_, hooksOf) => {
  const orders = () => permutations(hooksOf());

  test('is no purchase, whichever hook comes first, nor is its refund one of a purchase', async () => {
    const store = await buildStore('stripe');
    for (const order of orders()) {
      for (const together of [true, false]) {
        expect(await tell(store, 'stripe', order, together)).toEqual([]);
        expect(await tell(store, 'stripe', order, together, [refund()])).toEqual([]);
      }
    }
  });

  test('is one purchase where the store counts renewals', async () => {
    const store = await buildStore('stripe', { channels: ['online', 'renewal'] });
    for (const order of orders()) {
      const events = await tell(store, 'stripe', order, true);
      expect(events.map(({ name, channel, total }) => [name, channel, total])).toEqual([['purchase', 'renewal', 49]]);
    }
  });
});

test('two invoices of the same customer and amount within an hour are two purchases where they name their payments', async () => {
  const store = await buildStore('stripe');
  const told = (id: string, payment_intent: string, after: number) =>
    invoice({ id, payment_intent, billing_reason: 'manual', status_transitions: { paid_at: SECONDS + after } });
  const events = await tell(store, 'stripe', [told('in_A', 'pi_A', 0), told('in_B', 'pi_B', 1200)], true);
  expect(events.map(({ name, total }) => [name, total])).toEqual([
    ['purchase', 49],
    ['purchase', 49],
  ]);
});

describe('a refund', () => {
  const refunded = (previous: number, total: number, created = SECONDS) => ({
    ...stripe('charge.refunded', { object: 'charge', id: 'ch_1', currency: 'eur', amount_refunded: total }),
    created,
    data: {
      object: { object: 'charge', id: 'ch_1', payment_intent: 'pi_1', currency: 'eur', amount_refunded: total },
      previous_attributes: { amount_refunded: previous },
    },
  });
  test('of all that was paid is worth what was sold, though it names neither tax nor shipping', async () => {
    const store = await buildStore('stripe');
    const sold = session({
      mode: 'payment',
      payment_intent: 'pi_1',
      total_details: { amount_tax: 850, amount_shipping: 50 },
    });
    const events = await tell(store, 'stripe', [sold, refund({ amount: 4900 })], false);
    expect(events.map(({ name, value, total }) => [name, value, total])).toEqual([
      ['purchase', 40, 49],
      ['refund', 40, 49],
    ]);
  });

  test.each([
    ['told by itself and by its charge', () => [refund(), refunded(0, 900, SECONDS + 2)], [9]],
    ['told by its charge alone', () => [refunded(0, 900)], [9]],
    [
      'and another of the same amount an hour later',
      () => [refunded(0, 900), refunded(900, 1800, SECONDS + 3600)],
      [9, 9],
    ],
    [
      'and another of the same amount half a minute later',
      () => [refund(), refunded(0, 900, SECONDS + 1), refund({ id: 're_2', created: SECONDS + 30 })],
      [9, 9],
    ],
  ])('%s is as many refunds', async (_, hooksOf, totals) => {
    const store = await buildStore('stripe');
    for (const order of permutations(hooksOf())) {
      const events = await tell(store, 'stripe', [intent({}), ...order], true);
      expect(events.flatMap(({ name, total }) => (name === 'refund' ? total : []))).toEqual(totals);
    }
  });
});

describe('an order of Magento', () => {
  const event = (code: string, value: Body): Body => {
    count += 1;
    return { type: `com.adobe.commerce.observer.${code}`, event_id: `e${count}`, data: { value } };
  };
  const created_at = '2026-11-23 08:59:00';
  const money = { order_currency_code: 'EUR', grand_total: '60.00', subtotal: '60.00', created_at };
  const saved = (more: Body = {}) =>
    event('sales_order_save_commit_after', {
      entity_id: '7',
      increment_id: '000000007',
      state: 'processing',
      customer_email: 'ann@example.com',
      ...money,
      ...more,
    });
  const invoiced = () =>
    event('sales_order_invoice_save_commit_after', {
      entity_id: '3',
      increment_id: '3',
      order_id: '7',
      state: 2,
      ...money,
    });
  const credited = () =>
    event('sales_order_creditmemo_save_commit_after', { entity_id: '5', increment_id: '5', order_id: '7', ...money });
  const stape = (): Body => ({
    event: 'purchase_stape_webhook',
    ecommerce: { transaction_id: '000000007', value: 60, tax: 0, shipping: 0, currency: 'EUR', items: [] },
  });

  test.each([
    ['saved three times', () => [saved({ state: 'new' }), saved(), saved({ state: 'complete' })]],
    ['saved and invoiced', () => [saved(), invoiced()]],
    ['saved without its id, and told by a module', () => [saved({ entity_id: null }), stape()]],
    ['saved, invoiced, and told by a module', () => [saved(), invoiced(), stape()]],
  ])('%s is one purchase', async (_, hooksOf) => {
    const store = await buildStore('magento');
    for (const order of permutations(hooksOf())) {
      const events = await tell(store, 'magento', order, false);
      expect(events.map(({ name, total }) => [name, total])).toEqual([['purchase', 60]]);
    }
  });

  test('that is saved and invoiced is told by the save, which knows the buyer', async () => {
    const store = await buildStore('magento');
    for (const order of permutations([saved(), invoiced()])) {
      const [purchase] = await tell(store, 'magento', order, true);
      expect(purchase).toMatchObject({ transaction_id: '000000007', user_data: { email_address: 'ann@example.com' } });
    }
  });

  test('is found by its credit memo, which knows it by another id than the buyer', async () => {
    const store = await buildStore('magento');
    for (const order of permutations([saved(), credited()])) {
      const events = await tell(store, 'magento', order, false);
      const refunded = events.find(({ name }) => name === 'refund');
      expect(refunded).toMatchObject({ order_id: '7', transaction_id: '000000007', total: 60 });
    }
  });

  test('that is heard to be paid long after its credit memo came is counted with it', async () => {
    const store = await buildStore('magento');
    const events = await tell(store, 'magento', [saved({ state: 'holded' }), credited()], false, [saved()]);
    expect(events.map(({ name, total }) => [name, total])).toEqual([
      ['purchase', 60],
      ['refund', 60],
    ]);
  });
});

describe('an order of Square that is paid in two parts', () => {
  const square = (type: string, object: Body): Body => {
    count += 1;
    return { type, event_id: `sq-${count}`, created_at: '2026-11-23T08:59:00Z', data: { object } };
  };
  const part = (id: string, amount: number) =>
    square('payment.updated', {
      payment: {
        id,
        order_id: 'ORDER1',
        status: 'COMPLETED',
        source_type: 'CARD',
        amount_money: { amount, currency: 'USD' },
        total_money: { amount, currency: 'USD' },
        application_details: { square_product: 'ECOMMERCE_API' },
        created_at: '2026-11-23T08:59:00Z',
      },
    });
  const refunded = (payment_id: string) =>
    square('refund.updated', {
      refund: {
        id: `${payment_id}_R1`,
        payment_id,
        order_id: 'RETURN1',
        status: 'COMPLETED',
        amount_money: { amount: 500, currency: 'USD' },
        created_at: '2026-11-23T08:59:30Z',
      },
    });

  test('is one purchase, and a refund of either part finds it', async () => {
    const store = await buildStore('square');
    for (const together of [true, false]) {
      for (const order of permutations([part('P1', 2000), part('P2', 3000)])) {
        const events = await tell(store, 'square', order, together, [refunded('P1'), refunded('P2')]);
        expect(events.map(({ name, order_id, transaction_id }) => [name, order_id, transaction_id])).toEqual([
          ['purchase', 'ORDER1', 'ORDER1'],
          ['refund', 'ORDER1', 'ORDER1'],
          ['refund', 'ORDER1', 'ORDER1'],
        ]);
      }
    }
  });
});

describe('a payment of PayPal', () => {
  const paypal = (event_type: string, resource: Body): Body => {
    count += 1;
    return { id: `WH-${count}`, event_type, resource: { create_time: '2026-11-23T08:59:00Z', ...resource } };
  };
  const captured = (id: string, more: Body = {}) =>
    paypal('PAYMENT.CAPTURE.COMPLETED', {
      id,
      status: 'COMPLETED',
      amount: { value: '30.00', currency_code: 'EUR' },
      invoice_id: 'SHOP-1',
      supplementary_data: { related_ids: { order_id: 'ORDER1' } },
      ...more,
    });
  const refunded = (capture: string) =>
    paypal('PAYMENT.CAPTURE.REFUNDED', {
      id: 'R1',
      status: 'COMPLETED',
      amount: { value: '5.00', currency_code: 'EUR' },
      links: [{ rel: 'up', href: `https://api.paypal.com/v2/payments/captures/${capture}` }],
    });

  test('captured in two parts is one purchase, and a refund of either part finds it', async () => {
    const store = await buildStore('paypal', {}, { webhook_id: 'W' });
    for (const together of [true, false]) {
      for (const order of permutations([captured('C1'), captured('C2', { final_capture: true })])) {
        const events = await tell(store, 'paypal', order, together, [refunded('C2')]);
        expect(events.map(({ name, transaction_id }) => [name, transaction_id])).toEqual([
          ['purchase', 'SHOP-1'],
          ['refund', 'SHOP-1'],
        ]);
      }
    }
  });

  test('captured in two parts with an invoice number each is two purchases, which receivers tell apart', async () => {
    const store = await buildStore('paypal', {}, { webhook_id: 'W' });
    const events = await tell(store, 'paypal', [captured('C1'), captured('C2', { invoice_id: 'SHOP-1b' })], true);
    expect(events.map(({ transaction_id, total }) => [transaction_id, total])).toEqual([
      ['SHOP-1', 30],
      ['SHOP-1b', 30],
    ]);
  });

  test('is found by its refund, which only knows the capture', async () => {
    const store = await buildStore('paypal', {}, { webhook_id: 'W' });
    for (const order of permutations([captured('C1'), refunded('C1')])) {
      const events = await tell(store, 'paypal', order, false);
      const back = events.find(({ name }) => name === 'refund');
      expect(back).toMatchObject({ order_id: 'ORDER1', transaction_id: 'SHOP-1', total: 5 });
    }
  });

  test('that did not count has no refund either', async () => {
    const store = await buildStore('paypal', {}, { webhook_id: 'W' });
    const pending = captured('C1', { status: 'PENDING' });
    expect(await tell(store, 'paypal', [pending, refunded('C1')], false)).toEqual([]);
  });
});

describe('an order of Shopify that is paid days after it was placed', () => {
  const placed = new Date(START - 4 * 24 * 60 * MINUTE).toISOString();
  const paid = new Date(START - 5_000).toISOString();
  const order = (topic: string, more: Body = {}) => ({
    topic,
    id: 6001,
    created_at: placed,
    processed_at: placed,
    updated_at: paid,
    financial_status: 'paid',
    source_name: 'web',
    currency: 'EUR',
    total_price: '30.00',
    ...more,
  });

  test('is one purchase, on the day it was paid, whichever hook comes first', async () => {
    const store = await buildStore('shopify');
    const pending = order('orders/create', { financial_status: 'pending', updated_at: placed });
    for (const rest of permutations([order('orders/paid'), order('orders/updated')])) {
      const events = await tell(store, 'shopify', [pending, ...rest], false);
      expect(events.map(({ event_time }) => event_time)).toEqual([paid]);
    }
  });

  test('counts on the day it was placed where no hook tells of the payment', async () => {
    const events = await tell(await buildStore('shopify'), 'shopify', [order('orders/updated')], false);
    expect(events.map(({ event_time }) => event_time)).toEqual([placed]);
  });
});

describe('an order of Shopify whose buyer is offered more after paying', () => {
  const placed = new Date(START - 5_000).toISOString();
  const line = (sku: string, price: string, fulfillable_quantity: number) => ({
    sku,
    price,
    quantity: 1,
    current_quantity: 1,
    fulfillable_quantity,
  });
  const order = (topic: string, total_price: string, line_items: Body[], more: Body = {}) => ({
    topic,
    id: 6002,
    created_at: placed,
    processed_at: placed,
    financial_status: 'paid',
    source_name: 'web',
    currency: 'EUR',
    total_price,
    line_items,
    ...more,
  });
  const held = () => order('orders/paid', '30.00', [line('LAMP', '30.00', 0)]);
  const total = (events: Event[]) => events.map((event) => [event.total, event.items?.length]);

  test('counts once, with what was added', async () => {
    const more = order('orders/updated', '42.00', [line('LAMP', '30.00', 1), line('BULB', '12.00', 1)]);
    const events = await tell(
      await buildStore('shopify'),
      'shopify',
      [held(), { ...held(), topic: 'orders/create' }, more],
      false,
    );
    expect(total(events)).toEqual([[42, 2]]);
  });

  test('counts as it was placed where nothing is added and no hook comes any more', async () => {
    expect(total(await tell(await buildStore('shopify'), 'shopify', [held()], false))).toEqual([[30, 1]]);
  });

  test('counts before what is paid back within the hour, which finds it', async () => {
    const refund = {
      topic: 'refunds/create',
      id: 7002,
      order_id: 6002,
      created_at: new Date(START).toISOString(),
      transactions: [{ kind: 'refund', status: 'success', amount: '30.00', currency: 'EUR' }],
    };
    const first = { ...held(), note_attributes: [{ name: '_ga', value: 'GA1.1.111.222' }] };
    const cancelled = { ...first, topic: 'orders/updated', cancelled_at: placed, financial_status: 'refunded' };
    for (const bodies of [
      [first, refund],
      [first, refund, cancelled],
      [first, cancelled, refund],
    ]) {
      const events = await tell(await buildStore('shopify'), 'shopify', bodies, false);
      expect(events.map(({ name, client_id }) => [name, client_id])).toEqual([
        ['purchase', '111.222'],
        ['refund', '111.222'],
      ]);
    }
  });

  test('counts at once where the goods were sent before, or wait for another reason a day later', async () => {
    const sent = order('orders/paid', '30.00', [line('LAMP', '30.00', 0)], { fulfillment_status: 'fulfilled' });
    const later = { created_at: new Date(START - DAY).toISOString() };
    const more = order('orders/updated', '42.00', [line('LAMP', '30.00', 1), line('BULB', '12.00', 1)]);
    for (const first of [sent, { ...held(), ...later }]) {
      const events = await tell(
        await buildStore('shopify'),
        'shopify',
        [first, { ...more, created_at: first.created_at }],
        false,
      );
      expect(total(events)).toEqual([[30, 1]]);
    }
  });
});

describe('a refund of Shopify that its payment provider confirms later', () => {
  const at = new Date(START - 5_000).toISOString();
  const refund = (status: string) => ({
    id: 7003,
    order_id: 6003,
    created_at: at,
    transactions: [{ kind: 'refund', status, amount: '30.00', currency: 'EUR' }],
  });
  const order = (topic: string, financial_status: string, refunds: Body[] = [], more: Body = {}) => ({
    topic,
    id: 6003,
    created_at: at,
    updated_at: at,
    financial_status,
    source_name: 'web',
    currency: 'EUR',
    total_price: '30.00',
    refunds,
    ...more,
  });
  const told = (status: string) => ({ ...refund(status), topic: 'refunds/create' });
  const back = (more: Body = {}) => order('orders/updated', 'refunded', [refund('success')], more);
  const paid = order('orders/paid', 'paid');

  test.each([
    ['told by its order alone', [paid, told('pending'), order('orders/updated', 'paid', [refund('pending')]), back()]],
    ['told by both', [paid, told('success'), back(), back()]],
    ['told by its order first', [paid, back(), told('success')]],
    ['of a cancelled order', [paid, told('pending'), back({ cancelled_at: at })]],
  ])('counts once where it is %s', async (_, bodies) => {
    const events = await tell(await buildStore('shopify'), 'shopify', bodies, false);
    expect(events.map(({ name, total }) => [name, total])).toEqual([
      ['purchase', 30],
      ['refund', 30],
    ]);
  });

  test('does not count where it failed, or where its order did not count', async () => {
    const store = await buildStore('shopify');
    const failed = order('orders/updated', 'paid', [refund('failure')]);
    const events = await tell(store, 'shopify', [paid, told('pending'), failed], false);
    expect(events.map(({ name }) => name)).toEqual(['purchase']);
    expect(await tell(store, 'shopify', [back({ cancelled_at: at })], false)).toEqual([]);
    expect(await tell(store, 'shopify', [back({ source_name: 'pos' })], false)).toEqual([]);
  });
});

describe('a refund of Shopify that its order first tells of days after it was made', () => {
  const days = (count: number) => new Date(START - count * DAY).toISOString();
  const refund = (age: number) => ({
    id: 7004,
    order_id: 6004,
    created_at: days(age),
    processed_at: days(age),
    transactions: [{ kind: 'refund', status: 'success', amount: '30.00', currency: 'EUR' }],
  });
  const order = (age: number) => ({
    topic: 'orders/updated',
    id: 6004,
    created_at: days(age),
    updated_at: days(0),
    financial_status: 'refunded',
    source_name: 'web',
    currency: 'EUR',
    total_price: '30.00',
    refunds: [refund(age)],
  });
  const times = async (bodies: Body[], over: Body = {}) => {
    const events = await tell(await buildStore('shopify', over), 'shopify', bodies, false);
    return events.flatMap(({ name, event_time }) => (name === 'refund' ? [event_time] : []));
  };

  test('counts at the time of its order where that is days later: GA4 would not take it', async () => {
    expect(await times([order(1)])).toEqual([days(1)]);
    expect(await times([order(4)])).toEqual([days(0)]);
    expect(await times([order(6.9)])).toEqual([days(0)]);
  });

  test('counts no more where it counted already, and is as old as it is after more than a week', async () => {
    const paid = { ...order(4), topic: 'orders/paid', updated_at: days(4), financial_status: 'paid', refunds: [] };
    expect(await times([paid, { ...refund(4), topic: 'refunds/create' }, order(4)])).toEqual([days(4)]);
    expect(await times([order(8)])).toEqual([]);
    expect(await times([order(30)], { max_age: '60d' })).toEqual([days(30)]);
  });
});

describe('a form of Pipedrive, which makes a person and a lead', () => {
  const created = (entity: string, id: string | number, data: Body): Body => {
    count += 1;
    const meta = { action: 'create', entity, entity_id: String(id), id: `hook-${count}`, version: '2.0' };
    return { meta, data: { id, ...data }, previous: null };
  };
  const person = () => created('person', 77, { name: 'Ann Lee', add_time: '2026-11-23T08:59:59Z' });
  const lead = (add_time = '2026-11-23T09:00:01Z') =>
    created('lead', `lead-${add_time}`, { person_id: 77, add_time, custom_fields: { gclid: 'click' } });
  const store = buildStore('pipedrive', {}, { user: 'bridge' });

  test('is one lead, told by what knows the click', async () => {
    for (const order of permutations([person(), lead()])) {
      const events = await tell(await store, 'pipedrive', order, false);
      expect(events.map(({ name, gclid }) => [name, gclid])).toEqual([['generate_lead', 'click']]);
    }
  });

  test('is a lead again when the same person sends it on another day', async () => {
    const events = await tell(await store, 'pipedrive', [person(), lead(), lead('2026-11-23T08:00:00Z')], false);
    expect(events.map(({ name }) => name)).toEqual(['generate_lead', 'generate_lead']);
  });

  test('is the person where no lead is made of them', async () => {
    const events = await tell(await store, 'pipedrive', [person()], false);
    expect(events.map(({ name, lead_id }) => [name, lead_id])).toEqual([['generate_lead', '77']]);
  });
});

describe('an order of WooCommerce that was paid back', () => {
  const told = (more: Body = {}): Body => ({
    id: 727,
    number: '727',
    status: 'processing',
    date_paid_gmt: '2026-11-23T08:59:00',
    currency: 'EUR',
    total: '60.00',
    refunds: [{ id: 728, total: '-20.00' }],
    ...more,
  });

  test('and is edited after all of it but its number is forgotten, counts no refund twice, and a new one once', async () => {
    const store = await buildStore('woocommerce');
    const refunds = [
      { id: 728, total: '-20.00' },
      { id: 730, total: '-5.00' },
    ];
    const late = [told({ customer_note: 'call first' }), told({ refunds })];
    const events = await tell(store, 'woocommerce', [told()], false, late, true);
    expect(events.map(({ name, total }) => [name, total])).toEqual([
      ['purchase', 60],
      ['refund', 20],
      ['refund', 5],
    ]);
  });
});

test('an order of a sender that tells no time of it is one purchase, also when it is told again after months', async () => {
  const purchase = { when: { paid: true }, key: 'id', fields: { order_id: 'id', currency: "'EUR'", total: 'total' } };
  const refund = {
    when: { back: { exists: true } },
    key: 'id',
    fields: { order_id: 'id', currency: "'EUR'", total: 'back' },
  };
  const store = await buildStore('generic', {}, { events: { purchase, refund } });
  const paid = { id: '1001', paid: true, total: '60.00' };
  const late = [
    { ...paid, shipped: true },
    { ...paid, back: '20.00' },
    { ...paid, back: '20.00', note: 'again' },
  ];
  const events = await tell(store, 'generic', [paid], false, late, true);
  expect(events.map(({ name, total }) => [name, total])).toEqual([
    ['purchase', 60],
    ['refund', 20],
  ]);
});
