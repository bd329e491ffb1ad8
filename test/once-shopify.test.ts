// One order of Shopify is one purchase at its full worth, on the day it was paid, and each of its refunds is one.
import { describe, expect, test } from 'vitest';
import type { Event } from '../src/event.ts';
import { buildStore } from './support/stores.ts';
import { type Body, DAY, MINUTE, permutations, START, useTell } from './support/tell.ts';

const tell = useTell();

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
