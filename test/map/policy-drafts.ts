// Purchases and refunds that a mapping drafted, and the policies of a store.
import type { Draft, Policies, Values } from '../../src/map/policy.ts';

export const NOW = Date.parse('2026-11-18T12:00:00Z');
export const DAY = 86_400_000;
export const policies = (over: Partial<Policies> = {}): Policies => ({
  value: { tax: 'exclude', shipping: 'exclude' },
  channels: ['online', 'phone'],
  zero_value: 'ignore',
  test_orders: 'ignore',
  max_age: 7 * DAY,
  ...over,
});
export const ORDER: Values = { order_id: '1', currency: 'EUR', event_time: new Date(NOW - 60_000).toISOString() };
export const purchase = (values: Values, items?: Values[]): Draft => ({
  name: 'purchase',
  values: { ...ORDER, ...values },
  ...(items && { items }),
});
export const refund = (values: Values): Draft => ({ name: 'refund', values: { ...ORDER, ...values } });
