// One sale at Stripe is one purchase, whichever of its many hooks are subscribed and in whatever order, and its refund finds it.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../src/map/files/load.ts';
import { buildStore } from './support/stores.ts';
import { type Body, permutations, SECONDS, useTell } from './support/tell.ts';

const tell = useTell();
let count = 0;

/** Every choice of at least one. */
function subsets<T>([first, ...rest]: readonly T[]): T[][] {
  if (first === undefined) return [];
  const others = subsets(rest);
  return [[first], ...others, ...others.map((some) => [first, ...some])];
}

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
const AN_ACCOUNT = { customer: null, customer_account: 'acct_1' };

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
  'a first invoice of 2026 whose customer is an account': () => [
    session({ mode: 'subscription', invoice: 'in_1abcdefghijklmnopqrstuvwx', ...AN_ACCOUNT }),
    invoice(AN_ACCOUNT),
    intent({ ...IN_WORDS, ...AN_ACCOUNT }),
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
