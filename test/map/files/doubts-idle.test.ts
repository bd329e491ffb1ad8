// What a store file says in vain: it can be used, and is warned of with its place and what was meant.
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/map/files/files.ts';
import { ACME, ENV, load, SHOP } from '../../support/yaml.ts';

const LONG = { ...ENV, SHOP_SECRET: 'a secret of forty letters and some digits' };
const warned = (store: string, shop = SHOP) =>
  load({ 'shop.yaml': shop, 'stores/acme.yaml': store }, LONG)
    .warnings.filter(({ code }) => code !== 'WRITTEN_SECRET')
    .map(formatProblem);
/** With more said of the source. */
const source = (more: string, shop = SHOP) => warned(ACME.replace(' ] }', ` ], ${more} }`), shop);
const purchase = (more: string) => source(`events: { purchase: { ${more} } }`);

test('a part that is switched off and not there is told, with the one that was meant', () => {
  expect(source('events: { purchases: off }')).toEqual([
    'stores/acme.yaml:3:66 NOTHING_OFF purchases is off, and the platform has none to switch off, did you mean purchase?',
  ]);
  expect(purchase('fields: { curency: off }')).toEqual([
    expect.stringMatching(/NOTHING_OFF .*did you mean currency\?$/),
  ]);
  expect(purchase('when: { statu: off }')).toEqual([expect.stringMatching(/NOTHING_OFF .*did you mean status\?$/)]);
});

test('nothing is said of a part that is switched off and was there, nor of a test for false', () => {
  expect(source('events: { purchase: off }')).toEqual([expect.stringContaining('NO_RULES')]);
  expect(purchase('fields: { currency: off }, when: { status: off, gift: false }')).toEqual([]);
  const shared = SHOP.replace('events:', 'fields: { coupon: code }\nevents:');
  expect(source('events: { purchase: { fields: { coupon: off } } }', shared)).toEqual([]);
});

test('a topic that no rule of the platform knows is told, with the one that was meant', () => {
  expect(purchase('topics: [orders.paid]')).toEqual([
    'stores/acme.yaml:3:87 STRANGE_TOPIC the platform knows no topic orders.paid, so this rule may wait for it in vain, did you mean order.paid?',
  ]);
  expect(purchase('topics: [order.*]')).toEqual([]);
});

test('topics are not judged where a rule of the platform takes any', () => {
  const open = SHOP.replace('    topics: [order.paid]\n', '');
  expect(source('events: { purchase: { topics: [till] } }', open)).toEqual([]);
});

test.each(['{ status: Paid }', '{ status: [PAID, open] }', '{ status: { not: Paid } }', '{ any: [{ status: Paid }] }'])(
  'a value in other letters than the platform sends is told: %s',
  (when) => {
    const said = purchase(`when: ${when}`);
    expect(said).toEqual([expect.stringMatching(/LETTERS .*did you mean paid\?$/)]);
  },
);

test('a stage by its name is told where the platform knows them by their numbers', () => {
  const crm = (more: string) =>
    SHOP.replace(
      'events:',
      `settings:\n  stages: { type: stages, help: "by number, such as 3", default: { won: close_convert_lead }${more} }\nevents:`,
    );
  const stages = 'stages: { Demo held: qualify_lead, 3: working_lead, won: off }';
  expect(source(stages, crm(', numbered: true'))).toEqual([
    'stores/acme.yaml:3:66 STAGE_NAME no hook names a stage Demo held: the platform tells of stages by their numbers, by number, such as 3',
  ]);
  expect(source(stages, crm(''))).toEqual([]);
});

test('a rule that the platform has under another name is told, one of the store itself is not', () => {
  const shared = SHOP.replace('events:', 'fields: { lead_id: $string(id) }\nevents:');
  expect(source('events: { deal: { when: { pipeline: 2 } } }', shared)).toEqual([
    'stores/acme.yaml:3:66 NEW_RULE the platform has no rule deal, so this one makes events deal beside those of all others, known: purchase',
  ]);
  expect(
    source('events: { deal: { when: { pipeline: 2 }, key: id }, purchase: { when: { kind: a } } }', shared),
  ).toEqual([]);
});

test('a source without rules is told', () => {
  expect(source('', SHOP.replace(/events:[\s\S]*/, 'events: {}\n'))).toEqual([
    'stores/acme.yaml:3:3 NO_RULES nothing that comes to shop makes an event: it has no rules, say under events: what counts',
  ]);
});

