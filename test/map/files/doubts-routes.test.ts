// What a store file says of its destinations in vain, and of one account twice: warned of with its place and what was meant.
import { expect, test } from 'vitest';
import { EVENT_NAMES } from '../../../src/event-name.ts';
import { formatProblem } from '../../../src/map/files/files.ts';
import { ACME, ENV, load, SHOP } from '../../support/yaml.ts';

const LONG = { ...ENV, SHOP_SECRET: 'a secret of forty letters and some digits' };
const warned = (store: string, shop = SHOP) =>
  load({ 'shop.yaml': shop, 'stores/acme.yaml': store }, LONG)
    .warnings.filter(({ code }) => code !== 'WRITTEN_SECRET')
    .map(formatProblem);
/** With another destination. */
const beside = (more: string, first = '') =>
  warned(
    `${ACME.replace('G-TEST000001', `G-TEST000001${first}`)}  ga4_be: { type: ga4, api_secret: other, measurement_id: ${more} }\n`,
  );

test('a destination that is to send an event no source makes is told', () => {
  expect(warned(ACME.replace('G-TEST000001', 'G-TEST000001, send: [purchase, lead]'))).toEqual([
    'stores/acme.yaml:5:57 NEVER_MADE no source makes lead, so nothing of it is sent, known: purchase',
  ]);
});

test('a stage that is off is named among no events', () => {
  const stages = 'stages: { type: stages, help: by name, default: { won: deal_won, lost: off } }';
  const rule = '  stage: { emit: "$attr($settings.stages, status)", key: id }\n';
  const shop = `${SHOP.replace('events:', `settings: { ${stages} }\nevents:`)}${rule}`;
  const said = warned(ACME.replace('G-TEST000001', 'G-TEST000001, send: [deal_won, visit]'), shop);
  expect(said).toEqual([expect.stringMatching(/NEVER_MADE no source makes visit, .* known: (?!.*\boff\b).*deal_won/)]);
});

test('nothing is said of the events of a destination where the store names some by an expression', () => {
  const rule = `deal: { emit: "$string(status) = 'won' ? 'deal_won' : 'deal_lost'", key: id }`;
  const store = ACME.replace(' ] }', ` ], events: { ${rule} } }`).replace(
    'G-TEST000001',
    'G-TEST000001, send: [deal_won]',
  );
  expect(warned(store)).toEqual([]);
});

test('a destination that is sent nothing is told', () => {
  expect(warned(ACME.replace('G-TEST000001', 'G-TEST000001, send: []'))).toEqual([
    'stores/acme.yaml:5:46 NEVER_MADE ga4 is sent nothing, name events, or take it out',
  ]);
});

/** With Google Ads as the other destination. */
const ads = (more: string) =>
  warned(
    `${ACME}  google_ads: { customer_id: 123-456-7890, client_id: id, client_secret: secret, refresh_token: token, ${more} }\n`,
  ).filter((line) => line.includes('NEVER'));

test('an event that a table of a destination names and no source makes is told', () => {
  expect(ads('conversion_actions: { purchase: 12, deal_won: 13 }')).toEqual([
    'stores/acme.yaml:6:140 NEVER_MADE no source makes deal_won, so nothing of it is sent, known: purchase',
  ]);
});

test('an event that a destination names and never wants is told with why', () => {
  const shop = `${SHOP}  refund: { key: id, fields: { order_id: id } }\n`;
  const google = 'customer_id: 123-456-7890, client_id: id, client_secret: secret, refresh_token: token';
  const store = `${ACME}  google_ads: { ${google}, conversion_actions: { purchase: 1, refund: 2 }, send: [refund] }
  meta: { pixel_id: "123456789012345", access_token: token, send: [purchase, refund] }
`;
  expect(warned(store, shop)).toEqual([
    expect.stringMatching(
      /^stores\/acme.yaml:6:159 NEVER_SENT no refund goes to google_ads: Google Ads knows no refunds; /,
    ),
    'stores/acme.yaml:6:126 NEVER_SENT no purchase goes to google_ads: google_ads is set to send only refund',
    expect.stringMatching(/^stores\/acme.yaml:6:139 NEVER_SENT no refund goes to google_ads: /),
    'stores/acme.yaml:7:78 NEVER_SENT no refund goes to meta: Meta knows no refunds',
  ]);
});

