// Loading a whole folder: every mistake of every file at once, with its place and what is meant, and what is left usable.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/map/files.ts';
import { ACME, ENV, type Files, load, mistakes, ORDER, SHOP, tryIn } from '../support/yaml.ts';

const files = (shop: string, store = ACME): Files => ({ 'shop.yaml': shop, 'stores/acme.yaml': store });
const shop = (from: string, to: string) => mistakes(files(SHOP.replace(from, to)));
const store = (from: string, to: string) => mistakes(files(SHOP, ACME.replace(from, to)));

describe('mistakes', () => {
  test('of all files are told at once, by file, line and column', () => {
    const found = mistakes({
      'shop.yaml': SHOP.replace('title: A shop', 'titel: A shop').replace('currency: currency', 'curency: currency'),
      'till.yaml': 'platform: till\n  title: [\n',
      'stores/acme.yaml': ACME.replace('acme', 'acme\ncontry: NL').replace('G-TEST000001', 'UA-1'),
      'stores/two.yaml': ACME.replace('platform: shop', 'platform: shopp'),
    });
    const places = found.map((line) => /^(\S+?):(\d+):(\d+) ([A-Z_]+) /.exec(line)?.slice(1));
    expect(places).not.toContain(undefined);
    expect(new Set(places.map((place) => place?.[0]))).toEqual(
      new Set(['shop.yaml', 'till.yaml', 'stores/acme.yaml', 'stores/two.yaml']),
    );
    const sorted = places.map(([file = '', line, column] = []) => [file, Number(line), Number(column)] as const);
    const byPlace = sorted.toSorted((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1] || a[2] - b[2]);
    expect(sorted).toEqual(byPlace);
    expect(found.join('\n')).toMatch(/titel, did you mean title\?[\s\S]*curency, did you mean currency\?/);
  });

  test('in structure do not hide those in expressions of the same file', () => {
    const both = SHOP.replace('when:', 'whne:').replace('total: total', 'total: $totl(lines)');
    expect(mistakes(files(both))).toEqual([
      expect.stringMatching(/^shop\.yaml:8:5 UNKNOWN_KEY unknown key whne, did you mean when\?$/),
      'shop.yaml:14:14 UNKNOWN_FUNCTION there is no function $totl, did you mean $total?',
    ]);
  });

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

  test('of a destination and of its condition are told at once', () => {
    expect(store('G-TEST000001', 'UA-1, when: { "$totl(items)": 5 }')).toEqual([
      expect.stringContaining('INVALID destinations.ga4.measurement_id: must look like'),
      expect.stringContaining('UNKNOWN_FUNCTION there is no function $totl'),
    ]);
  });

  test('are none where a number is a field: it becomes what the field is', async () => {
    const numbers = ACME.replace(' ] }', ' ], events: { purchase: { fields: { coupon: 12345, custom.n: 5 } } } }');
    const { events } = await tryIn(files(SHOP, numbers), ORDER);
    expect(events).toEqual([expect.objectContaining({ coupon: '12345', custom: { n: 5 } })]);
  });

  test('of a key that another table has ask for its place, not for itself', () => {
    expect(store('destinations:', 'secrets: [x]\ndestinations:')).toEqual([
      'stores/acme.yaml:4:1 UNKNOWN_KEY unknown key secrets, it belongs into another table: look at the spaces in front of it',
    ]);
  });

  test.each(['wait: 1h', 'enabled: false', 'keys: [id]'])('of %s outside of a rule ask for its place too', (line) => {
    const problems = load(files(`${SHOP}${line}\n`)).problems.map(({ hint }) => hint);
    expect(problems).toEqual(['it belongs into another table: look at the spaces in front of it']);
  });

  test('in what must be there do not hide those of the rest', () => {
    const nameless = ACME.replace('store: acme', 'store: Acme').replace('G-TEST000001', 'UA-1');
    expect(mistakes(files(SHOP, nameless.replace('platform: shop', 'platform: shopp')))).toEqual([
      'stores/acme.yaml:1:8 INVALID store: use lower-case letters, digits, - and _',
      'stores/acme.yaml:3:21 UNKNOWN_PLATFORM there is no platform shopp, did you mean shop?',
      expect.stringMatching(/^stores\/acme\.yaml:5:26 INVALID destinations\.ga4\.measurement_id: must look like/),
    ]);
    const untitled = SHOP.replace('title: A shop\n', '').replace('total: total', 'total: $totl(lines)');
    expect(mistakes(files(untitled))).toEqual([
      'shop.yaml:1:1 MISSING title is missing',
      'shop.yaml:13:14 UNKNOWN_FUNCTION there is no function $totl, did you mean $total?',
    ]);
  });

  test('of a platform are told though its name has a capital letter', () => {
    const text = SHOP.replace('platform: shop', 'platform: Shop').replace('total: total', 'totl: total');
    expect(mistakes({ 'shop.yaml': text })).toEqual([
      'shop.yaml:1:11 INVALID platform: use lower-case letters, digits, - and _',
      'shop.yaml:14:13 INVALID events.purchase.fields.totl: unknown field totl, did you mean total?',
    ]);
  });

  test.each([
    ['a missing title', 'title: A shop\n', '', 'shop.yaml:1:1 MISSING title is missing'],
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

  test('of all rules without a key are told', () => {
    const nameless = 'fields: { transaction_id: number }';
    const two = `\${SHOP_SECRET} ], events: { one: { ${nameless} }, two: { ${nameless} } } }`;
    expect(store('${SHOP_SECRET} ] }', two)).toEqual([
      expect.stringContaining('MISSING one has neither a key'),
      expect.stringContaining('MISSING two has neither a key'),
    ]);
  });

  test('in names: a platform or a store that is there twice', () => {
    const twice = mistakes({ ...files(SHOP), 'shop2.yaml': SHOP, 'stores/zoo.yaml': ACME });
    expect(twice).toEqual([
      'shop2.yaml:1:11 TWICE platform shop is also in shop.yaml',
      'stores/zoo.yaml:1:8 TWICE store acme is also in stores/acme.yaml',
    ]);
  });

  test('in a platform nobody uses are told too', () => {
    expect(mistakes({ 'shop.yaml': SHOP.replace('total: total', 'totl: total') })).toEqual([
      expect.stringContaining('unknown field totl'),
    ]);
  });

  test('never show the value of a secret', () => {
    const leaky = ACME.replace('G-TEST000001', '${SHOP_SECRET}');
    expect(mistakes(files(SHOP, leaky)).join()).not.toContain(ENV.SHOP_SECRET);
  });
});

describe('two sources of one platform in one store', () => {
  const two = ACME.replace(
    'destinations:',
    '  shop_be: { platform: shop, secrets: [ ${SHOP_SECRET} ] }\ndestinations:',
  );
  const warnings = (platform: string) => load(files(platform, two)).warnings.map(formatProblem);

  test('are warned of where ids repeat from shop to shop, and can be used all the same', () => {
    const repeating = SHOP.replace('title: A shop', 'title: A shop\nids_repeat: true');
    expect(warnings(repeating)).toEqual([
      'stores/acme.yaml:4:3 SAME_IDS shop and shop_be are both shop, whose ids repeat from shop to shop: of two orders or leads with one id only the first counts, give each shop a store file of its own, unless both are one shop',
    ]);
    expect(load(files(repeating, two)).stores.get('acme')?.sources.size).toBe(2);
    expect(mistakes(files(repeating, two))).toEqual([]);
  });

  test('are fine where they do not', () => {
    expect(warnings(SHOP)).toEqual([]);
  });
});

describe('what is usable', () => {
  test('is a second account of one kind, under a name of its own', () => {
    const two = `${ACME}  shop-eu: { type: ga4, measurement_id: G-TEST000002, api_secret: \${GA4_SECRET} }\n`;
    expect(mistakes(files(SHOP, two))).toEqual([]);
    const routes = load(files(SHOP, two)).stores.get('acme')?.routes ?? [];
    expect(routes.map(({ name, destination, account }) => [name, destination.name, account])).toEqual([
      ['ga4', 'ga4', 'G-TEST000001'],
      ['shop-eu', 'ga4', 'G-TEST000002'],
    ]);
  });
  test('is every store without a mistake, whatever is wrong beside it', () => {
    const { stores, broken } = load({
      ...files(SHOP),
      'broken.yaml': 'platform: [',
      'stores/bad.yaml': ACME.replace('store: acme', 'store: bad\noops: 1'),
      'stores/worse.yaml': 'store: [',
    });
    expect([...stores.keys()]).toEqual(['acme']);
    expect(broken).toEqual(new Set(['stores/bad.yaml', 'stores/worse.yaml']));
  });

  test('is a store whose platform is fine, even if another platform is not', () => {
    const { stores } = load({
      ...files(SHOP),
      'till.yaml': SHOP.replace('platform: shop', 'platform: till').replace('total: total', 'totl: total'),
    });
    expect([...stores.keys()]).toEqual(['acme']);
  });

  test('is no store of a broken platform', () => {
    expect(load(files(SHOP.replace('total: total', 'totl: total'))).stores.size).toBe(0);
  });
});
