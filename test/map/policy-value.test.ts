// What an order is worth under the store's policies: with and without tax and shipping, by its items, in any currency.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minorUnits } from '../../src/lib/money.ts';
import { applyPolicies, type Draft, type Policies } from '../../src/map/policy.ts';
import { policies, purchase, refund } from './policy-drafts.ts';

type Include = Policies['value'];
const POLICIES: Include[] = [
  { tax: 'exclude', shipping: 'exclude' },
  { tax: 'exclude', shipping: 'include' },
  { tax: 'include', shipping: 'exclude' },
  { tax: 'include', shipping: 'include' },
];
const worthOf = (draft: Draft, value: Include) => applyPolicies(draft, policies({ value })).values.value;

describe('the value of a purchase with items', () => {
  // 2 lamps of 45.76 + 9.61 tax, 5 bulbs of 3.846 + 0.806 tax, shipping 4.13 + 0.87 tax, a tip of 3.00
  const draft = purchase({ total: 141.99, tax: 24.12, shipping: 4.13, shipping_tax: 0.87, tip: 3 }, [
    { item_id: 'lamp', quantity: 2, amount: 91.52, amount_tax: 19.22 },
    { item_id: 'bulb', quantity: 5, amount: 19.23, amount_tax: 4.03 },
  ]);

  test.each([
    ['exclude', 'exclude', 110.75, 45.76, 3.85],
    ['exclude', 'include', 114.88, 45.76, 3.85],
    ['include', 'exclude', 134, 55.37, 4.65],
    ['include', 'include', 139, 55.37, 4.65],
  ] as const)('tax %s, shipping %s: %d, and item prices follow the tax', (tax, shipping, value, lamp, bulb) => {
    const settled = applyPolicies(draft, policies({ value: { tax, shipping } }));
    expect(settled.values).toMatchObject({ value, total: 141.99, tax: 24.12, shipping: 4.13 });
    expect(settled.items?.map(({ price }) => price)).toEqual([lamp, bulb]);
  });

  test('without line totals is price × quantity, where a missing quantity is 1', () => {
    const items = [{ price: 3.333, quantity: 3 }, { price: 2 }];
    expect(worthOf(purchase({ total: 99 }, items), policies().value)).toBe(12);
  });

  test('is what the mapping says where it maps it', () => {
    expect(worthOf(purchase({ value: 5, total: 99 }, [{ price: 1 }]), policies().value)).toBe(5);
  });

  test('falls back to the total where a line has no price', () => {
    expect(worthOf(purchase({ total: 99, tax: 9 }, [{ price: 1 }, { item_id: 'x' }]), policies().value)).toBe(90);
  });

  const line = fc.record({
    amount: fc.integer({ min: 0, max: 10_000_000 }),
    tax: fc.integer({ min: 0, max: 2_000_000 }),
    quantity: fc.integer({ min: 1, max: 50 }),
  });
  const currency = fc.constantFrom('EUR', 'JPY', 'KWD');
  const lines = fc.array(line, { minLength: 1, maxLength: 20 });

  test('is the exact sum of the lines in any currency, and Σ price × quantity within rounding', () => {
    fc.assert(
      fc.property(lines, currency, fc.constantFrom(...POLICIES), (given, code, value) => {
        const unit = 10 ** minorUnits(code);
        const items = given.map(({ amount, tax, quantity }) => ({
          amount: amount / unit,
          amount_tax: tax / unit,
          quantity,
        }));
        const settled = applyPolicies(purchase({ currency: code, total: 0 }, items), policies({ value }));
        const exact = given.reduce((sum, { amount, tax }) => sum + amount + (value.tax === 'include' ? tax : 0), 0);
        expect(settled.values.value).toBe(exact / unit);
        const byPrice = settled.items?.reduce(
          (sum, item) => sum + Number(item.price) * unit * Number(item.quantity),
          0,
        );
        const pieces = given.reduce((sum, { quantity }) => sum + quantity, 0);
        expect(Math.abs(exact - (byPrice ?? 0))).toBeLessThanOrEqual(pieces * 0.5 + 1e-6);
        for (const { price } of settled.items ?? []) {
          const units = Number(price) * unit;
          expect(Math.abs(units - Math.round(units))).toBeLessThan(1e-6);
        }
      }),
    );
  });

  test('grows by what the policy includes and by nothing else', () => {
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        (given, post, postTax) => {
          const items = given.map(({ amount, tax, quantity }) => ({
            amount: amount / 100,
            amount_tax: tax / 100,
            quantity,
          }));
          const draft = purchase({ total: 0, shipping: post / 100, shipping_tax: postTax / 100, tip: 7 }, items);
          const [least = 0, withPost = 0, withTax = 0, all = 0] = POLICIES.map((value) =>
            Math.round(Number(worthOf(draft, value)) * 100),
          );
          expect(withPost - least).toBe(post);
          expect(all - withTax).toBe(post + postTax);
        },
      ),
    );
  });
});

