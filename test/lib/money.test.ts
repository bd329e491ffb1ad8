// Money: what counts as a decimal, exact arithmetic, rounding, and the decimals of currencies.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as money from '../../src/lib/money.ts';

const decimal = (value: string | number): money.Decimal => {
  const parsed = money.parseDecimal(value);
  if (parsed === undefined) throw new Error(`not a decimal: ${value}`);
  return parsed;
};
const text = (value: money.Decimal | undefined) => (value === undefined ? undefined : money.toText(value));

describe('parseDecimal', () => {
  it.each([
    ['12.50', '12.50'],
    ['-0.05', '-0.05'],
    ['007', '7'],
    [' 12.50', '12.50'],
    ['12.50\n', '12.50'],
    [' 123456789012345678901234567890 ', '123456789012345678901234567890'],
    ['700.000000', '700.000000'],
    ['-0', '0'],
    [19.99, '19.99'],
    [0, '0'],
    [-3, '-3'],
    [1e-7, '0.0000001'],
    [1.5e21, '1500000000000000000000'],
    [JSON.parse('29.989999999999998436805981327781589083526611328125'), '29.99'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['-1234567890123456789012345.67890', '-1234567890123456789012345.67890'],
  ])('reads %s', (value, expected) => {
    expect(text(money.parseDecimal(value))).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '1 2',
    '- 1',
    '1,234.56',
    '12,50',
    '1.',
    '.5',
    '+1',
    '--1',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '١٢',
    '１２',
    '€5',
    '1_000',
    '1234567890123456789012345678901',
    '0.1234567890123456789012345678901',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e31,
    1e-31,
  ])('refuses %j', (value) => {
    expect(money.parseDecimal(value)).toBeUndefined();
  });
});

describe('arithmetic', () => {
  it('is exact where binary numbers are not', () => {
    expect(text(money.plus(decimal('0.1'), decimal('0.2')))).toBe('0.3');
    expect(text(money.minus(decimal('1.10'), decimal('0.9')))).toBe('0.20');
    expect(text(money.times(decimal('1.005'), decimal(100)))).toBe('100.500');
    expect(text(money.sum(['19.99', '0.01', '-5'].map(decimal)))).toBe('15.00');
    expect(text(money.sum([]))).toBe('0');
  });

  it('divides to 12 places, or as many as asked for', () => {
    expect(text(money.divide(decimal(10), decimal(3)))).toBe('3.333333333333');
    expect(text(money.divide(decimal('-20'), decimal(3), 2))).toBe('-6.67');
    expect(text(money.divide(decimal('20'), decimal('-3'), 2))).toBe('-6.67');
    expect(text(money.divide(decimal('1.23456'), decimal('1'), 2))).toBe('1.23');
    expect(() => money.divide(decimal(1), decimal('0.00'))).toThrow(RangeError);
  });

  it.each([
    ['2.345', 2, '2.35'],
    ['-2.345', 2, '-2.35'],
    ['2.344999', 2, '2.34'],
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['-0.4', 0, '0'],
    ['7', 2, '7'],
  ])('rounds %s to %i places half away from zero', (value, places, expected) => {
    expect(text(money.round(decimal(value), places))).toBe(expected);
  });

  it('reads numbers as their shortest text says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, min: -1e16, max: 1e16 }),
          fc.integer().map((units) => units / 100),
        ),
        (value) => {
          const text = String(value);
          if (!text.includes('e'))
            expect(money.parseDecimal(value)).toEqual(money.parseDecimal(value === 0 ? '0' : text));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('knows zero at any scale', () => {
    expect(['0', '0.00', '-0.0', '0.01'].map((value) => money.isZero(decimal(value)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('agrees with integer arithmetic for all amounts in cents', () => {
    const cents = fc.integer({ min: -1e9, max: 1e9 });
    const asDecimal = (value: number) => decimal((value / 100).toFixed(2));
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        expect(BigInt(money.plus(asDecimal(a), asDecimal(b)).units)).toBe(BigInt(a + b));
        expect(BigInt(money.times(asDecimal(a), asDecimal(b)).units)).toBe(BigInt(a) * BigInt(b));
        expect(money.toNumber(asDecimal(a))).toBe(a / 100);
      }),
    );
  });

  it('stays exact where JavaScript numbers end', () => {
    const units = fc.oneof(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: -99n, max: 99n }));
    const scale = fc.integer({ min: 0, max: 6 });
    const unitsOf = (amount: money.Decimal) => BigInt(amount.units);
    fc.assert(
      fc.property(units, units, scale, scale, (a, b, scaleA, scaleB) => {
        const [left, right] = [decimal(money.toText({ units: a, scale: scaleA })), decimal(`${b}`)];
        expect(unitsOf(left)).toBe(a);
        const ten = 10n ** BigInt(scaleA);
        expect(unitsOf(money.plus(left, right))).toBe(a + b * ten);
        expect(unitsOf(money.minus(left, right))).toBe(a - b * ten);
        expect(unitsOf(money.times(left, right))).toBe(a * b);
        fc.pre(b !== 0n);
        // Half away from zero: the distance to the exact quotient is at most a half.
        const quotient = unitsOf(money.divide(left, right, scaleB));
        const rest = a * 10n ** BigInt(scaleB) - quotient * b * ten;
        expect((rest < 0n ? -rest : rest) * 2n <= (b < 0n ? -b : b) * ten).toBe(true);
      }),
    );
  });

  it('gives back any JSON number that was read', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), (value) => {
        const parsed = money.parseDecimal(value);
        fc.pre(parsed !== undefined);
        expect(money.toNumber(parsed)).toBe(value + 0);
      }),
    );
  });
});

describe('currencies', () => {
  it.each([
    ['JPY', 0],
    ['ISK', 0],
    ['USD', 2],
    ['HUF', 2],
    ['IDR', 2],
    ['RSD', 2],
    ['KWD', 3],
    ['CLF', 4],
  ])('%s has %i decimals', (code, decimals) => {
    expect(money.minorUnits(code)).toBe(decimals);
  });

  it('rounds to what can be paid', () => {
    expect(text(money.roundMoney(decimal('1234.5'), 'JPY'))).toBe('1235');
    expect(text(money.roundMoney(decimal('1.2345'), 'KWD'))).toBe('1.235');
    expect(text(money.roundMoney(decimal('1.2345'), undefined))).toBe('1.23');
  });

  it('knows codes in capitals only', () => {
    expect(['EUR', 'XCG', 'eur', 'EURO', '', 'ABC'].map(money.isCurrency)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
