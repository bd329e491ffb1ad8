// Mistakes about what expressions read by name: look-ups, settings and headers that are never there, each told at its place.
import { expect, test } from 'vitest';
import { ACME, mistakes, SHOP } from '../../support/yaml.ts';

/** A platform that asks for the order, and then for its buyer. */
const THIN = `${SHOP}settings:
  shop_domain: { help: The domain }
lookups:
  order: { about: the order, url: "https://api.shop.example/orders/{id}" }
  buyer: { about: the buyer, url: "https://api.shop.example/buyers/{$lookup.order.buyer}" }
`;
const platform = (from: string, to: string) =>
  mistakes({ 'shop.yaml': THIN.replace(from, to), 'stores/acme.yaml': ACME });
/** What is said of a store whose source says this too. */
const store = (more: string, thin = THIN) =>
  mistakes({ 'shop.yaml': thin, 'stores/acme.yaml': ACME.replace(' ] }', ` ],\n    ${more} }`) });

test.each([
  [
    'in a field of a platform',
    () => platform('currency: currency', 'currency: [currency, $lookup.ordr.currency]'),
    'shop.yaml:13:36 UNKNOWN_LOOKUP there is no look-up ordr, did you mean order?',
  ],
  [
    'in a test of a store',
    () => store('events: { purchase: { when: { $lookup.ordr.paid: true } } }'),
    'stores/acme.yaml:4:43 UNKNOWN_LOOKUP there is no look-up ordr, did you mean order?',
  ],
  [
    'in the url of another one',
    () => platform('$lookup.order.buyer', '$lookup.oder.buyer'),
    'shop.yaml:19:43 UNKNOWN_LOOKUP there is no look-up oder, did you mean order?',
  ],
  [
    'of a store alone, where the platform names none like it',
    () => store('fields: { coupon: $lookup.voucher.code }'),
    'stores/acme.yaml:4:31 UNKNOWN_LOOKUP there is no look-up voucher, known: order, buyer',
  ],
  [
    'where there is none at all',
    () => store('fields: { coupon: "$lookup.`gift card`.code" }', SHOP),
    'stores/acme.yaml:4:33 UNKNOWN_LOOKUP there is no look-up gift card, look-ups stand under lookups:',
  ],
])('a look-up that is not there is told: %s', (_, run, told) => {
  expect(run()).toEqual([told]);
});

test('a look-up that reads one behind it, or itself, is told: its answer is not there yet', () => {
  const swapped = platform('orders/{id}', 'orders/{$lookup.buyer.last}');
  expect(swapped).toEqual([
    'shop.yaml:18:43 UNKNOWN_LOOKUP buyer is asked after order, so order never has its answer, they are asked as they stand, those of the platform first: put buyer above order',
  ]);
  expect(platform('about: the order', 'take: $lookup.order.data, about: the order')).toEqual([
    expect.stringMatching(/^shop.yaml:18:26 UNKNOWN_LOOKUP order reads its own answer/),
  ]);
});

test('a setting that the platform does not declare is told, in any expression', () => {
  expect(store('fields: { page_location: "$settings.shop_domian" }')).toEqual([
    'stores/acme.yaml:4:40 UNKNOWN_SETTING there is no setting shop_domian, did you mean shop_domain?',
  ]);
  expect(platform('currency: currency', 'currency: $settings.currency')).toEqual([
    'shop.yaml:13:27 UNKNOWN_SETTING there is no setting currency, declare it under settings: of the platform',
  ]);
});

test.each([
  [
    'a look-up of the store',
    'lookups: { mine: { about: it, url: "https://api.shop.example/{$lookup.order.id}" } }, fields: { coupon: $lookup.mine.code }',
  ],
  ['one that the store switches off, in the platform', 'lookups: { order: off }'],
  ['what is read of all of them', 'fields: { coupon: $lookup.*.code }'],
  ['what an expression makes of them', 'fields: { coupon: "$lookup{id: order}.x" }'],
  ['a name of the expression itself', 'fields: { coupon: "($lookup := {}; $lookup.x)" }'],
  [
    'a name that the platform gives away anew',
    'let: { settings: $hook.settings, topic: $hook.topic }, fields: { coupon: "$settings.a & $topic.b" }',
  ],
  [
    'a value that a rule calls so',
    `events: { purchase: { let: { lookup: "{'x': id}" }, fields: { coupon: $lookup.x } } }`,
  ],
  ['a value that a source calls so', `let: { settings: "{'x': id}" }, fields: { coupon: $settings.x }`],
])('nothing is said of %s', (_, more) => {
  expect(store(more)).toEqual([]);
});

test.each([
  [
    'a header in capitals',
    '$headers."X-Coupon"',
    'stores/acme.yaml:4:34 HEADER $headers."X-Coupon" is never there: names of headers are read in small letters, write $headers."x-coupon"',
  ],
  [
    'a part of a text',
    '$topic.name',
    'stores/acme.yaml:4:30 NO_TABLE $topic is a text and has no name, write $topic alone',
  ],
  [
    'a part of a function',
    '$string.id',
    'stores/acme.yaml:4:31 NO_TABLE $string is a function and has no id, write $string(id)',
  ],
])('%s is told, which is never there', (_, expression, told) => {
  expect(store(`fields: { coupon: '${expression}' }`)).toEqual([told]);
});

test('a look-up that a destination asks for is told: it knows of none', () => {
  const asking = ACME.replace('G-TEST000001', 'G-TEST000001, when: { $lookup.order.paid: true }');
  expect(mistakes({ 'shop.yaml': THIN, 'stores/acme.yaml': asking })).toEqual([
    'stores/acme.yaml:5:56 NO_TABLE there are no look-ups here, those of a source are known to its own expressions alone',
  ]);
});

/** With a look-up that is for these events. */
const completing = (events: string, more = '') =>
  store(`lookups: { mine: { about: it, for: { ${events} }, url: "https://api.shop.example/{id}" } }${more}`);

test('an event that a look-up is for and no rule makes is told', () => {
  expect(completing('purchse: id')).toEqual([
    'stores/acme.yaml:4:42 UNKNOWN_EVENT mine is for purchse, which no rule makes, did you mean purchase?',
  ]);
  const thin = THIN.replace('about: the order', 'for: { purchase: id, refnd: id }, about: the order');
  expect(store('fields: { coupon: code }', thin)).toEqual([
    'shop.yaml:18:33 UNKNOWN_EVENT order is for refnd, which no rule makes, known: purchase',
  ]);
});

test.each([
  ['a rule of the store makes', 'deposit: id', ', events: { deposit: { key: id } }'],
  ['a rule makes by another name', 'deposit: id', ', events: { paid_in: { key: id, emit: deposit } }'],
  ['the store switches off', 'purchase: id', ', events: { purchase: off }'],
  [
    'a rule may make that names its event by an expression',
    'deposit: id',
    ', events: { other: { key: id, emit: $string(kind) } }',
  ],
])('nothing is said of an event that %s', (_, event, more) => {
  expect(completing(event, more)).toEqual([]);
});