test('a source that can prove nothing is told', () => {
  const open = SHOP.replace(/verify: .*\n/, '');
  expect(source('', open)).toEqual([
    expect.stringMatching(/^stores\/acme.yaml:3:3 NO_PROOF every hook of shop is refused: /),
  ]);
  expect(source('verify: { scheme: query }', open)).toEqual([]);
});

const listing = `reconcile:
  orders:
    about: orders
    url: https://{$settings.domain}/orders
    auth: [{ bearer: api_token }, { basic: [client_id, client_secret] }]
    each: { order.paid: orders }
    id: id
settings:
  domain: { type: host, help: the shop }
  api_token: { help: a token }
  client_id: { help: an id }
  client_secret: { help: its secret }
`;

test('settings of a list without the others that it is asked with are told', () => {
  const shop = listing + SHOP;
  expect(source('domain: lamps.example', shop)).toEqual([]);
  expect(source('domain: lamps.example, api_token: made-up-token-of-the-shop', shop)).toEqual([]);
  expect(source('api_token: made-up-token-of-the-shop', shop)).toEqual([
    'stores/acme.yaml:3:3 NOT_LISTED the orders of shop are never compared with what it sent: there is no domain, say domain',
  ]);
  expect(source('client_id: made-up', shop)).toEqual([
    expect.stringContaining('there is no domain and no client_secret'),
  ]);
});

test('a list that the store names without the settings that it is asked with is told', () => {
  const told = [
    expect.stringContaining('NOT_LISTED the orders of shop are never compared with what it sent: there is'),
  ];
  const unasked = listing.replace('about:', 'enabled: false\n    about:') + SHOP;
  expect(source('reconcile: { orders: on }', unasked)).toEqual(told);
  expect(source('reconcile: { orders: { rate: 1/s } }', unasked)).toEqual(told);
  expect(source('reconcile: { orders: off }', unasked)).toEqual([]);
  expect(source('', unasked)).toEqual([]);
});

const hooked = `webhooks:
  url: https://{$settings.domain}/webhooks
  auth: { basic: [client_id, client_secret] }
  each: webhooks
  id: id
  address: url
  topics: topic
  needs: a key that may read
  todo: look there
  mend: { url: "https://{$settings.domain}/webhooks/{id}", body: { on: true }, needs: a key that may write }
settings:
  domain: { type: host, help: the shop }
  client_id: { help: an id }
  client_secret: { help: its secret }
`;

test('webhooks that the store wants switched on again, and that nobody can ask for, are told', () => {
  const shop = hooked + SHOP;
  expect(source('webhooks: mend', shop)).toEqual([
    'stores/acme.yaml:3:56 NOT_ASKED shop is never asked which of its webhooks are off: there is no domain and no client_id and no client_secret, say domain and client_id and client_secret; it takes a key that may write',
  ]);
  expect(source('domain: lamps.example, client_id: made-up, webhooks: { rate: 1/s }', shop)).toEqual([
    expect.stringMatching(/NOT_ASKED .*: there is no client_secret, say client_secret; it takes a key that may read$/),
  ]);
  expect(source('domain: lamps.example, client_id: made-up, client_secret: made-up, webhooks: mend', shop)).toEqual([]);
  expect(source('webhooks: off', shop)).toEqual([]);
  expect(source('', shop)).toEqual([]);
});

test('a list whose topic no rule of the source takes any more is told', () => {
  const asked = 'domain: lamps.example, api_token: made-up-token-of-the-shop';
  const shop = listing + SHOP.replace('topics: [order.paid]', 'topics: [order.paid, order.sent]');
  const told =
    'stores/acme.yaml:3:3 LIST_IDLE nothing of the orders that shop lists is fetched: no rule takes order.paid';
  const narrowed = (topic: string) => source(`${asked}, events: { purchase: { topics: [${topic}] } }`, shop);
  expect(narrowed('order.paid')).toEqual([]);
  expect(narrowed('order.sent')).toEqual([
    `${told}, as which they are listed, add order.paid to the topics of the rule`,
  ]);
  expect(source('events: { purchase: { topics: [order.sent] } }', shop)).toEqual([]);
  const beside = `${shop}  lead: { topics: [person.*], key: id }\n`;
  expect(source(`${asked}, events: { purchase: off }`, beside)).toEqual([]);
  expect(source(`${asked}, events: { purchase: { topics: [order.sent] } }`, beside)).toEqual([
    expect.stringContaining('LIST_IDLE'),
  ]);
});
