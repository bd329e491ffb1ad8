// What the store's policies make of an order beside its value, which orders count, and what may be said about the buyer.
import { describe, expect, test } from 'vitest';
import { applyPolicies, type Draft, notCounted, type Policies, type Values } from '../../src/map/policy.ts';
import { DAY, NOW, ORDER, policies, purchase, refund } from './policy-drafts.ts';

describe('applyPolicies', () => {
  test('changes nothing of what it is given', () => {
    const draft = purchase({ total: 10.005, channel: 'phone', user_agent: 'x' }, [{ amount: 10.005, quantity: 3 }]);
    const before = structuredClone(draft);
    applyPolicies(draft, policies({ currency: 'USD' }));
    expect(draft).toEqual(before);
  });

  test('never invents a currency, and takes the store’s only where the sender names none', () => {
    const { currency: _, ...rest } = ORDER;
    const bare = (values: Values): Draft => ({ name: 'purchase', values: { ...rest, ...values } });
    expect(applyPolicies(bare({ total: 1 }), policies()).values.currency).toBeUndefined();
    expect(applyPolicies(bare({ total: 1 }), policies({ currency: 'USD' })).values.currency).toBe('USD');
    expect(applyPolicies(purchase({ total: 1 }), policies({ currency: 'USD' })).values.currency).toBe('EUR');
    const lead = (values: Values): Draft => ({ name: 'generate_lead', values });
    expect(applyPolicies(lead({}), policies({ currency: 'USD' })).values.currency).toBeUndefined();
    expect(applyPolicies(lead({ value: 5 }), policies({ currency: 'USD' })).values.currency).toBe('USD');
  });

  test('takes the order id for the transaction, and the transaction for the event, where the mapping says no other', () => {
    expect(applyPolicies(purchase({ total: 1 }), policies()).values).toMatchObject({
      transaction_id: '1',
      event_id: '1',
    });
    const named = applyPolicies(purchase({ total: 1, transaction_id: '#1042' }), policies()).values;
    expect(named).toMatchObject({ transaction_id: '#1042', event_id: '#1042' });
    expect(applyPolicies(refund({ total: 1 }), policies()).values.event_id).toBeUndefined();
  });

  const device = {
    ip_override: '203.0.113.7',
    user_agent: 'x',
    page_location: 'y',
    page_referrer: 'z',
    language: 'nl',
    session_id: '1',
  };

  test.each([
    ['phone', 'phone_call'],
    ['pos', 'physical_store'],
    ['renewal', 'system_generated'],
  ])('%s orders are %s and say nothing about a device', (channel, source) => {
    const { values } = applyPolicies(purchase({ ...device, channel, total: 1, client_id: '1.2' }), policies());
    expect(values).toMatchObject({ action_source: source, client_id: '1.2' });
    expect(Object.keys(values).filter((name) => name in device)).toEqual([]);
  });

  test('an order is online unless mapped, and keeps its device and its own action source', () => {
    expect(applyPolicies(purchase({ ...device, total: 1 }), policies()).values).toMatchObject({
      ...device,
      channel: 'online',
      action_source: 'website',
    });
    expect(applyPolicies(purchase({ total: 1, action_source: 'chat' }), policies()).values.action_source).toBe('chat');
  });

  test('what a CRM did by itself is system generated', () => {
    expect(applyPolicies({ name: 'qualify_lead', values: {} }, policies()).values.action_source).toBe(
      'system_generated',
    );
  });
});

describe('what does not count', () => {
  const say = (draft: Draft, over: Partial<Policies> = {}) =>
    notCounted(applyPolicies(draft, policies(over)), policies(over), NOW)?.reason;
  const old = { event_time: new Date(NOW - 8 * DAY).toISOString() };

  test('only because of its age may have been counted elsewhere', () => {
    const isOld = (draft: Draft) => notCounted(applyPolicies(draft, policies({})), policies({}), NOW)?.is_old;
    expect(isOld(purchase({ total: 1, ...old }))).toBe(true);
    expect(isOld(purchase({ total: 1, test: true, ...old }))).toBeUndefined();
    expect(isOld(purchase({ total: 0 }))).toBeUndefined();
  });

  test.each([
    ['a paid order', purchase({ total: 1 }), {}, undefined],
    ['a test order', purchase({ total: 1, test: true }), {}, 'a test order'],
    ['a test order of a store that wants them', purchase({ total: 1, test: true }), { test_orders: 'send' }, undefined],
    [
      'a till order',
      purchase({ total: 1, channel: 'pos' }),
      {},
      'the store does not count pos orders (channels: online, phone)',
    ],
    [
      'a till order of a store that counts them',
      purchase({ total: 1, channel: 'pos' }),
      { channels: ['pos'] },
      undefined,
    ],
    [
      'an old order',
      purchase({ total: 1, ...old }),
      {},
      'it happened 8 days before it arrived, more than max_age allows',
    ],
    ['an old order of a patient store', purchase({ total: 1, ...old }), { max_age: 9 * DAY }, undefined],
    ['a free order', purchase({ total: 0 }), {}, 'its value is 0 (zero_value: send counts such orders)'],
    ['a free order of a store that wants them', purchase({ total: 0 }), { zero_value: 'send' }, undefined],
    [
      'a free order with paid shipping',
      purchase({ total: 5, shipping: 5 }),
      {},
      'its value is 0 (zero_value: send counts such orders)',
    ],
    ['an order of which nothing was left to pay', purchase({ value: 5, total: 0 }), {}, undefined],
    ['a refund', refund({ total: 1 }), {}, undefined],
    ['a refund of nothing', refund({ total: 0 }), { zero_value: 'send' }, 'no money went back'],
    ['a refund whose mapping tells a value alone', refund({ value: 20 }), {}, undefined],
    [
      'a refund below 0',
      refund({ total: -5 }),
      {},
      'less than nothing went back; take the minus off its amount with $absolute',
    ],
    [
      'a refund of a value below 0',
      refund({ value: -5 }),
      {},
      'less than nothing went back; take the minus off its amount with $absolute',
    ],
    ['a refund of the value 0', refund({ value: 0 }), { zero_value: 'send' }, 'no money went back'],
    [
      'a refund of shipping',
      refund({ total: 5, shipping: 5 }),
      {},
      'only shipping or tax went back, which the store does not count',
    ],
    [
      'a refund of shipping that counts',
      refund({ total: 5, shipping: 5 }),
      { value: { tax: 'exclude', shipping: 'include' } },
      undefined,
    ],
    [
      'an old lead',
      { name: 'generate_lead', values: old },
      {},
      'it happened 8 days before it arrived, more than max_age allows',
    ],
  ] as [string, Draft, Partial<Policies>, string | undefined][])('%s', (_, draft, over, reason) => {
    expect(say(draft, over)).toBe(reason);
  });
});
