// The look-ups of payment providers: what they ask for real shapes of thin hooks, and the events that come of the answers.
import { describe, expect, test } from 'vitest';
import { map, type Table } from '../../support/map-thin.ts';

describe('Square', () => {
  const headers = { 'square-environment': 'Production' };
  const payment = (over: Table = {}) => ({
    type: 'payment.updated',
    event_id: 'e',
    data: {
      object: {
        payment: {
          id: 'P1',
          order_id: 'O1',
          status: 'COMPLETED',
          created_at: '2026-01-15T11:58:00Z',
          amount_money: { amount: 12100, currency: 'EUR' },
          total_money: { amount: 12100, currency: 'EUR' },
          application_details: { square_product: 'ECOMMERCE_API' },
          ...over,
        },
      },
    },
  });
  const money = (amount: number) => ({ amount, currency: 'EUR' });
  const order = {
    order: {
      total_money: money(12100),
      total_tax_money: money(2100),
      total_discount_money: money(0),
      metadata: { _ga: 'GA1.1.11.22', gclid: 'Cj0K' },
      line_items: [
        {
          uid: 'u',
          catalog_object_id: 'LAMP',
          name: 'Lamp',
          quantity: '2',
          total_money: money(12100),
          total_tax_money: money(2100),
        },
      ],
    },
  };
  test('a payment gets the items of its order and the ids in its metadata', async () => {
    const { urls, events } = await map('square', { api_token: 'token' }, payment(), { order }, headers);
    expect(urls).toEqual(['https://connect.squareup.com/v2/orders/O1']);
    expect(events).toMatchObject([
      {
        order_id: 'O1',
        total: 121,
        tax: 21,
        value: 100,
        client_id: '11.22',
        gclid: 'Cj0K',
        items: [{ item_id: 'LAMP', price: 50, quantity: 2 }],
      },
    ]);
  });
  test('what the buyer said of consent, and the campaign, are read from the metadata too', async () => {
    const said = { consent_ad_user_data: 'denied', ttclid: 'T1', utm_source: 'mail', utm_id: '9' };
    const told = { order: { ...order.order, metadata: said } };
    const { events } = await map('square', { api_token: 'token' }, payment(), { order: told }, headers);
    expect(events).toMatchObject([
      { ttclid: 'T1', utm_source: 'mail', utm_id: '9', consent: { ad_user_data: 'denied' } },
    ]);
    const noted = payment({ note: '_ga=GA1.1.11.22&consent_ad_user_data=denied' });
    expect((await map('square', { api_token: 'token' }, noted, { order }, headers)).events).toMatchObject([
      { client_id: '11.22', consent: { ad_user_data: 'denied' } },
    ]);
  });
  test('the click of a visit before is read from the cookie that the code for checkouts writes there', async () => {
    const told = { order: { ...order.order, metadata: { _gcl_aw: 'GCL.1764792190.Cj0KCQ' } } };
    const { events } = await map('square', { api_token: 'token' }, payment(), { order: told }, headers);
    expect(events).toMatchObject([{ gclid: 'Cj0KCQ' }]);
  });
  test('a payment of a part of an order is worth the whole order', async () => {
    const part = payment({ total_money: money(6000), amount_money: money(6000) });
    const { events } = await map('square', { api_token: 'token' }, part, { order }, headers);
    expect(events).toMatchObject([{ total: 121, tax: 21, value: 100, items: [{ item_id: 'LAMP', price: 50 }] }]);
  });
  test('a tip that is not in the money of the order takes away no items', async () => {
    const tipped = payment({ total_money: money(12500), tip_money: money(400) });
    const { events } = await map('square', { api_token: 'token' }, tipped, { order }, headers);
    expect(events).toMatchObject([{ total: 125, tax: 21, value: 100, items: [{ item_id: 'LAMP', price: 50 }] }]);
  });
  test('a payment of a part leaves the tip of the whole order out of its value', async () => {
    const part = payment({ total_money: money(6000), amount_money: money(5800), tip_money: money(200) });
    const { line_items: _, ...bare } = order.order;
    const tipped = { order: { ...bare, total_money: money(12600), total_tip_money: money(500) } };
    const { events } = await map('square', { api_token: 'token' }, part, { order: tipped }, headers);
    expect(events).toMatchObject([{ total: 126, tax: 21, value: 100 }]);
  });
});

