// Environment values in store files: where they may stand, what is missing, and what must never be readable there.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/map/files/files.ts';
import { loadMappings } from '../../../src/map/files/load.ts';
import { mappingParts } from '../../../src/mapping-parts.ts';
import { ACME, ENV, load, mistakes, SHOP, textsOf } from '../../support/yaml.ts';

const files = (store: string) => ({ 'shop.yaml': SHOP, 'stores/acme.yaml': store });
const secretsOf = (store: string, env: Record<string, string> = ENV) =>
  load(files(store), env).stores.get('acme')?.sources.get('shop')?.secrets;
const withSecrets = (text: string) => ACME.replace('[ ${SHOP_SECRET} ]', text);

describe('${NAME}', () => {
  test.each([
    ['in flow style', '[ ${SHOP_SECRET} ]', ['secret-of-the-shop']],
    ['in quotes', '["${SHOP_SECRET}"]', ['secret-of-the-shop']],
    ['inside a text', '["whsec_${SHOP_SECRET}!"]', ['whsec_secret-of-the-shop!']],
    ['twice', '["${SHOP_SECRET}", "${GA4_SECRET}"]', ['secret-of-the-shop', 'secret-of-ga4']],
  ])('is filled in %s', (_, text, wanted) => {
    expect(secretsOf(withSecrets(text))).toEqual(wanted);
  });

  test('keeps every character of the value, and fills nothing inside it', () => {
    const value = '$& ${GA4_SECRET} "quotes" \\ # {braces} 💡';
    expect(secretsOf(ACME, { ...ENV, SHOP_SECRET: value })).toEqual([value]);
  });

  test.each([
    ['is not set', {}],
    ['is empty', { SHOP_SECRET: '' }],
  ])('that %s is a mistake with file, line and name', (_, env) => {
    expect(mistakes(files(ACME), { GA4_SECRET: 'x', ...env })).toEqual([
      'stores/acme.yaml:3:38 ENV_MISSING ${SHOP_SECRET} is not set, set SHOP_SECRET in the environment or in .env; a running bridge reads them when it is restarted',
    ]);
  });

  test('whose value .env cuts off at a # is told, without the value', () => {
    const cut = new Map([['SHOP_SECRET', 7]]);
    const loaded = (env: Record<string, string>) => loadMappings(textsOf(files(ACME)), mappingParts(env, { cut }));
    const hint = 'put the whole value in quotes in line 7 of .env; docker run --env-file wants it without';
    expect(loaded({ ...ENV, SHOP_SECRET: 'the-first-part-of-it' }).warnings.map(formatProblem)).toContain(
      `stores/acme.yaml:3:38 CUT what SHOP_SECRET holds ends at its #, as if a comment began there, ${hint}`,
    );
    expect(loaded({ ...ENV, SHOP_SECRET: '' }).problems.map(formatProblem)).toEqual([
      `stores/acme.yaml:3:38 ENV_MISSING \${SHOP_SECRET} is not set, ${hint}`,
    ]);
  });

  test('is told for all that are missing at once', () => {
    expect(mistakes(files(ACME), {})).toEqual([
      expect.stringMatching(/^stores\/acme\.yaml:3:\d+ ENV_MISSING \$\{SHOP_SECRET\}/),
      expect.stringMatching(/^stores\/acme\.yaml:5:\d+ ENV_MISSING \$\{GA4_SECRET\}/),
    ]);
  });

  test('is read in a setting that a platform declares, whatever its name, and in no other place of that name', () => {
    const shop = `${SHOP}\nsettings: { api_key: { help: the key of the API } }`;
    const acme = (over: string) => ({
      ...files(ACME.replace('platform: shop,', `platform: shop, ${over},`)),
      'shop.yaml': shop,
    });
    const env = { ...ENV, SHOP_KEY: 'made-up-key' };
    expect(mistakes(acme('api_key: "${SHOP_KEY}"'), env)).toEqual([]);
    const elsewhere = acme('events: { purchase: { set: { api_key: "${SHOP_KEY}" } } }');
    expect(mistakes(elsewhere, env)).toContainEqual(expect.stringMatching(/ENV_NOT_HERE/));
  });

  test.each([
    ['a setting that is misspelt', 'platform: shop, api_kye: "${SHOP_SECRET}",', 'UNKNOWN_KEY'],
    ['a platform whose file is broken', 'platform: shopp, api_key: "${SHOP_SECRET}",', 'UNKNOWN_PLATFORM'],
  ])('in a source with %s is no second mistake', (_, text, code) => {
    const found = mistakes(files(ACME.replace('platform: shop,', text)));
    expect(found).toEqual([expect.stringContaining(code)]);
  });

  test.each([
    ['the store’s title', 'store: acme', 'store: acme\ntitle: ${HOME}'],
    ['an expression', 'platform: shop,', 'platform: shop, events: { purchase: { fields: { coupon: "${HOME}" } } },'],
    ['a constant', 'platform: shop,', 'platform: shop, events: { purchase: { set: { coupon: "${HOME}" } } },'],
  ])('is not read in %s', (_, from, to) => {
    const found = mistakes(files(ACME.replace(from, to)), { ...ENV, HOME: '/home/somebody' });
    expect(found).toContainEqual(expect.stringMatching(/ENV_NOT_HERE \$\{HOME\} is not replaced here/));
    expect(found.join()).not.toContain('/home/somebody');
  });

  test.each([
    ['without its braces', '["$SHOP_SECRET"]'],
    ['without dollar and braces', '[SHOP_SECRET]'],
    ['as Windows writes it', '["%SHOP_SECRET%"]'],
    ['in round brackets', '["$(SHOP_SECRET)"]'],
    ['in the quotes of a word processor', '[“${SHOP_SECRET}”]'],
  ])('that is written %s is warned of: it would be the secret itself', (_, text) => {
    const { stores, warnings } = load(files(withSecrets(text)));
    expect(stores.size).toBe(1);
    expect(warnings.filter(({ code }) => code === 'NO_NAME').map(formatProblem)).toEqual([
      `stores/acme.yaml:3:37 NO_NAME these letters themselves would be used, write "\${SHOP_SECRET}" with straight quotes to mean what SHOP_SECRET holds`,
    ]);
  });

  test.each([
    ['without its braces', '["$NOT_SET"]', 'NOT_SET'],
    ['with room around it', '["${ SHOP_SECRET }"]', 'SHOP_SECRET'],
    ['with a value in case', '["${NOT_SET:-abc}"]', 'NOT_SET'],
    ['with hyphens', '["${SHOP-SECRET}"]', 'SHOP_SECRET'],
    ['in double braces', '["{{ SHOP_SECRET }}"]', 'SHOP_SECRET'],
  ])('that is written %s is warned of, set or not', (_, text, name) => {
    const { warnings } = load(files(withSecrets(text)));
    expect(warnings.filter(({ code }) => code === 'NO_NAME').map(formatProblem)).toEqual([
      `stores/acme.yaml:3:37 NO_NAME these letters themselves would be used, write "\${${name}}" with straight quotes to mean what ${name} holds`,
    ]);
  });

  test.each(['[shop-secret]', '["SHOP"]', '[ ${SHOP_SECRET} ]', '["whsec_${SHOP_SECRET}"]'])(
    'is not looked for in %s',
    (text) => {
      expect(load(files(withSecrets(text))).warnings).not.toContainEqual(expect.objectContaining({ code: 'NO_NAME' }));
    },
  );

  test.each([
    'ENCRYPTION_KEY',
    'DATABASE_URL',
    'SMTP_URL',
    'METRICS_TOKEN',
    'OIDC_CLIENT_SECRET',
    'ALERT_WEBHOOK_SECRET',
  ])('S109 never gives %s, which is the program’s own', (name) => {
    const found = mistakes(files(withSecrets(`[ \${${name}} ]`)), { ...ENV, [name]: 'the key to everything' });
    expect(found).toEqual([expect.stringContaining(`ENV_MISSING \${${name}} is not set`)]);
  });

  test('S109 in a platform file is only text: platform files are shared and hold no secrets', () => {
    const shop = SHOP.replace('header: x-signature', 'header: "${GA4_SECRET}"');
    const { stores } = load({ 'shop.yaml': shop, 'stores/acme.yaml': ACME });
    expect(JSON.stringify(stores.get('acme')?.sources.get('shop')?.verify ?? '')).not.toContain(ENV.GA4_SECRET);
  });
});
