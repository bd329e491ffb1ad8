// What a store says over its platform: merged by key, switched off, replaced whole; and where each part is written.
import { describe, expect, test } from 'vitest';
import { mergeOver } from '../../../src/map/files/merge.ts';
import { ACME, mistakes, ORDER, SHOP, tryIn } from '../../support/yaml.ts';

const store = (source: string) =>
  ACME.replace(
    'shop: { platform: shop, secrets: [ ${SHOP_SECRET} ] }',
    `shop:\n    platform: shop\n    secrets: [ x ]\n${source}`,
  );
const files = (source: string, shop = SHOP) => ({ 'shop.yaml': shop, 'stores/acme.yaml': store(source) });
const event = async (source: string, body: object = {}, shop = SHOP) =>
  (await tryIn(files(source, shop), { ...ORDER, ...body })).events[0];
const reason = async (source: string, body: object = {}) =>
  (await tryIn(files(source), { ...ORDER, ...body })).hook.reason;

describe('a store’s fields', () => {
  test('are added to and replace those of the platform, key by key', async () => {
    const source = '    events: { purchase: { fields: { coupon: code, total: sum } } }';
    expect(await event(source, { code: 'VIP', sum: 9 })).toMatchObject({
      coupon: 'VIP',
      total: 9,
      currency: 'EUR',
      order_id: '7',
    });
  });

  test('take one away with off', async () => {
    const shop = SHOP.replace('total: total', 'total: total\n      coupon: code');
    expect(await event('', { code: 'VIP' }, shop)).toMatchObject({ coupon: 'VIP' });
    expect(
      await event('    events: { purchase: { fields: { coupon: off } } }', { code: 'VIP' }, shop),
    ).not.toHaveProperty('coupon');
  });

  test('as a constant replace what the platform maps; mapped by the store too, the constant is what it falls back to', async () => {
    const shop = SHOP.replace('total: total', 'total: total\n      coupon: code');
    const set = '    events: { purchase: { set: { coupon: NONE } } }';
    expect(await event(set, { code: 'VIP' }, shop)).toMatchObject({ coupon: 'NONE' });
    const both = '    events: { purchase: { set: { coupon: NONE }, fields: { coupon: code } } }';
    expect(await event(both, { code: 'VIP' }, shop)).toMatchObject({ coupon: 'VIP' });
    expect(await event(both, {}, shop)).toMatchObject({ coupon: 'NONE' });
  });

  test('of a list of expressions replace the whole list', async () => {
    const shop = SHOP.replace('total: total', 'total: total\n      coupon: [code, promo]');
    const source = '    events: { purchase: { fields: { coupon: [voucher] } } }';
    expect(await event(source, { code: 'A', promo: 'B' }, shop)).not.toHaveProperty('coupon');
  });
});

describe('a store’s conditions', () => {
  test('are merged key by key over the platform’s', async () => {
    const source = '    events: { purchase: { when: { status: [paid, open], country: NL } } }';
    expect(await event(source, { status: 'open', country: 'NL' })).toBeDefined();
    expect(await reason(source, { country: 'BE' })).toBe('purchase: country is "BE" (must be NL)');
  });

  test('replace a test whole: nothing of the platform’s is left in it', async () => {
    const source = '    events: { purchase: { when: { status: { not: void } } } }';
    expect(await event(source, { status: 'open' })).toBeDefined();
    expect(await reason(source, { status: 'void' })).toBe('purchase: status is "void" (must not be void)');
  });

  test('take one away with off, even by the word false', async () => {
    for (const off of ['off', 'false'])
      expect(await event(`    events: { purchase: { when: { status: ${off} } } }`, { status: 'any' })).toBeDefined();
  });

  test('that ask for false ask for it where the platform asks nothing', async () => {
    const source = '    events: { purchase: { when: { gift: false } } }';
    expect(await event(source, { gift: false })).toBeDefined();
    expect(await reason(source, { gift: true })).toBe('purchase: gift is "true" (must be false)');
  });

  test('with any: and expression: replace those of the platform whole', async () => {
    const shop = SHOP.replace(
      'when: { status: paid }',
      'when: { any: [ { status: paid }, { status: done } ], expression: $number(total) > 10 }',
    );
    const say = async (source: string, body: object) =>
      (await tryIn(files(source, shop), { ...ORDER, ...body })).hook.verdict;
    expect(await say('', { status: 'done' })).toBe('mapped');
    const any = '    events: { purchase: { when: { any: [ { status: open } ] } } }';
    expect(await say(any, { status: 'done' })).toBe('ignored');
    expect(await say(any, { status: 'open' })).toBe('mapped');
    expect(await say(any, { status: 'open', total: 5 })).toBe('ignored');
    expect(await say('    events: { purchase: { when: { expression: $number(total) < 10 } } }', { total: 5 })).toBe(
      'mapped',
    );
  });
});