describe('the value of a purchase without items', () => {
  test.each([
    ['exclude', 'exclude', 100],
    ['exclude', 'include', 104.13],
    ['include', 'exclude', 121],
    ['include', 'include', 126],
  ] as const)('tax %s, shipping %s: the total less what the policy leaves out: %d', (tax, shipping, value) => {
    const draft = purchase({ total: 128, tax: 21.87, shipping: 4.13, shipping_tax: 0.87, tip: 2 });
    expect(worthOf(draft, { tax, shipping })).toBe(value);
    expect(worthOf({ ...draft, items: [] }, { tax, shipping })).toBe(value);
  });

  test.each([
    ['exclude', 104.13],
    ['include', 126],
  ] as const)('tax %s: a taxed fee leaves it with its tax: %d', (tax, value) => {
    const draft = purchase({ total: 128.42, tax: 22.29, shipping: 4.13, shipping_tax: 0.87, tip: 2, tip_tax: 0.42 });
    expect(worthOf(draft, { tax, shipping: 'include' })).toBe(value);
  });

  test('is the total where nothing more is known', () => {
    expect(worthOf(purchase({ total: 12.5 }), policies().value)).toBe(12.5);
  });
});

describe('the value of a purchase whose parts take more out than there is, as with a gift card', () => {
  test('is what was paid, never below 0', () => {
    expect(worthOf(purchase({ total: 15, tax: 21, shipping: 5 }), policies().value)).toBe(15);
    expect(worthOf(purchase({ total: 0, tax: 21, shipping: 5 }), policies().value)).toBe(0);
  });
});

describe('the value of a refund', () => {
  test.each([
    ['everything told', { total: 60.37, tax: 10.48, shipping: 4.13, shipping_tax: 0.87 }, 45.76],
    ['no split told', { total: 60.37 }, 60.37],
    ['a split that contradicts the money', { total: 5, tax: 9.61 }, 5],
  ])('%s', (_, values, value) => {
    expect(worthOf(refund(values), policies().value)).toBe(value);
  });

  test('never exceeds the money that went back, and is never negative', () => {
    const cents = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(cents, cents, cents, cents, fc.constantFrom(...POLICIES), (total, tax, shipping, postTax, value) => {
        const draft = refund({
          total: total / 100,
          tax: tax / 100,
          shipping: shipping / 100,
          shipping_tax: postTax / 100,
        });
        const worth = Number(worthOf(draft, value));
        expect(worth).toBeLessThanOrEqual(total / 100);
        expect(worth).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('rounding', () => {
  test.each([
    ['JPY', 1980],
    ['EUR', 1980.37],
    ['KWD', 1980.367],
  ])('happens once, to what %s is paid in', (currency, total) => {
    expect(applyPolicies(purchase({ currency, total: 1980.3666 }), policies()).values.total).toBe(total);
  });

  test('thirds of a cent in many lines do not add up to cents', () => {
    const items = Array.from({ length: 9 }, () => ({ price: 0.3333, quantity: 1 }));
    expect(worthOf(purchase({ total: 3 }, items), policies().value)).toBe(3);
  });

  test('the discount of a piece is money too', () => {
    const draft = purchase({ total: 10 }, [{ price: 3.33, quantity: 3, discount: 1.666_666_666_667 }]);
    expect(applyPolicies(draft, policies()).items).toEqual([{ price: 3.33, quantity: 3, discount: 1.67 }]);
  });
});
