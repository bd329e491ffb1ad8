// Values in a store file that look right and are none: each mistake is told in words, at its place.
import { describe, expect, test } from 'vitest';
import { ACME, load, ORDER, SHOP, tryIn } from '../../support/yaml.ts';
import { files, store } from './load-mistakes.ts';

describe('mistakes', () => {
  test.each<[string, string, string, string | RegExp]>([
    [
      'a number as an id',
      'G-TEST000001',
      '123',
      '5:26 INVALID destinations.ga4.measurement_id: must be a text; put it in quotes',
    ],
    [
      'a choice that is none',
      'G-TEST000001',
      'G-1, region: EU',
      '5:39 INVALID destinations.ga4.region: EU is none of eu, did you mean eu?',
    ],
    [
      'a name in capitals',
      '  shop: {',
      '  Shop: {',
      '3:3 INVALID sources.Shop: use lower-case letters, digits, - and _',
    ],
    [
      'a number that is no choice',
      ' ] }',
      ' ], events: { purchase: { fields: { channel: 5 } } } }',
      '3:97 INVALID channel: "5" is none of online, phone, pos, renewal',
    ],
    [
      'a switch that is no amount',
      ' ] }',
      ' ], events: { purchase: { fields: { tax: true } } } }',
      '3:93 INVALID tax: "true" is no amount',
    ],
    [
      'a table for a field',
      ' ] }',
      ' ], events: { purchase: { fields: { custom: { a: b } } } } }',
      '3:96 INVALID events.purchase.fields.custom: write an expression or a list of them; parts of a field have a dot in its name, such as user_data.email_address',
    ],
    [
      'a switch for proof',
      ' ] }',
      ' ], verify: off }',
      '3:64 INVALID sources.shop.verify: write a table with a scheme, or a list of them',
    ],
    [
      'a proof nobody knows',
      ' ] }',
      ' ], verify: { scheme: hmca } }',
      '3:74 INVALID sources.shop.verify.scheme: must be hmac or hash or rsa or certificate or basic or bearer or header or query or body_token',
    ],
    ['an age of nothing', 'store: acme', 'store: acme\nmax_age: 0d', '2:10 INVALID max_age: must be more than 0'],
    ['a rate of nothing', 'G-TEST000001', 'G-1, rate: 0/s', '5:37 INVALID destinations.ga4.rate: must be more than 0'],
    [
      'an id as a secret',
      'api_secret: ${GA4_SECRET}',
      'api_secret: G-TEST000001',
      '5:52 INVALID destinations.ga4.api_secret: is a measurement id; the secret is in GA4 under Admin, Data streams, Measurement Protocol API secrets',
    ],
    [
      'a pixel as a token',
      '  ga4:',
      '  meta: { pixel_id: "123456789", access_token: "123456789" }\n  ga4:',
      '5:48 INVALID destinations.meta.access_token: is the pixel id; the token is a long text, made in Events Manager under Settings, Conversions API',
    ],
    ...['google-analytics.com', 'googletagmanager.com/gtm.js'].map((url): [string, string, string, string] => [
      `an address of Google as a container, ${url},`,
      '  ga4:',
      `  sgtm: { url: https://www.${url} }\n  ga4:`,
      '5:16 INVALID destinations.sgtm.url: is an address of Google itself; write that of your own server container, such as https://sst.shop.example/data',
    ]),
    [
      'the path of another client',
      '  ga4:',
      '  sgtm: { url: https://sst.acme.example/g/collect }\n  ga4:',
      '5:16 INVALID destinations.sgtm.url: has the path of a client of Google’s; write that of the Data Client, such as /data, or format: measurement_protocol',
    ],
    ...['json', 'application/json; charset=utf-8'].map((type): [string, string, string, string] => [
      `a content type that no request has, ${type},`,
      ' ] }',
      ` ], accepts: ["${type}"] }`,
      '3:66 INVALID sources.shop.accepts.0: write a content type in small letters and without charset, such as application/json',
    ]),
    [
      'a look-back of nothing',
      'store: acme',
      'store: acme\nvisits: { origins: [https://acme.example], lookback: 0d }',
      '2:54 INVALID visits.lookback: must be more than 0',
    ],
    ['a list of no channels', 'store: acme', 'store: acme\nchannels: []', '2:11 INVALID channels: is empty'],
    [
      'a list of no topics',
      ' ] }',
      ' ], events: { purchase: { topics: [] } } }',
      '3:86 INVALID sources.shop.events.purchase.topics: is empty',
    ],
    ...['"\'order\'"', '"1"', '$store'].map((key): [string, string, string, string] => [
      `a key that is the same for all orders, ${key},`,
      ' ] }',
      ` ], events: { purchase: { key: ${key} } } }`,
      '3:83 INVALID key: is the same for every order, so that all after the first would be taken for copies of it, name the field that holds the id, such as $string(id)',
    ]),
    ...['set: { transaction_id: name }', 'fields: { order_id: "\'x\'" }', 'fields: { event_id: 12345 }'].map(
      (part): [string, string, string, RegExp] => [
        `one id for all orders, ${part},`,
        ' ] }',
        ` ], events: { purchase: { ${part} } } }`,
        /:3:\d+ INVALID (transaction|order|event)_id: is the same for every order, .*, name the field that holds it, under fields$/,
      ],
    ),
    ...['currency: EUR', 'channel: phone', 'customer_type: new', 'consent.ad_storage: denied'].map(
      (field): [string, string, string, RegExp] => [
        `a value where a field is named, ${field},`,
        ' ] }',
        ` ], events: { purchase: { fields: { ${field} } } } }`,
        /:3:\d+ INVALID [\w.]+: would be what a field named \w+ holds, write "'(\w+)'", or set: \{ [\w.]+: \1 \}, to mean \1 itself$/,
      ],
    ),
    ...[
      'fields: { user_data.email_address: [mail, buyer.e-mail] }',
      'fields: { event_time: created-at }',
      'key: order-id',
    ].map((part): [string, string, string, RegExp] => [
      `a name with a hyphen, ${part},`,
      ' ] }',
      ` ], events: { purchase: { ${part} } } }`,
      /:3:\d+ INVALID [\w.]+: [\w.-]+ takes one field from another, for a hyphen is a minus sign, put the name in backticks: "(?:buyer\.)?`[\w-]+`"$/,
    ]),
    [
      'a key of the store in a source',
      ' ] }',
      ' ], currency: EUR }',
      '3:56 UNKNOWN_KEY unknown key currency, it belongs into another table: look at the spaces in front of it',
    ],
    [
      'a key that a destination has not got',
      'G-TEST000001',
      'G-TEST000001, only: [purchase]',
      /:5:\d+ UNKNOWN_KEY unknown key only, known: measurement_id, api_secret, .*, send, when, /,
    ],
    [
      'a consent that is none',
      ' ] }',
      ' ], events: { purchase: { set: { consent.ad_storage: grant } } } }',
      '3:105 INVALID consent.ad_storage: "grant" is none of granted, denied, unknown',
    ],
    ...Object.entries({
      'status: paid, authorized':
        '100 INVALID events.purchase.when.authorized: has no test behind it; of several values write a list, such as [paid, authorized]',
      'exists: cancelled_at':
        '94 INVALID events.purchase.when.exists: stands behind a field, such as status: { exists: … }',
      'not: { status: open }': '91 INVALID events.purchase.when.not: stands behind a field, such as status: { not: … }',
      'or: [{ status: open }]':
        '90 INVALID events.purchase.when.or: is no field; all tests of a table must hold, and any: is a list of tables of which one must hold',
      'tags: "!= b2b"': '92 INVALID events.purchase.when.tags: is one text; write { not: b2b }',
      'tags: b2b*': '92 INVALID events.purchase.when.tags: compares letter by letter; write { matches: "b2b*" }',
      'tags: "*"': '92 INVALID events.purchase.when.tags: compares letter by letter; write { exists: true }',
      'form-id: 7':
        '95 INVALID events.purchase.when.form-id: takes one field from another; put the name in backticks: "`form-id`", or spaces around the minus where that is meant',
      'status: ^(paid|open)$': '94 INVALID events.purchase.when.status: is one text; write [paid, open]',
      'gone: ""':
        '92 INVALID events.purchase.when.gone: is equal to nothing, for an empty field is missing; write { exists: false }',
      'gone: { not: "" }':
        '92 INVALID events.purchase.when.gone: always holds, for an empty field is missing; write { exists: true }',
    }).map(([when, said]): [string, string, string, string] => [
      `a test that can never hold, ${when},`,
      ' ] }',
      ` ], events: { purchase: { when: { ${when} } } } }`,
      `3:${said}`,
    ]),
    [
      'an event misspelt',
      ' ] }',
      ' ], events: { purchase: { emit: purchse } } }',
      '3:84 INVALID is no standard event: purchse, did you mean purchase?',
    ],
    [
      'a rule that makes an event misspelt',
      ' ] }',
      ' ], events: { refnd: { key: id } } }',
      '3:66 INVALID is no standard event: refnd, did you mean refund?',
    ],
  ])('such as %s are told in words', (_, from, to, wanted) => {
    expect(store(from, to)).toEqual([
      typeof wanted === 'string' ? `stores/acme.yaml:${wanted}` : expect.stringMatching(wanted),
    ]);
  });

  test('are none where a pattern is to be left out', () => {
    const store = ACME.replace(' ] }', ' ], events: { purchase: { when: { tags: { not: { matches: "*b2b*" } } } } } }');
    const at = store.replace('G-TEST000001', 'G-TEST000001, when: { channel: { not: { matches: "p*" } } }');
    const { problems, warnings } = load({ 'shop.yaml': SHOP, 'stores/acme.yaml': at });
    expect([problems, warnings.filter(({ code }) => code === 'NEVER_SAID')]).toEqual([[], []]);
  });

  test('are none where amounts are taken from each other', () => {
    const events =
      '{ purchase: { fields: { value: total-tax, custom.net: total-tax }, when: { total-tax: { gt: 5 } } } }';
    expect(store(' ] }', ` ], events: ${events} }`)).toEqual([]);
  });

  test('are none where a number is a field: it becomes what the field is', async () => {
    const numbers = ACME.replace(' ] }', ' ], events: { purchase: { fields: { coupon: 12345, custom.n: 5 } } } }');
    const { events } = await tryIn(files(SHOP, numbers), ORDER);
    expect(events).toEqual([expect.objectContaining({ coupon: '12345', custom: { n: 5 } })]);
  });
});