describe('values that a store names in its conditions', () => {
  const shop = SHOP.replace(
    'when: { status: paid }',
    'when: { status: { not: void }, any: [ { status: paid }, { paid: yes } ] }',
  );
  const say = async (source: string, body: object) =>
    (await tryIn(files(source, shop), { ...ORDER, ...body })).hook.verdict;

  test('stand for those of the platform’s alternatives too', async () => {
    const source = '    events: { purchase: { when: { status: [paid, open] } } }';
    expect(await say('', { status: 'open' })).toBe('ignored');
    expect(await say(source, { status: 'open' })).toBe('mapped');
    expect(await say(source, { status: 'sent' })).toBe('ignored');
    expect(await say(source, { status: 'sent', paid: 'yes' })).toBe('ignored');
  });

  test('are not guessed from what it excludes', async () => {
    const source = '    events: { purchase: { when: { status: { not: [void, gone] } } } }';
    expect(await say(source, { status: 'open' })).toBe('ignored');
    expect(await say(source, { status: 'paid' })).toBe('mapped');
    expect(await say(source, { status: 'gone', paid: 'yes' })).toBe('ignored');
  });
});

describe('a store’s rules', () => {
  const NOTE = '{ key: $string(id), fields: { lead_id: $string(id), event_time: paid_at } }';

  test('are added to the platform’s', async () => {
    const { events } = await tryIn(files(`    events: { generate_lead: ${NOTE} }`), ORDER);
    expect(events.map(({ name }) => name)).toEqual(['purchase', 'generate_lead']);
  });

  test('switch one off', async () => {
    expect(await reason('    events: { purchase: off }')).toBe('no rule takes order.paid');
    expect((await tryIn(files(`    events: { purchase: off, generate_lead: ${NOTE} }`), ORDER)).events).toHaveLength(1);
  });

  test('may make the same event by another name', async () => {
    const source = `    events: { gift: { emit: purchase, when: { status: gift }, key: $string(id), fields: { order_id: $string(id), event_time: paid_at, currency: currency, total: total } } }`;
    expect((await event(source, { status: 'gift' }))?.name).toBe('purchase');
  });

  test('of one store leave other stores alone', async () => {
    const two = { ...files('    events: { purchase: off }'), 'stores/two.yaml': ACME.replace('acme', 'two') };
    expect((await tryIn(two, ORDER)).events).toEqual([]);
    expect((await tryIn(two, ORDER, { store: 'two' })).events).toHaveLength(1);
  });
});

describe('a mistake', () => {
  test('is told where it is written: in the store’s file or in the platform’s', () => {
    const wrongShop = SHOP.replace('currency: currency', 'currency: $wrong(currency)');
    const found = mistakes(files('    events: { purchase: { fields: { total: $nope(total) } } }', wrongShop));
    expect(found).toEqual([
      'shop.yaml:13:17 UNKNOWN_FUNCTION there is no function $wrong',
      'stores/acme.yaml:6:44 UNKNOWN_FUNCTION there is no function $nope',
    ]);
  });

  test('of a platform shows once, however many stores use it', () => {
    const wrongShop = SHOP.replace('currency: currency', 'currency: $wrong(currency)');
    const many = { ...files('', wrongShop), 'stores/two.yaml': ACME.replace('acme', 'two') };
    expect(mistakes(many)).toEqual([expect.stringContaining('shop.yaml:13:17')]);
  });
});

describe('mergeOver', () => {
  test('changes neither of its tables', () => {
    const base = Object.freeze({
      events: Object.freeze({ purchase: Object.freeze({ when: Object.freeze({ a: 1, b: 2 }) }) }),
    });
    const over = Object.freeze({
      events: Object.freeze({ purchase: Object.freeze({ when: Object.freeze({ a: 'off', c: 3 }) }) }),
    });
    expect(mergeOver(base, over)).toEqual({ events: { purchase: { when: { b: 2, c: 3 } } } });
  });

  test('takes off and false for values where nothing can be switched off', () => {
    expect(mergeOver({ hook: { test: 'x' } }, { hook: { test: false } })).toEqual({ hook: { test: false } });
  });
});
