// Running rules: expressions that need the interpreter, mistakes at run time, lists of records and of elements.
import { describe, expect, test } from 'vitest';
import { ACME, type Files, mistakes, ORDER, SHOP, tryIn } from '../support/yaml.ts';

const platform = (head: string, rules: string) => `platform: shop
title: A shop
verify: { scheme: hmac, header: x-signature }
hook: { topic: $headers."x-topic" }
${head}
events:
${rules}`;
const rule = (name: string, more: string) => `  ${name}:
    key: $string(id)
    fields: { order_id: $string(id), event_time: paid_at, currency: currency, total: total }
${more}`;
const files = (shop: string): Files => ({ 'shop.yaml': shop, 'stores/acme.yaml': ACME });
const couponOf = ({ events }: Awaited<ReturnType<typeof tryIn>>) => events.map(({ coupon }) => coupon);

/** Needs jsonata itself: closures leave $map to it. */
const INTERPRETED = "$join($map($words, function($word) { $uppercase($word) }), '-')";

describe('an expression that needs the interpreter', () => {
  const fields = (words: string) => `    let: { words: "${words}" }
    fields:
      order_id: $string(id)
      event_time: paid_at
      currency: currency
      total: total
      coupon: "${INTERPRETED}"
    key: $string(id)
`;

  test('in two rules over one record gives each rule what its own variables say', async () => {
    const shop = platform('', `  purchase:\n${fields('first')}  sale:\n${fields('second')}    emit: sale\n`);
    const tried = await tryIn(files(shop), { ...ORDER, first: ['a', 'b'], second: ['c'] });
    expect(couponOf(tried)).toEqual(['A-B', 'C']);
  });

  test('over equal elements of different records gives each record its own answer', async () => {
    const shop = platform(
      'split: orders',
      `  line:
    each: lines
    key: $string($record.id) & $string($)
    fields: { lead_id: $string($record.id), event_time: $record.paid_at, coupon: "$join($map([$record.word], function($w) { $w }))" }
`,
    );
    const orders = [
      { ...ORDER, id: 1, word: 'one', lines: ['x'] },
      { ...ORDER, id: 2, word: 'two', lines: ['x'] },
    ];
    expect(couponOf(await tryIn(files(shop), { orders }))).toEqual(['one', 'two']);
  });

  test('that fails makes the hook stuck with the place of the field', async () => {
    const shop = platform(
      '',
      rule('purchase', '').replace('total: total', 'total: "$sum($map([total], function($t) { $plus($t, 1) }))"'),
    );
    const { hook } = await tryIn(files(shop), { ...ORDER, total: 'twelve' });
    expect(hook.verdict).toBe('stuck');
    expect(hook.reason).toMatch(/^shop\.yaml:\d+:\d+ purchase\.total: \$plus was given something that is no decimal/);
  });
});

test('a rule without a key knows its event by the order, and else by the lead', async () => {
  const fields = 'event_time: paid_at, currency: currency, total: total';
  const shop = platform(
    '',
    `  purchase:\n    fields: { order_id: $string(id), ${fields} }
  sale:\n    emit: sale\n    fields: { lead_id: $string(id), ${fields} }\n`,
  );
  const { hook, events } = await tryIn(files(shop), ORDER);
  expect(hook.verdict).toBe('mapped');
  expect(events.map(({ order_id, lead_id }) => order_id ?? lead_id)).toEqual([String(ORDER.id), String(ORDER.id)]);
});

test('expressions of items know the variables of their rule, and what the rule read them from', async () => {
  const items = 'items: { each: lines, fields: { item_id: sku, item_brand: $maker, item_name: $record.currency } }';
  const shop = platform(
    '',
    rule('purchase', '')
      .replace('total: total', `total: total, ${items}`)
      .replace('  purchase:\n', '  purchase:\n    each: orders\n    let: { maker: maker }\n'),
  );
  const { events } = await tryIn(files(shop), { orders: [{ ...ORDER, maker: 'Lumen', lines: [{ sku: 'LAMP-1' }] }] });
  expect(events[0]?.items).toMatchObject([{ item_id: 'LAMP-1', item_brand: 'Lumen', item_name: ORDER.currency }]);
});

