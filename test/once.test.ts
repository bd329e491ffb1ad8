// One sale is one purchase, whichever hooks tell it and in whatever order, and its refund finds it: shops and CRMs with a few hooks each.
import { describe, expect, test } from 'vitest';
import { mapHook } from '../src/map/map.ts';
import { buildStore } from './support/stores.ts';
import { type Body, DAY, permutations, SECONDS, START, useTell } from './support/tell.ts';

const tell = useTell();
let count = 0;

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

test('an order of BigCommerce paid by bank transfer counts on the day it was paid, whichever hook comes first', async () => {
  const inWords = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000');
  const order = {
    ...{ id: 1042, status_id: 11, date_created: inWords(START - 4 * DAY), order_source: 'www' },
    ...{ default_currency_code: 'EUR', total_ex_tax: '60.0000', total_inc_tax: '60.0000', total_tax: '0.0000' },
  };
  const hook = (scope: string, more: Body = {}) => {
    const data = { type: 'order', id: 1042, ...more };
    return { scope, producer: 'stores/lampsx1', created_at: SECONDS - 5, data, order };
  };
  const paid = hook('store/order/statusUpdated', { status: { previous_status_id: 7, new_status_id: 11 } });
  const unasked = { products: 'off', transactions: 'off' };
  const store = await buildStore('bigcommerce', {}, { store_hash: 'lampsx1', api_token: 'token', lookups: unasked });
  const days = async (hooks: Body[]) =>
    (await tell(store, 'bigcommerce', hooks, false)).map(({ event_time }) => event_time.slice(0, 10));
  for (const hooks of permutations([paid, hook('store/order/updated')]))
    expect(await days(hooks)).toEqual(['2026-11-23']);
  expect(await days([hook('store/order/updated')])).toEqual(['2026-11-19']);
});

test('an order of BigCommerce that another hook counted meanwhile is asked about no further', async () => {
  const store = await buildStore('bigcommerce', {}, { store_hash: 'lampsx1', api_token: 'token', metafields: 'visit' });
  const source = store.sources.get('bigcommerce');
  if (source === undefined) throw new Error('the source is not there');
  const told = { scope: 'store/order/updated', producer: 'stores/lampsx1', data: { type: 'order', id: 1042 } };
  const hook = { headers: {}, body: Buffer.from(JSON.stringify(told)), received_at: START };
  const answer = { id: 1042, status_id: 11 };
  const { pending = [] } = await mapHook(source, hook, ({ lookup }) =>
    lookup.name === 'order' ? { answer } : undefined,
  );
  const wanted = ['products', 'transactions', 'metafields'].map((name) => [name, ['purchase:1042']]);
  expect(pending.map(({ lookup, events }) => [lookup.name, events])).toEqual(wanted);
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
