// Typed conversion of what is written in words: people and their addresses, codes and states, pages and texts.
import { describe, expect, test } from 'vitest';
import { EVENT_FIELDS, ITEM_FIELDS } from '../../src/event.ts';
import { convert } from '../../src/map/convert.ts';
import { as } from './converted.ts';

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
