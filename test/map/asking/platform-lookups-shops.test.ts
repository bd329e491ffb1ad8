// The look-ups of shops: what they ask for real shapes of thin hooks, and the events that come of the answers.
import { describe, expect, test } from 'vitest';
import { map, type Table } from '../../support/map-thin.ts';

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
