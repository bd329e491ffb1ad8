// The README: its tables are those of the code, its files load, its commands run, its snippets write what mappings read.
// UPDATE_DOCS=1 writes the tables anew; read the difference before you commit it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/run.ts';
import { formatProblem, readMappings } from '../src/map/files.ts';
import { loadMappings } from '../src/map/load.ts';
import { mappingParts } from '../src/mapping-parts.ts';
import { tryBody } from '../src/trial.ts';
import { folderWith } from './support/cli.ts';
import { blocks, fences, fill, README, tried } from './support/docs.ts';
import { buildStore, MAPPINGS } from './support/stores.ts';

const ROOT = resolve(import.meta.dirname, '..');
const readme = readFileSync(README, 'utf8');
const yaml = fences(readme, 'yaml');
const [lamps = '', acme = '', ...overrides] = yaml;

const ORDER = `{
  "id": 1042,
  "status": "paid",
  "paid_at": "2026-11-18T09:00:00Z",
  "currency": "EUR",
  "total": "121.00",
  "vat": "21.00",
  "cookies": { "_ga": "GA1.1.1380133182.1764792191" },
  "buyer": { "email": "ann@example.com" },
  "lines": [{ "sku": "LAMP-1", "name": "Desk lamp", "quantity": 2, "net_price": "50.00" }]
}`;
const STORE = `store: acme
sources: { lamps: { platform: lamps, secrets: ["\${LAMPS_SECRET}"] } }
destinations: { ga4: { measurement_id: G-ABC1234567, api_secret: "\${ACME_GA4_SECRET}" } }
`;

describe('the README', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await folderWith({
      'mappings/lamps.yaml': lamps,
      'mappings/stores/acme.yaml': STORE,
      'order.json': ORDER,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('says in its tables what the code says', async () => {
    const made = Object.fromEntries(Object.entries(blocks).map(([name, make]) => [name, make()]));
    const now = fill(readme, { ...made, try: await tried(folder, ORDER) });
    if (process.env.UPDATE_DOCS === '1') writeFileSync(README, now);
    expect(readFileSync(README, 'utf8')).toBe(now);
  });

  test('begins with a mapping of twelve lines that maps an order', () => {
    expect(lamps.trimEnd().split('\n')).toHaveLength(12);
    const shown = fences(readme, 'text').find((text) => text.startsWith('acme/lamps'));
    expect(shown).toMatch(/^acme\/lamps \(lamps\): mapped\nevent purchase\n/);
    expect(shown).toContain('"value": 100,');
  });

  test('has a store file that is right with the names of .env.example', async () => {
    const names = Object.keys(parse(readFileSync(join(ROOT, '.env.example'), 'utf8')));
    const env = Object.fromEntries(names.map((name) => [name, 'x']));
    const { platforms } = await readMappings(MAPPINGS);
    const load = (text: string) =>
      loadMappings({ platforms, stores: [{ file: 'stores/acme.yaml', text }] }, mappingParts(env));
    expect(load(acme).problems.map(formatProblem)).toEqual([]);
    for (const sources of overrides.filter((text) => text.startsWith('sources:'))) {
      const store = `store: acme\n${sources}destinations: {}\n`;
      expect(load(store).problems.map(formatProblem)).toEqual([]);
    }
  });

  test('names only commands there are', () => {
    const named = [...readme.matchAll(/npm run -s tagbridge(?: --)? (\w+)/g)].map(([, name = '']) => name);
    expect(new Set(named)).toEqual(new Set(['check', 'try', 'schema', 'functions']));
    for (const name of named) expect(Object.keys(COMMANDS)).toContain(name);
    const scripts = [...readme.matchAll(/npm (?:run )?(?:-s )?(\w+)/g)].map(([, name = '']) => name);
    const known: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
    for (const script of scripts.filter((name) => !['ci', 'run'].includes(name)))
      expect(Object.keys({ ...known, ci: '' })).toContain(script);
  });

  test('shows a folder tree of what is there', () => {
    const tree = fences(readme, 'text').find((text) => text.startsWith('mappings/')) ?? '';
    let top = '';
    for (const line of tree.trimEnd().split('\n')) {
      const [, indent = '', names = ''] = /^( *)(\S+(?: {2}\S+\/)?) {2,}/.exec(`${line}  `) ?? [];
      if (indent === '') top = names;
      const paths = names.split(/ +/).map((name) => join(ROOT, indent === '' ? name : join(top, name)));
      if (!names.startsWith('stores/'))
        for (const path of paths) expect([path, existsSync(path)]).toEqual([path, true]);
    }
  });

  test('links only to headings it has', () => {
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target] of readme.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(target);
  });
});

