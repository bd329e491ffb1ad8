// `when` tables: every kind of test over values, missing fields and lists, and the reasons they give.
import { describe, expect, it } from 'vitest';
import { compileCondition, type Evaluate } from '../../src/map/condition.ts';
import { compileTest } from '../../src/map/condition-test.ts';
import { compileExpression } from '../../src/map/expression/expression.ts';
import { functions } from '../../src/map/functions/functions.ts';

const compile = (text: string) => compileExpression(text, { functions, bindings: ['topic'] });
const evaluate: Evaluate = (run, input, env) => run.evaluate(input, env);
const check = (table: Record<string, unknown>, input: unknown, env = {}) =>
  compileCondition(table, compile)(input, env, evaluate);
const reason = (table: Record<string, unknown>, input: unknown) => {
  const verdict = check(table, input);
  return verdict.holds ? 'holds' : verdict.reason;
};
const fits = (test: unknown, value: unknown) => compileTest(test)?.fits(value);

describe('a test', () => {
  it.each([
    ['paid', 'paid', true],
    ['paid', 'Paid', false],
    ['12', 12, true],
    ['12.50', 12.5, false],
    ['true', true, true],
    [12.5, 12.5, true],
    [12.5, '12.50', true],
    [0, '0.00', true],
    [12.5, '12,50', false],
    [12.5, true, false],
    [0, '', false],
    [1, true, false],
    [true, true, true],
    [true, 'true', true],
    [true, 1, true],
    [true, '1', true],
    [true, 'yes', false],
    [false, false, true],
    [false, '0', true],
    [false, 'no', false],
    [['paid', 5], 'paid', true],
    [['paid', 5], '5.0', true],
    [['paid', 5], 'open', false],
    ['paid', ['open', 'paid'], true],
    ['paid', ['open'], false],
    ['paid', { status: 'paid' }, false],
    [{ not: 'paid' }, 'open', true],
    [{ not: 'paid' }, 'paid', false],
    [{ not: ['paid', 'open'] }, 'open', false],
    [{ not: 'paid' }, ['open', 'paid'], false],
    [{ not: { gt: 5 } }, 4, true],
    [{ exists: true }, 0, true],
    [{ exists: true }, false, true],
    [{ exists: true }, {}, true],
    [{ exists: false }, 0, false],
    [{ gt: 5 }, '5.01', true],
    [{ gt: 5 }, 5, false],
    [{ gte: 5 }, 5, true],
    [{ lt: 5 }, -1, true],
    [{ lte: 5 }, '5.00', true],
    [{ lte: 5 }, 'five', false],
    [{ gt: 0, lt: 10 }, 10, false],
    [{ gt: 0, lt: 10 }, '9.99', true],
    [{ matches: 'orders/*' }, 'orders/paid', true],
    [{ not: { matches: '*b2b*' } }, 'vip, b2b', false],
    [{ not: { matches: '*b2b*' } }, 'vip', true],
    [{ not: { matches: '*b2b*' } }, undefined, true],
    [{ matches: 'orders/*' }, 'refunds/orders/', false],
    [{ matches: '*@example.com' }, 'jane@example.com', true],
    [{ matches: 'a*b*c' }, 'aXbYc', true],
    [{ matches: 'a*b*c' }, 'aXc', false],
    [{ matches: 'ab*ba' }, 'aba', false],
    [{ matches: 'a*ba*b' }, 'abab', true],
    [{ matches: 'paid' }, 'paid', true],
    [{ matches: 'pai' }, 'paid', false],
    [{ matches: 'a.c' }, 'abc', false],
    [{ matches: '*' }, 5, true],
    [{ matches: '*' }, {}, false],
  ])('%j over %j: %s', (test, value, expected) => {
    expect(fits(test, value)).toBe(expected);
  });

  it.each([
    ['paid', false],
    [0, false],
    [false, false],
    [['paid'], false],
    [{ gt: 0 }, false],
    [{ lt: 0 }, false],
    [{ matches: '*' }, false],
    [{ exists: true }, false],
    [{ exists: false }, true],
    [{ not: 'paid' }, true],
    [{ not: { exists: false } }, false],
  ])('%j over a missing field or an empty list: %s', (test, expected) => {
    expect([fits(test, undefined), fits(test, [])]).toEqual([expected, expected]);
  });

  it.each([
    [null],
    [{}],
    [{ greater: 5 }],
    [{ gt: '5' }],
    [{ gt: 5, than: 6 }],
    [{ exists: 'yes' }],
    [{ matches: 5 }],
    [[{}]],
    [{ not: {} }],
  ])('%j is none', (test) => {
    expect(compileTest(test)).toBeUndefined();
  });

  it('over a pattern with many stars takes no time', () => {
    expect(fits({ matches: `${'*a'.repeat(5_000)}b` }, 'a'.repeat(20_000))).toBe(false);
  });
});