describe('PayPal', () => {
  const settings = { webhook_id: 'WH', client_id: 'a', client_secret: 'b' };
  const capture = (value: string, related_ids: Table | undefined = { order_id: 'O1' }, more: Table = {}) => ({
    id: 'WH-1',
    event_type: 'PAYMENT.CAPTURE.COMPLETED',
    create_time: '2026-01-15T11:58:00Z',
    resource: {
      id: 'C1',
      status: 'COMPLETED',
      create_time: '2026-01-15T11:58:00Z',
      amount: { currency_code: 'EUR', value },
      ...(related_ids !== undefined && { supplementary_data: { related_ids } }),
      ...more,
    },
  });
  const eur = (value: string) => ({ currency_code: 'EUR', value });
  const order = {
    id: 'O1',
    payer: { email_address: 'ann@example.com', payer_id: 'X1', name: { given_name: 'Ann', surname: 'Bo' } },
    purchase_units: [
      {
        amount: {
          ...eur('116.00'),
          breakdown: {
            item_total: eur('100.00'),
            discount: eur('10.00'),
            shipping: eur('5.00'),
            tax_total: eur('21.00'),
          },
        },
        items: [{ name: 'Lamp', sku: 'LAMP', quantity: '2', unit_amount: eur('50.00'), tax: eur('10.50') }],
        payments: { captures: [{ id: 'C1' }] },
      },
    ],
  };
  test('a capture gets the items, less the discount, and the buyer of its order', async () => {
    const { urls, events } = await map('paypal', settings, capture('116.00'), { order });
    expect(urls).toEqual(['https://api-m.paypal.com/v2/checkout/orders/O1']);
    expect(events).toMatchObject([
      {
        total: 116,
        tax: 21,
        shipping: 5,
        discount: 10,
        value: 90,
        items: [{ item_id: 'LAMP', price: 45, quantity: 2 }],
        user_data: { email_address: 'ann@example.com', address: { first_name: 'Ann' } },
      },
    ]);
  });
  test('a capture whose shipping was reduced has the shipping that was paid', async () => {
    const [unit] = order.purchase_units;
    const breakdown = { ...unit?.amount.breakdown, shipping_discount: eur('3.00') };
    const reduced = { ...order, purchase_units: [{ ...unit, amount: { ...eur('113.00'), breakdown } }] };
    const { events } = await map('paypal', settings, capture('113.00'), { order: reduced });
    expect(events).toMatchObject([{ total: 113, shipping: 2, value: 90 }]);
  });
  test('a capture of an order that names no items is worth what is left without tax, shipping and fees', async () => {
    const [unit] = order.purchase_units;
    const breakdown = { ...unit?.amount.breakdown, handling: eur('3.00'), insurance: eur('1.00') };
    const named = { ...unit, items: undefined, amount: { ...eur('120.00'), breakdown } };
    const { events } = await map('paypal', settings, capture('120.00'), {
      order: { ...order, purchase_units: [named] },
    });
    expect(events).toMatchObject([{ total: 120, tax: 21, shipping: 5, discount: 10, value: 90 }]);
    expect(events[0]).not.toHaveProperty('items');
  });
  test('a capture of an order whose discount pays for more than its articles is worth what was paid, and is told without them', async () => {
    const [unit] = order.purchase_units;
    const breakdown = { ...unit?.amount.breakdown, discount: eur('110.00') };
    const credited = { ...order, purchase_units: [{ ...unit, amount: { ...eur('16.00'), breakdown } }] };
    const { events } = await map('paypal', settings, capture('16.00'), { order: credited });
    expect(events).toMatchObject([{ total: 16, tax: 21, discount: 110, value: 16 }]);
    expect(events[0]).not.toHaveProperty('items');
  });
  test('a capture after which others will follow is worth the whole order', async () => {
    const { events } = await map('paypal', settings, capture('50.00', undefined, { final_capture: false }), { order });
    expect(events).toMatchObject([{ total: 116, tax: 21, value: 90, items: [{ item_id: 'LAMP', price: 45 }] }]);
  });
  test('the last capture of an order is worth what was captured of it in all', async () => {
    const [unit] = order.purchase_units;
    const captures = [
      { id: 'C0', status: 'COMPLETED', amount: eur('40.00') },
      { id: 'C1', status: 'COMPLETED', amount: eur('50.00') },
      { id: 'C2', status: 'DECLINED', amount: eur('26.00') },
    ];
    const { events } = await map('paypal', settings, capture('50.00', undefined, { final_capture: true }), {
      order: { ...order, purchase_units: [{ ...unit, payments: { captures } }] },
    });
    expect(events).toMatchObject([{ total: 90, value: 90 }]);
    expect(events[0]).not.toHaveProperty('items');
  });
  test('a capture with an invoice number of its own is worth what it is', async () => {
    const own = capture('50.00', undefined, { final_capture: false, invoice_id: 'SHOP-1b' });
    const { events } = await map('paypal', settings, own, { order });
    expect(events).toMatchObject([{ total: 50, transaction_id: 'SHOP-1b' }]);
  });
  test('a capture of a part has the buyer and no items', async () => {
    const { events } = await map('paypal', settings, capture('50.00'), { order });
    expect(events).toMatchObject([{ total: 50, value: 50, user_data: { email_address: 'ann@example.com' } }]);
    expect(events[0]).not.toHaveProperty('items');
  });
  test('a capture that names no order asks for none, nor does one of the sandbox', async () => {
    expect(await map('paypal', settings, capture('50.00', {}), { order })).toMatchObject({
      urls: [],
      events: [{ total: 50 }],
    });
    const headers = { 'paypal-cert-url': 'https://api.sandbox.paypal.com/v1/notifications/certs/C' };
    expect((await map('paypal', settings, capture('50.00'), { order }, headers)).urls).toEqual([]);
  });
});