/** Runs the theme snippet in a page with these cookies and this address; answers what it posts to the cart. */
async function postedBy(page: { cookie: string; search: string; shopify?: object }): Promise<Record<string, string>> {
  const script = /<script>([\s\S]*)<\/script>/.exec(fences(readme, 'html')[0] ?? '')?.[1] ?? '';
  const posted = Promise.withResolvers<Record<string, string>>();
  const listeners: (() => void)[] = [];
  const window = { Shopify: page.shopify, addEventListener: (_: string, run: () => void) => listeners.push(run) };
  const context = createContext({
    window,
    document: { cookie: page.cookie, addEventListener: () => {} },
    location: { search: page.search },
    sessionStorage: { getItem: () => null, setItem: () => {} },
    setTimeout: (run: () => void) => run(),
    URLSearchParams,
    fetch: (url: string, request: { body: string }) => {
      expect(url).toBe('/cart/update.js');
      posted.resolve(JSON.parse(request.body).attributes);
      return Promise.resolve({ ok: true });
    },
  });
  runInContext(script, context);
  for (const run of listeners) run();
  return posted.promise;
}

describe('the theme snippet', () => {
  const cookie =
    '_ga=GA1.1.1380133182.1764792191; _ga_TEST000001=GS2.1.s1794992000%24o5%24g1; _fbp=fb.1.1764792190054.1; _fbc=fb.1.1794991990123.AbC; _gcl_aw=GCL.1794991980.Cj0K; cart=secret; _shopify_y=1';
  const allowing = (yes: boolean) => ({
    customerPrivacy: { marketingAllowed: () => yes, analyticsProcessingAllowed: () => true },
  });

  test('writes what the mapping reads', async () => {
    const attributes = await postedBy({ cookie, search: '?ttclid=T1&utm_source=mail&x=1', shopify: allowing(true) });
    expect(Object.keys(attributes)).not.toEqual(expect.arrayContaining(['cart', '_shopify_y', 'x']));
    const store = await buildStore('shopify');
    const source = store.sources.get('shopify');
    if (source === undefined) throw new Error('no source');
    const fixture = join(ROOT, 'test/fixtures/shopify/buy-now-button/body.json');
    const order = JSON.parse(readFileSync(fixture, 'utf8'));
    order.note_attributes = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    const incoming = { headers: { 'x-shopify-topic': 'orders/paid' }, body: Buffer.from(JSON.stringify(order)) };
    const { events } = await tryBody(store, source, incoming, Date.parse('2026-11-18T09:05:00Z'));
    expect(events[0]).toMatchObject({
      client_id: '1380133182.1764792191',
      session_id: '1794992000',
      fbp: 'fb.1.1764792190054.1',
      fbc: 'fb.1.1794991990123.AbC',
      gclid: 'Cj0K',
      ttclid: 'T1',
      utm_source: 'mail',
      consent: {
        ad_storage: 'granted',
        analytics_storage: 'granted',
        ad_user_data: 'granted',
        ad_personalization: 'granted',
      },
    });
  });

  test('writes no click id where ads were refused, and says so', async () => {
    const attributes = await postedBy({ cookie: '', search: '?gclid=Cj0K&utm_source=mail', shopify: allowing(false) });
    expect(attributes).toEqual({
      consent_ad_storage: 'denied',
      consent_ad_user_data: 'denied',
      consent_ad_personalization: 'denied',
      consent_analytics_storage: 'granted',
      utm_source: 'mail',
    });
  });

  test('says nothing about consent in a shop without Shopify’s banner', async () => {
    expect(await postedBy({ cookie, search: '' })).not.toHaveProperty('consent_ad_storage');
  });
});

test('the checkout snippet writes the same cookies and the same consent', () => {
  const [php = ''] = fences(readme, 'php');
  const [html = ''] = fences(readme, 'html');
  const cookies = (text: string) => /\/\^\(([^)]+)\)\$\//.exec(text)?.[1];
  expect(cookies(php)).toBe(cookies(html));
  const mapping = readFileSync(join(MAPPINGS, 'woocommerce.yaml'), 'utf8');
  for (const name of ['_ga', '_fbp', '_fbc', '_gcl_aw', '_epik'])
    expect(mapping).toContain(`$attr(meta_data, '${name}')`);
  for (const name of ['ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage']) {
    expect(php).toContain(name);
    expect(mapping).toContain(`$attr(meta_data, 'consent_${name}')`);
  }
});
