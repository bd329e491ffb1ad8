// The look-ups of shops and payment providers: what they ask for real shapes of thin hooks, and the events that come of the answers.
import { describe, expect, test } from 'vitest';
import { map, type Table } from '../support/map-thin.ts';

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

describe('WooCommerce', () => {
  const settings = { shop_domain: 'lamps.example/shop', consumer_key: 'ck_made_up', consumer_secret: 'cs_made_up' };
  const line = (id: number, over: Table = {}) => ({
    id,
    name: 'Table lamp',
    product_id: 31,
    variation_id: 0,
    quantity: 3,
    sku: 'LAMP-T',
    total: '120.00',
    total_tax: '25.20',
    meta_data: [],
    parent_name: null,
    ...over,
  });
  const order = (refunds: unknown[], over: Table = {}) => ({
    id: 812,
    number: '812',
    status: 'processing',
    currency: 'EUR',
    total: '161.59',
    total_tax: '28.04',
    shipping_total: '5.50',
    shipping_tax: '1.15',
    created_via: 'checkout',
    date_created_gmt: '2026-01-14T09:00:00',
    date_paid_gmt: '2026-01-14T09:00:20',
    date_modified_gmt: '2026-01-15T11:58:00',
    line_items: [
      line(61),
      line(62, { name: 'Bulb', product_id: 32, sku: '', quantity: 2, total: '8.05', total_tax: '1.69' }),
    ],
    fee_lines: [],
    refunds,
    ...over,
  });
  const short = (id: number, total: string, over: Table = {}) => ({ id, reason: '', total, ...over });
  const refund = (id: number, amount: string, over: Table = {}) => ({
    id,
    date_created_gmt: '2026-01-15T11:58:00',
    amount,
    reason: '',
    line_items: [],
    shipping_lines: [],
    fee_lines: [],
    ...over,
  });
  const back = (of: number, quantity: number, total: string, total_tax: string, over: Table = {}) =>
    line(of + 900, {
      quantity,
      total,
      total_tax,
      meta_data: [{ key: '_refunded_item_id', value: String(of) }],
      ...over,
    });
  const refunds = async (told: unknown[], listed: unknown[] | undefined, over: Table = {}, given: Table = settings) => {
    const { urls, events, reason } = await map(
      'woocommerce',
      given,
      order(told, over),
      listed === undefined ? {} : { refunds: listed },
      {
        'x-wc-webhook-topic': 'order.updated',
      },
    );
    return { urls, reason, made: events.filter(({ name }) => name === 'refund') };
  };
  const API = 'https://lamps.example/shop/wp-json/wc/v3/orders/812/refunds';

  test('nobody is asked about refunds where the source sends none', async () => {
    const without = { ...settings, events: { refund: 'off' } };
    expect(await refunds([short(901, '-48.40')], undefined, {}, without)).toMatchObject({ urls: [], made: [] });
  });

  test('refunds in part get their articles, tax and shipping, all by one question', async () => {
    const lamp = refund(901, '48.40', { line_items: [back(61, -1, '-40.00', '-8.40')] });
    const rest = refund(902, '11.52', {
      line_items: [back(62, -1, '-4.02', '-0.85', { name: 'Bulb', product_id: 32, sku: null })],
      shipping_lines: [{ id: 990, total: '-5.50', total_tax: '-1.15' }],
    });
    const { urls, made } = await refunds([short(902, '-11.52'), short(901, '-48.40')], [rest, lamp]);
    expect(urls).toEqual([`${API}?include=902%2C901&per_page=100`]);
    expect(made).toMatchObject([
      { total: 11.52, value: 4.02, tax: 2, shipping: 5.5, items: [{ item_id: '32', price: 4.02, quantity: 1 }] },
      {
        total: 48.4,
        value: 40,
        tax: 8.4,
        items: [{ item_id: 'LAMP-T', item_name: 'Table lamp', price: 40, quantity: 1 }],
      },
    ]);
    expect(made[1]).not.toHaveProperty('shipping');
  });

  test('of an article of which only some of the price went back no piece did', async () => {
    const { made } = await refunds(
      [short(903, '-12.10')],
      [refund(903, '12.10', { line_items: [back(61, 0, '-10.00', '-2.10')] })],
    );
    expect(made).toMatchObject([{ value: 10, tax: 2.1, items: [{ item_id: 'LAMP-T', price: 10 }] }]);
    expect(made[0]?.items?.[0]).not.toHaveProperty('quantity');
  });

  test('an article that was deleted since goes by the same id as in its purchase', async () => {
    const gone = { product_id: 0, sku: null };
    const { made } = await refunds(
      [short(904, '-48.40')],
      [refund(904, '48.40', { line_items: [back(61, -1, '-40.00', '-8.40', gone)] })],
    );
    expect(made).toMatchObject([{ items: [{ item_id: '61' }] }]);
  });

  test('a fee that went back is no part of the value, nor is one that was a discount', async () => {
    const fee = (total: string, total_tax: string) => [{ id: 991, name: 'Fee', total, total_tax }];
    const lamp = [back(61, -1, '-40.00', '-8.40')];
    const { made } = await refunds(
      [short(905, '-50.82'), short(906, '-45.98')],
      [
        refund(905, '50.82', { line_items: lamp, fee_lines: fee('-2.00', '-0.42') }),
        refund(906, '45.98', { line_items: lamp, fee_lines: fee('2.00', '0.42') }),
      ],
    );
    expect(made).toMatchObject([
      { value: 40, tax: 8.82 },
      { value: 40, tax: 7.98 },
    ]);
  });

  test('one of shipping alone does not count where shipping does not', async () => {
    const told = [short(907, '-6.65')];
    const listed = [refund(907, '6.65', { shipping_lines: [{ id: 990, total: '-5.50', total_tax: '-1.15' }] })];
    expect((await refunds(told, listed)).made).toEqual([]);
  });

  test('one by amount alone is what WooCommerce tells of it', async () => {
    const { made } = await refunds([short(908, '-5.00', { total_tax: '0.00' })], [refund(908, '5.00')]);
    expect(made).toMatchObject([{ total: 5, value: 5 }]);
    expect(made[0]).not.toHaveProperty('tax');
    expect(made[0]).not.toHaveProperty('items');
  });

  test('of the whole order nobody is asked: the order says it all', async () => {
    const { urls, made } = await refunds([short(909, '-161.59')], []);
    expect(urls).toEqual([]);
    expect(made).toMatchObject([{ total: 161.59, value: 128.05, items: [{ item_id: 'LAMP-T' }, { item_id: '32' }] }]);
  });

  test('an order without refunds asks for none, nor one of a source without the domain', async () => {
    expect(await refunds([], [])).toEqual({ urls: [], made: [], reason: undefined });
    const { urls, reason, made } = await refunds([short(910, '-5.00')], [], {}, {});
    expect([urls, reason]).toEqual([[], undefined]);
    expect(made).toMatchObject([{ total: 5, value: 5 }]);
  });

  test('of which the shop does not answer is worth what went back, and the reason says so', async () => {
    const { made, reason } = await refunds(
      [short(911, '-12.10', { total_tax: '-2.10' })],
      undefined,
      {},
      { shop_domain: 'lamps.example' },
    );
    expect(made).toMatchObject([{ total: 12.1, tax: 2.1, value: 10 }]);
    expect(reason).toBe('without the articles of refunds in part: the source has no consumer_key');
  });
});