describe('a mistake at run time', () => {
  test('in a variable of the platform makes the record stuck, not the bridge fail', async () => {
    const shop = platform('let: { sum: "$plus(total, 1)" }', rule('purchase', ''));
    const { hook, events } = await tryIn(files(shop), { ...ORDER, total: 'twelve' });
    expect(hook).toMatchObject({ verdict: 'stuck' });
    expect(hook.reason).toContain('$plus was given something');
    expect(events).toEqual([]);
  });

  test('in the split expression makes the hook stuck', async () => {
    const shop = platform('split: $plus(total, 1)', rule('purchase', ''));
    expect((await tryIn(files(shop), { ...ORDER, total: 'twelve' })).hook.verdict).toBe('stuck');
  });

  test('in one record leaves its neighbours their events', async () => {
    const shop = platform('split: orders', rule('purchase', ''));
    const orders = [{ ...ORDER, id: 1 }, { ...ORDER, id: 2, total: 'twelve' }, 5, { ...ORDER, id: 3 }];
    const { hook, events } = await tryIn(files(shop), { orders });
    expect(hook.verdict).toBe('stuck');
    expect(hook.reason).toContain('"twelve" is no amount');
    expect(events.map(({ order_id }) => order_id)).toEqual(['1', '3']);
  });

  test('in one element leaves its neighbours their events', async () => {
    const shop = platform(
      '',
      `  refund:
    each: refunds
    key: $string(id)
    fields: { order_id: $string($record.id), event_time: $record.paid_at, currency: $record.currency, total: amount }
`,
    );
    const refunds = [{ id: 1, amount: '2.00' }, { id: 2, amount: 'much' }, { amount: '1.00' }, { id: 4, amount: 3 }];
    const { hook, events } = await tryIn(files(shop), { ...ORDER, refunds });
    expect(hook.reason).toContain('refund.total: "much" is no amount');
    expect(hook.reason).toContain('refund.key: gives no id to know this event by');
    expect(events.map(({ total }) => total)).toEqual([2, 3]);
  });
});

describe('a field with several expressions', () => {
  const shop = platform('', rule('purchase', '').replace('total: total', 'total: total, coupon: [a.b, c, "\'last\'"]'));

  test.each([
    [{ a: { b: 'first' }, c: 'second' }, 'first'],
    [{ a: { b: '' }, c: 'second' }, 'second'],
    [{ a: { b: [] }, c: null }, 'last'],
    [{ a: { b: false }, c: 'second' }, 'false'],
    [{ a: { b: 0 } }, '0'],
  ])('takes of %j the first that gives a value', async (more, coupon) => {
    expect(couponOf(await tryIn(files(shop), { ...ORDER, ...more }))).toEqual([coupon]);
  });
});

describe('defaults', () => {
  const shop = platform(
    'defaults: { status: state, total: "$times(cents, 0.01)" }',
    rule('purchase', '    when: { status: [paid, done] }\n'),
  );

  test.each([
    ['stand in for fields that are missing', { status: null, state: 'done', total: '', cents: 250 }, 2.5],
    ['leave fields that are there', { state: 'open', cents: 250 }, 12.5],
    ['leave 0 and false, which are values', { total: 0, cents: 250, store: 1 }, undefined],
  ])('%s', async (_, more, total) => {
    const { events } = await tryIn(files(shop), { ...ORDER, ...more });
    expect(events[0]?.total).toBe(total);
  });

  test('are what a store tests, and can be changed by it', async () => {
    const acme = ACME.replace(
      '] }',
      '], defaults: { status: stage }, events: { purchase: { when: { status: won } } } }',
    );
    const { events } = await tryIn(
      { ...files(shop), 'stores/acme.yaml': acme },
      { ...ORDER, status: null, stage: 'won' },
    );
    expect(events).toHaveLength(1);
  });
});

describe('free parameters', () => {
  test('keep the type they have in the body', async () => {
    const shop = platform(
      '',
      rule('purchase', '').replace(
        'total: total',
        'total: total, custom.gift: gift, custom.weight: kg, custom.note: note',
      ),
    );
    const { events } = await tryIn(files(shop), { ...ORDER, gift: true, kg: 0, note: '0' });
    expect(events[0]?.custom).toEqual({ gift: true, weight: 0, note: '0' });
  });

  test('named like a page are told without what opens something', async () => {
    const shop = platform(
      '',
      rule('purchase', '').replace('total: total', 'total: total, custom.page_location: page, custom.note: page'),
    );
    const page = 'https://shop.example/?key=X1&a=1';
    const { events } = await tryIn(files(shop), { ...ORDER, page });
    expect(events[0]?.custom).toEqual({ page_location: 'https://shop.example/?a=1', note: page });
  });
});