test('nothing is said of events that a destination wants of some orders and leads', () => {
  const emitted = [...EVENT_NAMES, 'demo_held'];
  const rules = emitted.map((name) => `  ${name}: { key: id, fields: { order_id: id } }\n`).join('');
  const send = `send: [${emitted.join(', ')}]`;
  const sold = 'send: [purchase, generate_lead]';
  const actions = emitted.filter((name) => name !== 'refund').map((name) => `${name}: 1`);
  const store = ACME.replace('G-TEST000001', `G-TEST000001, ${send}`);
  const others = `  meta: { pixel_id: "123456789012345", access_token: token, refunds: custom_event, ${send} }
  sgtm: { url: https://sst.acme.example/data, ${send} }
  mp: { type: sgtm, format: measurement_protocol, measurement_id: G-2, url: https://sst.acme.example/mp, ${send} }
  google_ads: { customer_id: 123-456-7890, client_id: id, client_secret: s, refresh_token: t, user_data: false, conversion_actions: { ${actions.join(', ')} } }
  tiktok: { pixel_id: CTEST0PIXEL, access_token: t, ${sold} }
  tiktok_offline: { type: tiktok, event_source: offline, pixel_id: CTEST1PIXEL, access_token: t, ${sold} }
`;
  expect(
    warned(store + others, SHOP.replace(/ {2}purchase:[\s\S]*/, rules)).filter((line) => /NEVER/.test(line)),
  ).toEqual([]);
});

test('two destinations for one account are told', () => {
  expect(beside('g-test000001')).toEqual([
    'stores/acme.yaml:6:3 TWICE ga4 and ga4_be send to the same account, so what both take arrives twice, correct one of them, or take it out',
  ]);
  expect(beside('G-TEST000001, when: { channel: phone }')).toEqual([expect.stringContaining('TWICE')]);
});

test.each([
  ['of other accounts', 'G-OTHER', ''],
  ['that send other events', 'G-TEST000001, send: [refund]', ', send: [purchase]'],
  ['with conditions of their own', 'G-TEST000001, when: { channel: phone }', ', when: { channel: online }'],
])('nothing is said of two destinations %s', (_, second, first) => {
  expect(beside(second, first).filter((line) => line.includes('TWICE'))).toEqual([]);
});

const TOKEN = 'access_token: a-token';
const pixel = (more = '') => `tiktok, pixel_id: CABCDEF1234567890XYZ, ${TOKEN}${more}`;
const meta = (more = '') => `meta, pixel_id: "123456789012345", ${TOKEN}${more}`;
const ga4 = (more = '') => `ga4, measurement_id: G-OTHER00001, api_secret: other${more}`;
const google = (more: string) =>
  `google_ads, customer_id: 123-456-7890, client_id: i, client_secret: s, refresh_token: t, ${more}`;
const sgtm = (more = '') => `sgtm, url: https://sst.acme.example/data${more}`;
/** What is said of two more destinations of these kinds and settings. */
const pair = (one: string, other: string) =>
  warned(`${ACME}  one: { type: ${one} }\n  other: { type: ${other} }\n`).filter((line) => line.includes('TWICE'));

test.each([
  ['a pixel under names of its own', pixel(), pixel(', names: former')],
  ['a pixel with other limits', pixel(), pixel(', event_source: web, limited_data_use: true')],
  ['a dataset asked of another version', meta(), meta(', api_version: v26.0, refunds: custom_event')],
  ['a stream in another region', ga4(), ga4(', region: eu, user_data: false')],
  ['a container that says what is reported', sgtm(), sgtm(', user_data: hashed')],
  [
    'one conversion action of several',
    google('conversion_actions: { purchase: 1, generate_lead: 2 }'),
    google('conversion_actions: { purchase: 1, generate_lead: 3 }, user_data: false'),
  ],
])('two destinations for %s are told, though other settings differ', (_, one, other) => {
  expect(pair(one, other)).toEqual([
    'stores/acme.yaml:7:3 TWICE one and other send to the same account, so what both take arrives twice, correct one of them, or take it out',
  ]);
});

test.each([
  ['one id as pixel and as offline event set', pixel(), pixel(', event_source: offline')],
  ['a pixel and a stand-in', pixel(), pixel(', endpoint: https://standin.acme.example')],
  [
    'other conversion actions of one account',
    google('conversion_actions: { purchase: 1 }'),
    google('conversion_actions: { purchase: 2 }'),
  ],
  [
    'one conversion action, sent once',
    google('conversion_actions: { purchase: 1, generate_lead: 2 }'),
    google('conversion_actions: { purchase: 1, generate_lead: 3 }, send: [generate_lead]'),
  ],
  ['two clients of a container', sgtm(), sgtm('2')],
  ['refunds alone beside one without them', meta(), meta(', send: [refund], refunds: custom_event')],
])('nothing is said of two destinations for %s', (_, one, other) => {
  expect(pair(one, other)).toEqual([]);
});
