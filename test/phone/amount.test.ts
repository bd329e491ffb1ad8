// Amounts as people type them: understood or refused, never guessed.
import { describe, expect, test } from 'vitest';
import { readAmount, withoutMark } from '../../src/phone/amount.ts';

describe('an amount beside its own currency', () => {
  test.each([
    ['1.234,50 €', 'EUR', '1.234,50'],
    ['€ 1.234,50', 'EUR', '1.234,50'],
    ['12,00\u00a0€', 'EUR', '12,00'],
    ['EUR 12,00', 'EUR', '12,00'],
    ['12,00 eur', 'EUR', '12,00'],
    ['$1,234.50', 'CAD', '1,234.50'],
    ['CHF 12.50', 'CHF', '12.50'],
    ['12,00', 'EUR', '12,00'],
  ])('%s of an order in %s is read as %s', (typed, currency, amount) => {
    expect(withoutMark(typed, currency)).toBe(amount);
  });

  test.each([
    ['$ 12', 'EUR'],
    ['12 USD', 'EUR'],
    ['€ 12', undefined],
    ['€ 12', 'euro'],
    ['€', 'EUR'],
  ])('%s of an order in %s keeps its mark, and is refused', (typed, currency) => {
    expect(readAmount(withoutMark(typed, currency))).toEqual({ problem: expect.stringContaining('no amount') });
  });
});

describe('an amount as people type it', () => {
  test.each([
    ['1.234,50', '1234.50'],
    ['1,234.50', '1234.50'],
    ['1234.5', '1234.5'],
    ['1234,5', '1234.5'],
    [' 99 ', '99'],
    ['12,34', '12.34'],
    ['1 234,50', '1234.50'],
    ['1\u202f234\u00a0567,89', '1234567.89'],
    ["1'234.50", '1234.50'],
    ['1,234,567', '1234567'],
    ['1.234.567,8', '1234567.8'],
    ['1234.567', '1234.567'],
  ])('%s is %s', (typed, amount) => {
    expect(readAmount(typed)).toEqual({ amount });
  });

  test.each(['1.234', '1,234', '0,125'])('%s could be two amounts and is refused', (typed) => {
    expect(readAmount(typed)).toEqual({ problem: expect.stringContaining('two ways') });
  });

  test.each(['', '€ 5', '12,34,56', '1.23.456', '1,234.567,89', '-5', '1e3', '12.', ',50', '12,345.', '١٢', 'NaN'])(
    '%s is no amount',
    (typed) => {
      expect(readAmount(typed)).toEqual({ problem: expect.stringContaining('no amount') });
    },
  );
});