describe('which rules run', () => {
  const two = platform(
    'topics: { "cart.*": a cart is no order }',
    rule('purchase', '    topics: [order.paid, "order.*.done"]\n') +
      rule('note', '    topics: [note.made]\n    emit: note\n'),
  );
  const verdict = async (topic: string) => (await tryIn(files(two), ORDER, { headers: { 'x-topic': topic } })).hook;

  test('those of the topic, where * stands for anything', async () => {
    expect((await verdict('order.paid')).verdict).toBe('mapped');
    expect((await verdict('order.really.done')).verdict).toBe('mapped');
    expect((await verdict('order.done')).verdict).toBe('ignored');
    expect((await verdict('orderXpaid')).reason).toBe('no rule takes orderXpaid');
  });

  test('none for a topic that the platform says makes no event, with its words', async () => {
    expect(await verdict('cart.updated')).toMatchObject({ verdict: 'ignored', reason: 'a cart is no order' });
  });

  test('all when nobody says a topic', async () => {
    const { events } = await tryIn(files(two), ORDER, { headers: { 'x-topic': '' } });
    expect(events.map(({ name }) => name)).toEqual(['purchase', 'note']);
  });

  test('a rule that does not hold says which test failed and how', async () => {
    const given = { 'shop.yaml': SHOP, 'stores/acme.yaml': ACME };
    expect((await tryIn(given, { ...ORDER, status: 'open' })).hook.reason).toBe(
      'purchase: status is "open" (must be paid)',
    );
    expect((await tryIn(given, { ...ORDER, status: null })).hook.reason).toBe(
      'purchase: status is missing; does the subscription send all fields?',
    );
  });
});

describe('a record that makes no event', () => {
  const shop = platform(
    "no_event: \"status = 'draft' ? 'a draft is no order'\"",
    rule('purchase', '    when: { status: paid }\n'),
  );

  test('says why in the words of the platform file, where it has any', async () => {
    expect((await tryIn(files(shop), { ...ORDER, status: 'draft' })).hook.reason).toBe('a draft is no order');
    expect((await tryIn(files(shop), { ...ORDER, status: 'open' })).hook.reason).toMatch(/^purchase: status is "open"/);
  });

  test('keeps the reason of the store’s policies, and of no other rule', async () => {
    const shop = platform(
      'no_event: "\'nothing\'"',
      rule('purchase', '') + rule('refund', '    when: { status: gone }\n'),
    );
    const { hook } = await tryIn(files(shop), { ...ORDER, paid_at: '2025-01-01T00:00:00Z' });
    expect(hook.reason).toMatch(/^purchase 7: it happened 686 days before .* max_age allows$/);
  });
});

describe('a rule', () => {
  test.each([
    ['on', ['purchase']],
    ['{ enabled: true }', ['purchase']],
    ['{ fields: { transaction_id: $string(id) } }', ['purchase']],
    ['{ enabled: false, fields: { transaction_id: $string(id) } }', []],
    ['off', []],
  ])('that is not enabled works only where the store names it: %s', async (said, names) => {
    const shop = platform('', rule('purchase', '    enabled: false\n'));
    expect((await tryIn(files(shop), ORDER)).events).toEqual([]);
    const acme = ACME.replace('shop: {', `shop: { events: { purchase: ${said} },`);
    const { events } = await tryIn({ 'shop.yaml': shop, 'stores/acme.yaml': acme }, ORDER);
    expect(events.map(({ name }) => name)).toEqual(names);
  });

  test('that is not enabled leaves nothing of its conditions to a store with its own', async () => {
    const shop = platform('', rule('purchase', '    enabled: false\n    when: { status: shipped }\n'));
    const acme = ACME.replace('shop: {', 'shop: { events: { purchase: { when: { total: "12.50" } } },');
    const { events } = await tryIn({ 'shop.yaml': shop, 'stores/acme.yaml': acme }, ORDER);
    expect(events.map(({ name }) => name)).toEqual(['purchase']);
  });

  test('that there is not cannot be switched on', () => {
    const acme = ACME.replace('shop: {', 'shop: { events: { renewal: on },');
    expect(mistakes({ 'shop.yaml': SHOP, 'stores/acme.yaml': acme }).join()).toMatch(
      /^stores\/acme.yaml:3:\d+ INVALID events.renewal/,
    );
  });

  test('makes the event that its expression names', async () => {
    const shop = platform('', rule('any', "    let: { kind: \"status = 'paid' ? 'sale'\" }\n    emit: $kind\n"));
    expect((await tryIn(files(shop), ORDER)).events.map(({ name }) => name)).toEqual(['sale']);
    const { hook } = await tryIn(files(shop), { ...ORDER, status: 'open' });
    expect(hook).toMatchObject({ verdict: 'stuck', reason: expect.stringContaining('any.emit: names no event') });
  });

  test('whose expression names no legal event makes the hook stuck', async () => {
    const shop = platform('', rule('any', '    emit: $string(status)\n'));
    const { hook } = await tryIn(files(shop), { ...ORDER, status: 'no event' });
    expect(hook.verdict).toBe('stuck');
  });
});
