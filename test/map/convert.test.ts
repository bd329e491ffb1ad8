// Typed conversion: what each kind of field takes, what it leaves out, and what it refuses.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_FIELDS, type Field, ITEM_FIELDS, type Kind } from '../../src/event.ts';
import { convert, parseInstant } from '../../src/map/convert.ts';

const as = (kind: Kind, given: unknown, choices?: string[]) =>
  convert({ kind, help: '', ...(choices !== undefined && { choices }) }, given);
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

describe('people', () => {
  test.each(['ann@example.com', 'Ann.O+shop@mail.example.co.uk', 'ännchen@example.com'])('keeps %s', (given) => {
    expect(as('email', ` ${given} `)).toEqual({ value: given });
  });

  test.each([
    '\u200bann@example.com',
    'ann@example.com\u200b',
    '\u202aann@example.com\u202c ',
    'an\u00adn@example.com',
  ])('reads %j without what nobody sees in it', (given) => {
    expect(as('email', given)).toEqual({ value: 'ann@example.com' });
  });

  test.each(['ann', 'ann@', '@example.com', 'ann@example', 'a b@example.com', 'deleted@site.invalid', '[deleted]', 5])(
    'leaves out %j, which is no e-mail address, without stopping the order',
    (given) => {
      expect(as('email', given)).toHaveProperty('dropped');
    },
  );

  test.each([
    ['203.0.113.7', true],
    ['2001:db8::1', true],
    ['203.0.113.7, 10.0.0.1', false],
    ['unknown', false],
  ])('takes %s for an address: %s', (given, is) => {
    expect(as('ip', given)).toEqual(is ? { value: given } : { dropped: 'no IP address' });
  });

  test.each([
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:54321', '203.0.113.7'],
    ['[2001:db8::1]:443', '2001:db8::1'],
  ])('takes %s, as servers and proxies write it, for %s', (given, value) => {
    expect(as('ip', given)).toEqual({ value });
  });

  test.each(['0.0.0.0', '10.1.2.3', '192.168.0.7', '127.0.0.1', '::1', 'fd00::1', '::ffff:10.1.2.3'])(
    'leaves out %s: it is no buyer’s',
    (given) => {
      expect(as('ip', given)).toHaveProperty('dropped');
    },
  );

  test.each([
    ['nl', 'NL'],
    ['uk', 'GB'],
    ['Netherlands', 'NL'],
    ['Deutschland', 'DE'],
    ['Atlantis', 'Atlantis'],
  ])('country %s becomes %s', (given, value) => {
    expect(as('country', given)).toEqual({ value });
  });
});

describe('codes and states', () => {
  test('currencies are ISO 4217, whatever their case', () => {
    expect(as('currency', 'eur')).toEqual({ value: 'EUR' });
    expect(as('currency', 'EURO')).toHaveProperty('problem');
    expect(as('currency', '€')).toHaveProperty('problem');
    expect(as('currency', 'IRT')).toEqual({
      problem: expect.stringMatching(/^"IRT" is no .*; say under fields in the/),
    });
  });

  test('takes the pounds of Guernsey, the Isle of Man and Jersey as sterling', () => {
    expect(['GGP', 'imp', 'JEP'].map((code) => as('currency', code))).toEqual(Array(3).fill({ value: 'GBP' }));
  });

  test.each([
    ['granted', 'granted'],
    ['Yes', 'granted'],
    [true, 'granted'],
    [1, 'granted'],
    ['denied', 'denied'],
    ['no', 'denied'],
    [false, 'denied'],
    ['unknown', 'unknown'],
    ['marketing,analytics', 'denied'],
    [{ marketing: true }, 'denied'],
  ])('consent %j is %s: what nobody can read is none', (given, value) => {
    expect(as('consent', given)).toEqual({ value });
  });

  test('a choice refuses what is not on its list', () => {
    expect(as('choice', 'Online', ['online', 'pos'])).toEqual({ value: 'online' });
    expect(as('choice', 'shop', ['online', 'pos'])).toEqual({ problem: '"shop" is none of online, pos' });
  });

  test.each([
    [true, true],
    ['true', true],
    ['1', true],
    [0, false],
    ['False', false],
  ])('flag %j is %s', (given, value) => {
    expect(as('flag', given)).toEqual({ value });
  });
});

test('pages are told as browsers write them, also where a shop keeps them decoded', () => {
  const decoded = 'https://shop.example/größe/?utm_campaign=Black Friday&gclid=a%2Bb';
  const told = 'https://shop.example/gr%C3%B6%C3%9Fe/?utm_campaign=Black%20Friday&gclid=a%2Bb';
  expect(as('page', decoded)).toEqual({ value: told });
  expect(as('page', 'https://shop.example/?q=\ud83d')).toEqual({ value: 'https://shop.example/?q=%EF%BF%BD' });
  for (const [given, value] of [
    ['https://müller.example/größe?f=ä', 'https://xn--mller-kva.example/gr%C3%B6%C3%9Fe?f=%C3%A4'],
    ['HTTPS://Müller.Example:8443', 'HTTPS://xn--mller-kva.example:8443'],
    ['https://Muller.Example/ü', 'https://Muller.Example/%C3%BC'],
    ['https://\u200b/', 'https://%E2%80%8B/'],
    ['/müller.example', '/m%C3%BCller.example'],
  ])
    expect(as('page', given)).toEqual({ value });
});

test('pages are told without what opens something', () => {
  expect(as('page', ' https://shop.example/?a=1&key=X1 ')).toEqual({ value: 'https://shop.example/?a=1' });
  expect(as('page', '/account/reset/1/X1')).toEqual({ value: '/account/reset' });
  expect(as('page', '?token=X1')).toEqual({ absent: true });
  expect(as('page', { href: '/' })).toEqual({ dropped: 'no text' });
});

describe('texts', () => {
  test.each([
    [' a b ', 'a b'],
    [0, '0'],
    [false, 'false'],
    [['SAVE10', 'VIP'], 'SAVE10,VIP'],
    ['La\0mp\0', 'Lamp'],
    ['Lamp \ud83d', 'Lamp \ufffd'],
    ['Lamp 💡', 'Lamp 💡'],
    ['820982911946154508', '820982911946154508'],
  ])('%j becomes %j', (given, value) => {
    expect(as('text', given)).toEqual({ value });
  });

  test.each([[{ click: 1 }], [[{ a: 1 }, { b: 2 }]]])(
    'a table such as %j is left out: a plugin may store one anywhere',
    (given) => {
      expect(as('text', given)).toEqual({ dropped: 'no text' });
    },
  );

  test('only white space is nothing', () => {
    expect(as('text', '  ')).toEqual({ absent: true });
  });

  test.each(['undefined', 'null', '{gclid}', '{{ad.id}}', '{_click}'])(
    'an id such as %s is left out: a script or an ad wrote it in place of one',
    (given) => {
      expect(convert(EVENT_FIELDS.gclid, given)).toEqual({ dropped: 'no id' });
      expect(convert(EVENT_FIELDS.external_id, ` ${given} `)).toEqual({ dropped: 'no id' });
      expect(convert(ITEM_FIELDS.item_name, given)).toEqual({ value: given });
    },
  );

  test.each(['{3F2504E0-4F89-11D3-9A0C-0305E82C3301}', 'undefined-1', 'Null', 'Cj0K{x'])('%s is an id', (given) => {
    expect(convert(EVENT_FIELDS.external_id, given)).toEqual({ value: given });
  });
});
