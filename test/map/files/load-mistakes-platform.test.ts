// Mistakes in the file of a platform: each is told in words, at its place.
import { describe, expect, test } from 'vitest';
import { mistakes, SHOP } from '../../support/yaml.ts';
import { shop } from './load-mistakes.ts';

describe('mistakes', () => {
  test.each([
    ['a missing hook', 'hook: { topic: $headers."x-topic" }\n', '', 'shop.yaml:1:1 MISSING hook is missing'],
    [
      'an unknown field',
      'total: total',
      'totl: total',
      'shop.yaml:14:13 INVALID events.purchase.fields.totl: unknown field totl, did you mean total?',
    ],
    [
      'a field of a person by its last word',
      'total: total',
      'total: total\n      email: buyer.email',
      'shop.yaml:15:14 INVALID events.purchase.fields.email: unknown field email, did you mean user_data.email_address?',
    ],
    [
      'a field of articles beside those of the order',
      'total: total',
      'total: total\n      item_id: sku',
      'shop.yaml:15:16 INVALID events.purchase.fields.item_id: unknown field item_id, fields of articles stand under items: { each: …, fields: { … } }',
    ],
    [
      'an unknown variable',
      'event_time: paid_at',
      'event_time: $recieved_at',
      'shop.yaml:12:19 UNKNOWN_VARIABLE there is no variable $recieved_at, did you mean $received_at?',
    ],
    [
      'an unknown variable that a condition asks',
      '{ status: paid }',
      '{ status: paid, any: [{ $topc: a, $headers.x: b }] }',
      'shop.yaml:8:35 UNKNOWN_VARIABLE there is no variable $topc, did you mean $topic?',
    ],
    [
      'an unfinished expression',
      'key: $string(id)',
      'key: $string(id',
      'shop.yaml:9:19 S0203 Expected ")" before end of expression',
    ],
    [
      'a test that is none',
      '{ status: paid }',
      '{ status: { eq: paid } }',
      'shop.yaml:8:21 INVALID events.purchase.when.status: is no test; write a value, a list of values, or one of { not }, { exists }, { gt, gte, lt, lte }, { matches }',
    ],
    [
      'a comparison written as a text',
      '{ status: paid }',
      '{ total: "> 10" }',
      'shop.yaml:8:20 INVALID events.purchase.when.total: compares letter by letter; write { gt: 10 } to compare numbers',
    ],
    [
      'a regular expression as a pattern',
      '{ status: paid }',
      '{ status: { matches: "^paid.*" } }',
      'shop.yaml:8:21 INVALID events.purchase.when.status: is no regular expression; * stands for any text, as in { matches: "paid*" }',
    ],
    [
      'a regular expression that tells how a text begins',
      '{ status: paid }',
      '{ status: { matches: "^paid" } }',
      'shop.yaml:8:21 INVALID events.purchase.when.status: is no regular expression; * stands for any text, as in { matches: "paid*" }',
    ],
    [
      'a regular expression of several texts',
      '{ status: paid }',
      '{ status: { matches: "^(paid|done)$" } }',
      'shop.yaml:8:21 INVALID events.purchase.when.status: is no regular expression; * stands for any text, as in { matches: "paid*" }',
    ],
    [
      'a difference written as a text',
      '{ status: paid }',
      '{ total: "!= 0" }',
      'shop.yaml:8:20 INVALID events.purchase.when.total: compares letter by letter; write { not: 0 } to compare numbers',
    ],
    [
      'an expression as a constant',
      'key: $string(id)',
      'key: $string(id)\n    set: { custom.number: $string(id) }',
      'shop.yaml:10:27 INVALID custom.number: would be these letters for every order; expressions belong under fields',
    ],
    [
      'a constant of another type',
      'key: $string(id)',
      'key: $string(id)\n    set: { channel: web }',
      'shop.yaml:10:21 INVALID channel: "web" is none of online, phone, pos, renewal',
    ],
    [
      'a constant for an unknown field',
      'key: $string(id)',
      'key: $string(id)\n    set: { chanel: pos }',
      'shop.yaml:10:12 UNKNOWN_FIELD unknown field chanel, did you mean channel?',
    ],
    [
      'a constant for a field of a name that every table of JavaScript knows',
      'key: $string(id)',
      'key: $string(id)\n    set: { constructor: pos }',
      'shop.yaml:10:12 UNKNOWN_FIELD unknown field constructor',
    ],
    [
      'an event name GA4 refuses',
      'key: $string(id)',
      'key: $string(id)\n    emit: my purchase',
      'shop.yaml:10:11 INVALID events.purchase.emit: write an event name, or an expression that begins with $',
    ],
  ])('in a platform: %s', (_, from, to, wanted) => {
    expect(shop(from, to)).toEqual([wanted]);
  });

  test('of a platform are told though its name has a capital letter', () => {
    const text = SHOP.replace('platform: shop', 'platform: Shop').replace('total: total', 'totl: total');
    expect(mistakes({ 'shop.yaml': text })).toEqual([
      'shop.yaml:1:11 INVALID platform: use lower-case letters, digits, - and _',
      'shop.yaml:14:13 INVALID events.purchase.fields.totl: unknown field totl, did you mean total?',
    ]);
  });

  test('in a platform nobody uses are told too', () => {
    expect(mistakes({ 'shop.yaml': SHOP.replace('total: total', 'totl: total') })).toEqual([
      expect.stringContaining('unknown field totl'),
    ]);
  });
});
