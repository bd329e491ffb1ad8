// Loading a whole folder: every mistake of every file at once, with its place, and what is left usable.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/map/files/files.ts';
import { ACME, ENV, load, mistakes, SHOP } from '../../support/yaml.ts';
import { files, store } from './load-mistakes.ts';

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

  test('of a destination and of its condition are told at once', () => {
    expect(store('G-TEST000001', 'UA-1, when: { "$totl(items)": 5 }')).toEqual([
      expect.stringContaining('INVALID destinations.ga4.measurement_id: must look like'),
      expect.stringContaining('UNKNOWN_FUNCTION there is no function $totl'),
    ]);
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
    const hookless = SHOP.replace('hook: { topic: $headers."x-topic" }\n', '').replace(
      'total: total',
      'total: $totl(lines)',
    );
    expect(mistakes(files(hookless))).toEqual([
      'shop.yaml:1:1 MISSING hook is missing',
      'shop.yaml:13:14 UNKNOWN_FUNCTION there is no function $totl, did you mean $total?',
    ]);
  });

  test('a platform without a title is called by its name', () => {
    const { stores, problems } = load({ 'shop.yaml': SHOP.replace('title: A shop\n', ''), 'stores/acme.yaml': ACME });
    expect([problems, stores.get('acme')?.sources.get('shop')?.title]).toEqual([[], 'shop']);
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
