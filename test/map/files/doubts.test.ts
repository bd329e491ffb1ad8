// What a store file may say and most likely does not mean: it can be used, and is warned of with its place and what was meant.
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/map/files/files.ts';
import { ACME, ENV, load, SHOP } from '../../support/yaml.ts';

const LONG = { ...ENV, SHOP_SECRET: 'a secret of forty letters and some digits' };
const doubts = (from: string, to: string) => {
  const { stores, warnings } = load({ 'shop.yaml': SHOP, 'stores/acme.yaml': ACME.replace(from, to) }, LONG);
  expect(stores.size).toBe(1);
  return warnings.map(formatProblem);
};

test.each([
  [
    'a country that is none',
    'country: UK',
    /^stores\/acme\.yaml:2:10 COUNTRY UK is no country, .*, did you mean GB\?$/,
  ],
  ['letters of nothing', 'country: XX', /:2:10 COUNTRY XX is no country, .*, write the two letters of ISO 3166$/],
  [
    'a currency that is none',
    'currency: EUO',
    /:2:11 CURRENCY EUO is no currency, write the three letters of ISO 4217$/,
  ],
])('%s is warned of', (_, line, wanted) => {
  expect(doubts('store: acme', `store: acme\n${line}`)).toEqual([expect.stringMatching(wanted)]);
});

test.each([
  ['a field misspelt', '{ chanel: online }', /:5:39 NO_FIELD events have no chanel; .*, did you mean channel\?$/],
  [
    'a field of the sender',
    '{ any: [{ financial_status: paid }] }',
    /:5:47 NO_FIELD events have no financial_status; .*/,
  ],
  [
    'a part of a field misspelt',
    '{ user_data.email: { exists: true } }',
    /:5:39 NO_FIELD events have no user_data\.email; .*, did you mean user_data\.email_address\?$/,
  ],
  ['a field of articles misspelt', '{ items.item_nam: Lamp }', /:5:39 NO_FIELD .*, did you mean items\.item_name\?$/],
  [
    'an event misspelt',
    '{ name: [purchas] }',
    /:5:45 NEVER_SAID name is never purchas in an event, did you mean purchase\?$/,
  ],
])('a destination that asks for %s gets nothing, and is warned of', (_, when, wanted) => {
  expect(doubts('G-TEST000001', `G-1, when: ${when}`)).toEqual([expect.stringMatching(wanted)]);
});

test.each([
  ['{ channel: Online }', 'channel is never Online in an event, did you mean online?'],
  ['{ channel: { not: tel } }', 'channel is never tel in an event, known: online, phone, pos, renewal'],
  ['{ any: [{ currency: [EUR, usd] }] }', 'currency is never usd in an event, did you mean USD?'],
  [
    '{ user_data.address.country: Germany }',
    'user_data.address.country is never Germany in an event, did you mean DE?',
  ],
  ['{ consent.ad_storage: true }', 'consent.ad_storage is never true in an event, did you mean granted?'],
])('a destination that asks for %s is warned of', (when, wanted) => {
  expect(doubts('G-TEST000001', `G-1, when: ${when}`)).toEqual([expect.stringContaining(`NEVER_SAID ${wanted}`)]);
});

test.each([
  '{ channel: online }',
  '{ currency: { not: [EUR, USD] } }',
  '{ consent.ad_storage: granted, customer_type: { exists: true } }',
  '{ custom.team: nl }',
  '{ user_data.address.country: NL }',
  '{ "$sum(items.price)": 5 }',
])('a destination may ask for %s', (when) => {
  expect(doubts('G-TEST000001', `G-1, when: ${when}`)).toEqual([]);
});
test.each(['country: NL', 'country: XK', 'currency: EUR'])('nothing is said of %s', (line) => {
  expect(doubts('store: acme', `store: acme\n${line}`)).toEqual([]);
});

const LETTERS = 'shpss_0123456789abcdef';
test.each([
  [`"${LETTERS}"`, 'has quotes around it'],
  [`${LETTERS}\n`, 'has a space or the end of a line before or behind it'],
  [`${LETTERS} # shown once`, 'has a comment behind it'],
  [`Bearer ${LETTERS}`, 'begins with Bearer'],
  [`SHOP_SECRET=${LETTERS}`, 'begins with a name and ='],
  [`?key=${LETTERS}`, 'begins with a name and ='],
  [`${LETTERS}…`, 'is not the whole of it'],
  ['••••••••••••••••', 'is not the whole of it'],
])('a secret that was copied with more or less than itself is warned of, and not shown: %j', (secret, what) => {
  const env = { ...LONG, SHOP_SECRET: secret, GA4_SECRET: secret };
  const said = load({ 'shop.yaml': SHOP, 'stores/acme.yaml': ACME }, env).warnings.map(formatProblem);
  expect(said).toEqual([
    expect.stringContaining(`stores/acme.yaml:3:38 ODD_SECRET sources.shop.secrets ${what}, `),
    expect.stringContaining(`stores/acme.yaml:5:52 ODD_SECRET destinations.ga4.api_secret ${what}, `),
  ]);
  expect(said.join()).not.toContain(LETTERS);
});
test.each([
  '-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n',
  'whsec_dGFnYnJpZGdlLXRlc3Q=',
  'it said "yes" to me',
])('nothing is said of a secret such as %j', (secret) => {
  const env = { ...LONG, SHOP_SECRET: secret };
  expect(load({ 'shop.yaml': SHOP, 'stores/acme.yaml': ACME }, env).warnings).toEqual([]);
});

test('another key of the sender in the place of the secret is told with what it is', () => {
  const shop = SHOP.replace(
    'hook:',
    'mistaken_secrets: { "tok_*": "the access token; the signing secret is below it" }\nhook:',
  );
  const withSecret = (secret: string) =>
    load({ 'shop.yaml': shop, 'stores/acme.yaml': ACME }, { ...LONG, SHOP_SECRET: secret }).warnings.map(formatProblem);
  expect(withSecret('tok_0123456789abcdef')).toEqual([
    'stores/acme.yaml:3:38 OTHER_SECRET nothing of shop is signed with this secret, it is the access token; the signing secret is below it',
  ]);
  expect(withSecret('whole_tok_0123456789abcdef')).toEqual([]);
});
