// Typed conversion: what every kind of field takes, leaves out and refuses, and how money and times are read.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_FIELDS, type Field, ITEM_FIELDS } from '../../src/event.ts';
import { convert, parseInstant } from '../../src/map/convert.ts';
import { as } from './converted.ts';

const iso = (given: unknown) => {
  const ms = parseInstant(given);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('every kind', () => {
  const fields: Field[] = [...Object.values(EVENT_FIELDS), ...Object.values(ITEM_FIELDS)];

  test.each([undefined, null, '', [[]]])('takes %j as nothing given', (given) => {
    for (const field of fields) expect(convert(field, Array.isArray(given) ? [] : given)).toEqual({ absent: true });
  });

  test('answers anything with a value, nothing, or words, and never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (given) => {
        for (const field of fields) {
          const result = convert(field, given);
          const value = 'value' in result ? result.value : 'text';
          expect(['string', 'number', 'boolean']).toContain(typeof value);
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          if (typeof value === 'string') expect(value).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('quotes in its refusals nothing long and nothing that may be an address', () => {
    for (const kind of ['money', 'instant', 'currency', 'flag'] as const) {
      expect(as(kind, 'ann@example.com')).toEqual({ problem: expect.not.stringContaining('ann') });
      expect(as(kind, 'x'.repeat(41))).toEqual({ problem: expect.not.stringContaining('x'.repeat(10)) });
    }
  });
});

describe('money', () => {
  test.each([
    ['12.50', 12.5],
    ['0', 0],
    ['-3.10', -3.1],
    [0.1, 0.1],
    [29.989999999999998, 29.989999999999998],
    [1e-7, 1e-7],
    ['123456789012.34', 123456789012.34],
    [' 12.50\n', 12.5],
  ])('reads %j', (given, value) => {
    expect(as('money', given)).toEqual({ value });
  });

  test.each([
    '1,234.56',
    '12,50',
    '12.5 EUR',
    '€12',
    '1e3',
    '1 2',
    ' ',
    '٣',
    '0x10',
    '--1',
    '.5',
    '5.',
    true,
    {},
    ['1'],
  ])('refuses %j', (given) => {
    expect(as('money', given)).toHaveProperty('problem');
  });

  test('gives every amount of cents back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), (cents) => {
        const text = (cents / 100).toFixed(2);
        expect(as('money', text)).toEqual({ value: cents / 100 });
      }),
    );
  });
});

describe('what is wrong', () => {
  test.each([
    '+31 6 12345678',
    '31612345678',
    'call 06-12345678, please',
    'tel. (030) 123 45 67 89',
    '4111 1111 1111 1111',
    'ann@example.com',
  ])('is not quoted where it holds a number of somebody, or an address: %j', (given) => {
    expect([as('currency', given), as('instant', `${given} `)]).toEqual([
      { problem: expect.stringMatching(/^the value is no ISO 4217 currency;/) },
      { problem: 'the value is no time' },
    ]);
  });

  test.each(['€ 1.234.567,89', '18.11.2026 09:30', '2026-11-18 09:30:15 CET', '11/18/2026', '#1042', 'Euro'])(
    'is quoted as it is: %j',
    (given) => {
      expect(as('instant', given)).toEqual({ problem: `"${given}" is no time` });
    },
  );
});

describe('times', () => {
  test.each([
    ['2026-11-18T09:00:00Z', '2026-11-18T09:00:00.000Z'],
    ['2026-11-18T09:00:00', '2026-11-18T09:00:00.000Z'],
    ['2026-11-18 09:00:00 UTC', '2026-11-18T09:00:00.000Z'],
    ['2026-11-18T09:00:00+0530', '2026-11-18T03:30:00.000Z'],
    ['2026-11-18T09:00:00-05:00', '2026-11-18T14:00:00.000Z'],
    ['2026-11-18T09:00:00.290670248Z', '2026-11-18T09:00:00.290Z'],
    ['2026-11-18T09:00', '2026-11-18T09:00:00.000Z'],
    ['2026-11-18', '2026-11-18T00:00:00.000Z'],
    [1795010605, '2026-11-18T14:03:25.000Z'],
    ['1795010605', '2026-11-18T14:03:25.000Z'],
    [1795010605123, '2026-11-18T14:03:25.123Z'],
    ['1795010605.5', '2026-11-18T14:03:25.500Z'],
    ['Wed, 18 Nov 2026 14:03:25 +0000', '2026-11-18T14:03:25.000Z'],
    ['Wed, 18 Nov 2026 14:03:25 -0430', '2026-11-18T18:33:25.000Z'],
    ['Tue, 3 Nov 2026 14:03:25 GMT', '2026-11-03T14:03:25.000Z'],
    ['3 Feb 2026 14:03 UT', '2026-02-03T14:03:00.000Z'],
  ])('reads %j', (given, wanted) => {
    expect(iso(given)).toBe(wanted);
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '2026-11-18T24:00:00Z',
    '2026-11-18T09:60:00Z',
    '18.11.2026',
    '11/18/2026',
    'Wed, 18 Foo 2026 14:03:25 +0000',
    'Mon, 30 Feb 2026 14:03:25 +0000',
    'Wed, 18 Nov 2026 14:03:25',
    'Wed, 18 Nov 26 14:03:25 GMT',
    'Wed, 18 Nov 2026 14:03:25 EST',
    '2026-11-18T09:00:00 CET',
    '2026-11-18T09:00:00Z or so',
    '0001-01-01T00:00:00',
    '9999-12-31T00:00:00Z',
    '12',
    'now',
    12,
    true,
    {},
  ])('refuses %j', (given) => {
    expect(iso(given)).toBeUndefined();
    expect(as('instant', given)).toHaveProperty('problem');
  });

  test('reads back every time it could have written', () => {
    const range = { min: new Date('1990-01-02'), max: new Date('2100-01-01'), noInvalidDate: true };
    fc.assert(fc.property(fc.date(range), (date) => iso(date.toISOString()) === date.toISOString()));
  });
});
