// What is read of a phone order or lead, and the words for each mistake in it.
import { describe, expect, test } from 'vitest';
import { type Mistake, readLead, readOrder } from '../../src/phone/read.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const AROUND = { country: 'NL', currency: 'EUR', now: NOW };
const ORDER = { amount: '120.50', phone: '06 12345678' };
const mistakes = (given: object, around = AROUND): Mistake[] => {
  const read = readOrder(given, around);
  return 'mistakes' in read ? read.mistakes : [];
};

describe('a phone order', () => {
  test('with an amount and a phone number is completed by what the store says', () => {
    expect(readOrder(ORDER, AROUND)).toEqual({
      entry: {
        kind: 'order',
        amount: '120.50',
        phone: '+31612345678',
        currency: 'EUR',
        agreed_at: '2026-11-20T12:00:00.000Z',
      },
    });
  });

  test('with everything keeps everything', () => {
    const read = readOrder(
      {
        ...ORDER,
        number: ' 1042 ',
        email: 'ann@example.com',
        code: '7k4p',
        name: 'Ann van Dyk',
        currency: 'usd',
        tax: 20,
        shipping: '5.00',
        items: [
          { name: 'Lamp', id: 'L-1', quantity: 2, price: '30' },
          { name: 'Bulb', price: 10 },
        ],
        agreed_at: '2026-11-19T14:30:00+01:00',
        consent: { ad_user_data: 'denied' },
        idempotency_key: 'call-17',
      },
      AROUND,
    );
    expect(read).toMatchObject({
      entry: {
        number: '1042',
        code: '7K4P',
        currency: 'USD',
        agreed_at: '2026-11-19T13:30:00.000Z',
        items: [
          { name: 'Lamp', quantity: 2 },
          { name: 'Bulb', quantity: 1, price: '10' },
        ],
      },
    });
  });

  test.each([
    [{ amount: '1.50' }, '', 'phone number, e-mail address or reference code'],
    [{ ...ORDER, amount: undefined }, 'amount', 'missing'],
    [{ ...ORDER, amount: '1,50' }, 'amount', 'write it like'],
    [{ ...ORDER, amount: 0 }, 'amount', 'more than 0'],
    [{ ...ORDER, amount: -3 }, 'amount', 'no amount'],
    [{ ...ORDER, amount: 1e12 }, 'amount', 'no amount'],
    [{ ...ORDER, amount: '1.005' }, 'amount', 'more decimals than EUR has'],
    [{ ...ORDER, currency: 'EURO' }, 'currency', 'no currency'],
    [{ ...ORDER, phone: '12' }, 'phone', 'no possible phone number'],
    [{ ...ORDER, email: 'ann@' }, 'email', 'no e-mail address'],
    [{ ...ORDER, email: 'ann@example.com, bob@example.com' }, 'email', 'no e-mail address'],
    [{ ...ORDER, code: '7K' }, 'code', 'no reference code'],
    [{ ...ORDER, number: '' }, 'number', 'is empty'],
    [{ ...ORDER, number: 'a\u0007b' }, 'number', 'cannot be seen'],
    [{ ...ORDER, agreed_at: 'yesterday' }, 'agreed_at', 'no time'],
    [{ ...ORDER, agreed_at: '2026-11-21T12:00:00Z' }, 'agreed_at', 'future'],
    [{ ...ORDER, agreed_at: '2024-11-21T12:00:00Z' }, 'agreed_at', '400 days'],
    [{ ...ORDER, tax: '100', shipping: '20.51' }, 'amount', 'less than the tax'],
    [{ ...ORDER, items: [{ name: 'Lamp', quantity: 0 }] }, 'items.0.quantity', 'more than 0'],
    [{ ...ORDER, items: [{ name: 'Lamp', price: '121' }] }, 'items', 'more than the amount'],
    [{ ...ORDER, items: [{ name: 'Lamp', price: '12' }, { name: 'Bulb' }] }, 'items', 'in part'],
    [{ ...ORDER, colour: 'red' }, '', 'colour'],
  ])('%j is refused for %s: %s', (given, field, message) => {
    expect(mistakes(given)).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  test('without anything names all that is missing', () => {
    expect(mistakes({})).toEqual([
      { field: 'amount', message: 'is missing' },
      { field: '', message: expect.stringContaining('phone number, e-mail address or reference code') },
    ]);
  });

  test('without a currency is refused where the store has none', () => {
    expect(mistakes(ORDER, { ...AROUND, currency: undefined as never })).toEqual([
      { field: 'currency', message: expect.stringContaining('missing') },
    ]);
  });
});

describe('a phone lead', () => {
  test('is new unless it has a stage, and needs no amount', () => {
    expect(readLead({ email: 'ann@example.com' }, AROUND)).toEqual({
      entry: { kind: 'lead', email: 'ann@example.com', stage: 'generate_lead', agreed_at: '2026-11-20T12:00:00.000Z' },
    });
  });

  test('of a stage that nobody knows is refused with those there are', () => {
    expect(readLead({ email: 'ann@example.com', stage: 'warm' }, AROUND)).toEqual({
      mistakes: [{ field: 'stage', message: expect.stringContaining('qualify_lead') }],
    });
  });
});