describe('a table', () => {
  const order = { status: 'paid', total: '12.50', customer: { tier: 'gold' }, items: [{ sku: 'A' }, { sku: 'B' }] };

  it('holds when all of its tests hold, over paths and expressions', () => {
    const table = {
      status: ['paid', 'open'],
      'customer.tier': { not: 'none' },
      '$count(items)': { gte: 2 },
      'items.sku': 'B',
      $topic: 'x',
    };
    expect(check(table, order, { topic: 'x' })).toEqual({ holds: true });
    expect(check(table, order, { topic: 'y' })).toEqual({ holds: false, reason: '$topic is "y" (must be x)' });
    expect(check({}, order)).toEqual({ holds: true });
  });

  it('needs one table under any, besides its other tests', () => {
    const any = [{ status: 'open' }, { total: { gt: 10 }, status: 'paid' }];
    expect(check({ any, 'customer.tier': 'gold' }, order).holds).toBe(true);
    expect(check({ any, 'customer.tier': 'none' }, order).holds).toBe(false);
    expect(check({ any: [{ any: [{ status: 'paid' }] }] }, order).holds).toBe(true);
    expect(check({ any: [] }, order).holds).toBe(false);
  });

  it.each([
    ["status = 'paid' and $number(total) > 10", true],
    ['items[sku = "Z"]', false],
    ['items.sku', true],
    ['customer', true],
    ['nothing', false],
    ['[false, 0, ""]', false],
    ['{}', false],
  ])('has JSONata in expression: %s is %s', (expression, expected) => {
    expect(check({ expression }, order).holds).toBe(expected);
  });

  it('leaves out what could not be compiled, and tells where each text stands', () => {
    const places: unknown[] = [];
    const table = { a: 1, any: [{ b: 2, expression: 'c' }], expression: 'd' };
    const condition = compileCondition(table, (text, path) => void places.push([text, path]));
    expect(condition({}, {}, evaluate)).toMatchObject({ holds: true });
    expect(places).toEqual([
      ['a', ['a']],
      ['b', ['any', 0, 'b']],
      ['c', ['any', 0, 'expression']],
      ['d', ['expression']],
    ]);
  });

  it('refuses what is no test', () => {
    expect(() => check({ status: { is: 'paid' } }, order)).toThrow('status: this is no test');
  });

  it('lets the caller decide how expressions are evaluated', () => {
    const condition = compileCondition({ status: 'paid' }, compile);
    expect(condition({}, {}, () => 'paid').holds).toBe(true);
    expect(() =>
      condition({}, {}, () => {
        throw new Error('later');
      }),
    ).toThrow('later');
  });
});

describe('the reason of a table that does not hold', () => {
  it.each([
    [
      { status: ['paid', 'partially_refunded', 'refunded'] },
      { status: 'pending' },
      'status is "pending" (must be paid, partially_refunded or refunded)',
    ],
    [{ stage: 'Closed, won' }, { stage: 'Lost' }, 'stage is "Lost" (must be Closed, won)'],
    [{ stage: ['Won', 'Closed, won'] }, { stage: 'Lost' }, 'stage is "Lost" (must be Won or Closed, won)'],
    [{ status: 'paid' }, {}, 'status is missing; does the subscription send all fields?'],
    [{ gone: { exists: true } }, {}, 'gone is missing; does the subscription send all fields?'],
    [
      { cancelled_at: { exists: false } },
      { cancelled_at: '2026-01-02' },
      'cancelled_at is "2026-01-02" (must be empty)',
    ],
    [{ test: { not: true } }, { test: true }, 'test is "true" (must not be true)'],
    [{ 'parent_id > 0': { not: true } }, { parent_id: 7 }, 'parent_id > 0 holds (must not)'],
    [{ 'total > paid': true }, { total: 1, paid: 2 }, 'total > paid does not hold (must)'],
    [{ total: { gt: 0, lte: 100 } }, { total: '0.00' }, 'total is "0.00" (must be more than 0 and be at most 100)'],
    [{ topic: { matches: 'orders/*' } }, { topic: 'carts/x' }, 'topic is "carts/x" (must be like orders/*)'],
    [{ email: 'none' }, { email: 'jane@example.com' }, 'email is something else (must be none)'],
    [{ note: 'none' }, { note: 'x'.repeat(41) }, 'note is something else (must be none)'],
    [{ tel: 'none' }, { tel: '+31 6 12345678' }, 'tel is something else (must be none)'],
    [{ tel: 'none' }, { tel: '06-12 34 56 78' }, 'tel is something else (must be none)'],
    [{ phone: 'none' }, { phone: 612345678 }, 'phone is something else (must be none)'],
    [{ client: 'none' }, { client: '203.0.113.77' }, 'client is something else (must be none)'],
    [
      { 'billing.last_name': 'none' },
      { billing: { last_name: 'Vries' } },
      'billing.last_name is something else (must be none)',
    ],
    [
      { 'to_address.name': 'none' },
      { to_address: { name: 'Mila' } },
      'to_address.name is something else (must be none)',
    ],
    [{ 'to_address.country': 'NL' }, { to_address: { country: 'BE' } }, 'to_address.country is "BE" (must be NL)'],
    [{ source_name: 'web' }, { source_name: '1354745' }, 'source_name is "1354745" (must be web)'],
    [{ day: 'none' }, { day: '2026-01-15' }, 'day is "2026-01-15" (must be none)'],
    [{ items: 'none' }, { items: [{ a: 1 }] }, 'items is something else (must be none)'],
    [{ expression: 'a > 5' }, { a: 1 }, 'the expression does not hold: a > 5'],
    [{ any: [{ a: 1 }, { b: 2 }] }, { a: 2 }, 'a is "2" (must be 1) and b is missing (one of them is enough)'],
    [
      { any: [{ a: 1 }, { b: 2 }] },
      {},
      'a is missing and b is missing (one of them is enough); does the subscription send all fields?',
    ],
  ])('%j over %j', (table, input, expected) => {
    expect(reason(table, input)).toBe(expected);
  });
});
