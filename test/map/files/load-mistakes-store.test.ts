// Mistakes in a store file, in its keys, its types and the names that it uses: each is told in words, at its place.
import { describe, expect, test } from 'vitest';
import { mistakes, SHOP } from '../../support/yaml.ts';
import { files, store } from './load-mistakes.ts';

describe('mistakes', () => {
  test.each([
    [
      'an unknown key',
      'store: acme',
      'store: acme\ncontry: NL',
      'stores/acme.yaml:2:1 UNKNOWN_KEY unknown key contry, did you mean country?',
    ],
    [
      'a country in words',
      'store: acme',
      'store: acme\ncountry: Netherlands',
      'stores/acme.yaml:2:10 INVALID country: write two capital letters, such as NL',
    ],
    [
      'a duration in words',
      'store: acme',
      'store: acme\nmax_age: 7 days',
      'stores/acme.yaml:2:10 INVALID max_age: write a number and s, m, h or d, such as 7d',
    ],
    [
      'a duration without its unit',
      'store: acme',
      'store: acme\nmax_age: 7',
      'stores/acme.yaml:2:10 INVALID max_age: write a number and s, m, h or d, such as 7d',
    ],
    [
      'a rate without its unit',
      'measurement_id: G-',
      'rate: 5, measurement_id: G-',
      'stores/acme.yaml:5:16 INVALID destinations.ga4.rate: write a number per s, m or h, such as 50/s',
    ],
    [
      'one value where a list is wanted',
      'store: acme',
      'store: acme\nchannels: phone',
      'stores/acme.yaml:2:11 INVALID channels: must be a list, in [ ]',
    ],
    [
      'one secret without its list',
      '[ ${SHOP_SECRET} ]',
      '"${SHOP_SECRET}"',
      'stores/acme.yaml:3:36 INVALID sources.shop.secrets: must be a list, in [ ]',
    ],
    [
      'a value where a table is wanted',
      'store: acme',
      'store: acme\nconsent: granted',
      'stores/acme.yaml:2:10 INVALID consent: must be a table of keys and values',
    ],
    [
      'a number where a text is wanted',
      'store: acme',
      'store: acme\ntitle: 24',
      'stores/acme.yaml:2:8 INVALID title: must be a text; put it in quotes',
    ],
    [
      'a key with nothing behind it',
      'store: acme',
      'store: acme\ntitle:',
      'stores/acme.yaml:2:7 INVALID title: is empty',
    ],
    [
      'a rule that is neither on nor off',
      '${SHOP_SECRET} ] }',
      '${SHOP_SECRET} ], events: { purchase: no } }',
      'stores/acme.yaml:3:76 INVALID sources.shop.events.purchase: write off, on, or a table of what is to change',
    ],
    [
      'an unknown messenger',
      'store: acme',
      'store: acme\nalerts: { slak: { url: "https://hooks.slack.com/x" } }',
      'stores/acme.yaml:2:11 UNKNOWN_KEY unknown key slak, did you mean slack?',
    ],
    [
      'an unknown platform',
      'platform: shop',
      'platform: shpo',
      'stores/acme.yaml:3:21 UNKNOWN_PLATFORM there is no platform shpo, did you mean shop?',
    ],
    [
      'a source without a secret',
      '[ ${SHOP_SECRET} ]',
      '[]',
      'stores/acme.yaml:3:36 INVALID sources.shop.secrets: name at least one secret',
    ],
    [
      'an unknown key of a source',
      'platform: shop,',
      'platform: shop, evnts: {},',
      'stores/acme.yaml:3:27 UNKNOWN_KEY unknown key evnts, did you mean events?',
    ],
    [
      'an unknown destination',
      'ga4:',
      'gaa4:',
      'stores/acme.yaml:5:3 UNKNOWN_DESTINATION there is no destination gaa4, did you mean ga4?',
    ],
    [
      'consent for a destination that is not there',
      'store: acme',
      'store: acme\nconsent: { require: { gaa4: [analytics_storage] } }',
      'stores/acme.yaml:2:23 UNKNOWN_DESTINATION consent is required for gaa4, and there is no such destination, did you mean ga4?',
    ],
    [
      'a rule by whose name nothing is known',
      '${SHOP_SECRET} ] }',
      '${SHOP_SECRET} ], events: { purchse: { fields: { transaction_id: number } } } }',
      'stores/acme.yaml:3:66 MISSING purchse has neither a key nor order_id or lead_id, by which its events are told apart, did you mean purchase?',
    ],
    [
      'a misspelt event to send',
      'measurement_id: G-TEST000001,',
      'send: [purchase, refnd], measurement_id: G-TEST000001,',
      'stores/acme.yaml:5:27 INVALID destinations.ga4.send.1: is no standard event: refnd, did you mean refund?',
    ],
    [
      'an unknown setting',
      'measurement_id: G-TEST000001,',
      'measurement_id: G-TEST000001, regoin: eu,',
      'stores/acme.yaml:5:40 UNKNOWN_KEY unknown key regoin, did you mean region?',
    ],
    [
      'a missing setting',
      'measurement_id: G-TEST000001,',
      '',
      'stores/acme.yaml:5:3 MISSING measurement_id is missing',
    ],
  ])('in a store: %s', (_, from, to, wanted) => {
    expect(store(from, to)).toEqual([wanted]);
  });

  test.each([
    ['empty', ''],
    ['only notes', '# acme comes here\n'],
  ])('in a store file that is %s are told in words', (_, text) => {
    expect(mistakes(files(SHOP, text))).toEqual(['stores/acme.yaml:1:1 INVALID the file: is empty']);
  });
});
