// The pages of mappings over real HTTP: who may see and try what, files and their mistakes, secrets, and drafts that do harm.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openSqlite } from '../../src/keep/sqlite.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';
import { traceOf } from '../support/shop.ts';

const CANARY = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\`\${1}</pre></textarea>`;
const FILE = 'stores/shop.yaml';

let rig: Rig;
let admin: Browser;
let viewer: Browser;
let sales: Browser;
let hook: string;
let text: string;
beforeAll(async () => {
  rig = await startRig();
  text = stringify(storeFile(rig.standins));
  await write(FILE, text);
  admin = await becomeAdmin(rig);
  viewer = await becomeRole(rig, admin, 'viewer');
  sales = await becomeRole(rig, admin, 'sales');
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  await post(rig.service.url, fromShopify(lampOrder(1043, { financial_status: 'pending' })));
  hook = (await traceOf(admin, '1042')).slice('/hooks/'.length);
});
afterAll(() => rig.close());

const write = (file: string, content: string) => writeMapping(rig, file, content);
async function audited(action: string): Promise<{ actor: unknown; detail: unknown }[]> {
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  const rows = await db.query('select actor, detail from audit where action = $1 order by id', [action]);
  await close();
  return rows.map(({ actor, detail }) => ({ actor, detail }));
}
/** What a form of the playground carries. */
const play = (over: Record<string, string> = {}) => ({ store: 'shop', file: FILE, source: 'shopify', text, ...over });
const body = (over: object = {}) => ({
  body: JSON.stringify(lampOrder(1, over)),
  headers: 'content-type: application/json\nX-Shopify-Topic: orders/paid',
});
const inner = (page: string, id: string) => page.slice(page.indexOf(`id="${id}"`));
const area = (page: string, name: string) =>
  new RegExp(`<textarea name="${name}"[^>]*>\n([^<]*)</textarea>`).exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '';

describe('the roles', () => {
  test('admin and viewer see every page and may try, sales none, and strangers are asked to log in', async () => {
    const paths = [
      '/mappings',
      '/mappings/unused',
      '/mappings/unused/part',
      `/mappings/file?file=${FILE}`,
      '/mappings/file?file=shopify.yaml',
      '/mappings/merged?store=shop',
      '/mappings/merged?store=shop&source=woo',
      '/mappings/playground',
      `/mappings/playground?hook=${hook}`,
      `/mappings/schema?file=${FILE}`,
    ];
    for (const path of paths) {
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
      expect([path, (await viewer.get(path)).status]).toEqual([path, 200]);
      expect([path, (await sales.get(path)).status]).toEqual([path, 403]);
      expect((await createBrowser(rig.service.adminUrl).get(path)).location).toMatch(/^\/login\?next=/);
    }
    for (const path of [
      '/mappings/playground',
      '/mappings/try',
      '/mappings/playground/hook',
      '/mappings/playground/download',
    ]) {
      expect([path, (await viewer.submit(path, play({ hook }))).status]).toEqual([path, 200]);
      expect([path, (await sales.submit(path, play({ hook }))).status]).toEqual([path, 403]);
      expect([path, (await admin.post(path, play({ hook }))).status]).toEqual([path, 403]);
      expect([path, (await admin.submit(path, play({ file: '../../etc/passwd' }))).status]).toEqual([path, 404]);
    }
  });

  test('S97 a viewer is shown made-up data only and cannot compare, an admin is shown real data on demand, both noted', async () => {
    const shown = await viewer.submit('/mappings/playground/hook', play({ hook }));
    for (const personal of ['buyer1042', 'Mila', 'Utrecht', '3512 AB', '3512ab', '203.0.113.9', 'authenticate?key'])
      expect(shown.text).not.toContain(personal);
    const made = area(shown.text, 'body');
    expect(JSON.parse(made)).toMatchObject({ id: 1042, email: 'somebody@example.com', total_price: '121.00' });
    expect(shown.headers.get('cache-control')).toBe('no-store');

    expect((await viewer.submit('/mappings/playground/unmask', play({ hook }))).status).toBe(403);
    expect((await viewer.submit('/mappings/playground/compare', play({ last: '100' }))).status).toBe(403);
    expect(await audited('refused: post /mappings/playground/unmask')).toHaveLength(1);

    expect((await admin.submit('/mappings/playground/hook', play({ hook }))).text).not.toContain('buyer1042');
    expect(await audited('personal data shown')).toEqual([]);
    const unmasked = await admin.submit('/mappings/playground/unmask', play({ hook }));
    expect(JSON.parse(area(unmasked.text, 'body'))).toMatchObject({ email: 'buyer1042@example.com' });
    expect(unmasked.headers.get('cache-control')).toBe('no-store');
    expect(await audited('personal data shown')).toEqual([{ actor: ADMIN.email, detail: `hook ${hook}` }]);
  });

  test('a hook that is not kept is said to be gone', async () => {
    const page = await viewer.get('/mappings/playground?hook=01a1fc69-e441-7388-afea-f1280921b603');
    expect(page.text).toContain('not kept any more');
  });
});

describe('the files', () => {
  test('say where they are used, and what holds for a source with file and line', async () => {
    const { text: list } = await viewer.get('/mappings');
    expect(list).toContain('stores/shop.yaml');
    expect(list).toContain('no store uses it');
    const { text: merged } = await viewer.get('/mappings/merged?store=shop&source=shopify');
    expect(merged).toContain('Rule purchase');
    expect(merged).toMatch(/shopify\.yaml#L\d+|file=shopify\.yaml#L\d+/);
  });

  test('with a mistake show it in its line, and say that the last good version is in use', async () => {
    await write(FILE, text.replace('country: NL', 'contry: NL'));
    for (const path of ['/mappings', `/mappings/file?file=${FILE}`]) {
      const { text: page } = await viewer.get(path);
      expect(page).toContain('unknown key contry, did you mean country?');
      expect(page).toContain('stores/shop.yaml:2:1');
      expect(page).toContain('last good version is in use');
    }
    const { text: shown } = await viewer.get(`/mappings/file?file=${FILE}`);
    expect(shown).toMatch(/<li id="L2" class="wrong">/);
    await post(rig.service.url, fromShopify(lampOrder(1044)));
    await traceOf(admin, '1044');
    await write(FILE, text);
    expect((await viewer.get('/mappings')).text).not.toContain('contry');
  });

  test('with two shops whose ids repeat say so in their line, and are in use', async () => {
    await write(
      FILE,
      text.replace('  woo:\n', '  bakery:\n    platform: woocommerce\n    secrets: [${WOO_SECRET}]\n  woo:\n'),
    );
    for (const path of ['/mappings', `/mappings/file?file=${FILE}`]) {
      const { text: page } = await viewer.get(path);
      expect(page).toContain('bakery and woo are both woocommerce, whose ids repeat from shop to shop');
      expect(page).toContain('In use, but most likely not meant');
      expect(page).not.toContain('last good version is in use');
    }
    expect((await viewer.get(`/mappings/file?file=${FILE}`)).text).toMatch(/<li id="L\d+" class="doubted">/);
    await write(FILE, text);
    expect((await viewer.get('/mappings')).text).not.toContain('most likely not meant');
  });

  test('that are new and broken are not in use, and those that no store uses are checked too', async () => {
    await write('stores/new.yaml', 'store: new\nsources: {}\n');
    await write('paypal.yaml', 'platform: paypal\ntitle: [\n');
    expect((await viewer.get('/mappings/file?file=stores/new.yaml')).text).toContain('nothing comes in by it');
    const { text: unused } = await viewer.get('/mappings/unused');
    expect(unused).toContain('paypal.yaml:');
    expect((await viewer.get('/mappings/playground?file=stores/new.yaml')).status).toBe(200);
    await write('stores/new.yaml', `${text.replace('store: shop', 'store: new')}`);
  });

  test('that are not there are 404, whatever their name', async () => {
    for (const name of ['x.yaml', '../.env', '/etc/passwd', '..%2f..%2fetc/passwd', CANARY])
      for (const path of ['/mappings/file', '/mappings/playground', '/mappings/schema'])
        expect((await admin.get(`${path}?file=${encodeURIComponent(name)}`)).status).toBe(404);
    expect((await admin.get('/mappings/merged?store=none')).status).toBe(404);
    expect((await admin.get('/mappings/merged?store=shop&source=none')).status).toBe(404);
  });
});

describe('a draft', () => {
  test('is tried without a script: the verdict, the event with its places, the exact requests, and the diff', async () => {
    const draft = text.replace(
      '    platform: shopify\n',
      '    platform: shopify\n    events: { purchase: { fields: { transaction_id: name } } }\n',
    );
    const { text: page, status } = await viewer.submit('/mappings/playground', play({ text: draft, ...body() }));
    expect(status).toBe(200);
    const result = inner(page, 'result');
    expect(result).toContain('1 event, 3 requests.');
    expect(result).toContain('&quot;#1&quot;');
    expect(result).toMatch(/file=stores%2Fshop\.yaml#L\d+/);
    expect(result).toContain('api_secret=***');
    expect(result).toContain('+    events: { purchase: { fields: { transaction_id: name } } }');
    expect(result).toContain('--- a/mappings/stores/shop.yaml');
    expect(area(page, 'text')).toBe(draft.replaceAll('"', '"').replaceAll('&', '&amp;'));
    const part = await viewer.submit('/mappings/try', play({ text: draft.replaceAll('\n', '\r\n'), ...body() }));
    expect(part.text).not.toContain('<html');
    expect(part.text).toContain('1 line added, 0 lines removed');
  });

  test('comes back as a file, byte for byte what was written', async () => {
    const draft = `${text}# done\n`;
    const file = await viewer.submit('/mappings/playground/download', play({ text: draft.replaceAll('\n', '\r\n') }));
    expect(file.text).toBe(draft);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename=shop.yaml');
    expect(await readFile(join(rig.folder, 'mappings', FILE), 'utf8')).toBe(text);
  });

  test('is told its mistakes, what is wrong with the form, and why a body makes nothing', async () => {
    const said = async (over: Record<string, string>) => (await viewer.submit('/mappings/try', play(over))).text;
    expect(await said({ text: 'store: [' })).toContain('stores/shop.yaml:1:');
    expect(await said({ text: text.replace('platform: shopify', 'platform: shopfy') })).toContain(
      'did you mean shopify?',
    );
    expect(await said({ text: '' })).toContain('mistake');
    expect(await said({ ...body(), at: 'yesterday' })).toContain('The time is none');
    expect(await said({ ...body(), answers: '[]' })).toContain('answers of look-ups are no JSON table');
    expect(await said({ ...body(), source: 'none' })).toContain('The store has no source none');
    expect(await said({ body: 'what?' })).toContain('stuck');
    expect(await said({ ...body({ financial_status: 'pending' }) })).toContain('financial_status');
    expect(await said({ ...body(), at: '2030-01-01T00:00:00Z' })).toContain('ignored');
  });

  test('reads no secret, wherever it names one', async () => {
    const names = text
      .replace('G-TEST000001', '${GA4_SECRET}')
      .replace('"1234567890123456"', '${META_TOKEN}')
      .replace(/url: .*/, 'url: https://evil.example/${META_TOKEN}')
      .replace('consent:', 'title: ${SHOP_SECRET}\nconsent:');
    for (const draft of [
      names,
      names.replace('title: ${SHOP_SECRET}\n', ''),
      text.replace(/url: .*/, 'url: https://evil.example/${META_TOKEN}'),
    ]) {
      const { text: page } = await viewer.submit('/mappings/playground', play({ text: draft, ...body() }));
      expect(page).not.toMatch(/secret-of-ga4|token-of-meta|secret-of-the-lamp-shop|secret-of-the-bakery/);
    }
  });

  test('of a store that tells people by secret addresses is tried, and told the other mistakes in whom it tells', async () => {
    const alerts =
      'alerts: { slack: { url: "${GA4_SECRET}" }, webhook: { url: https://a.example, secrets: ["${META_TOKEN}"] }';
    const said = async (more: string) =>
      (await viewer.submit('/mappings/try', play({ text: `${text}${alerts}${more} }\n`, ...body() }))).text;
    expect(await said('')).toContain('1 event, 3 requests.');
    expect(await said(', ignore: [silense]')).toContain('did you mean silence?');
  });

  test('with a secret in the file shows it to nobody', async () => {
    const open = `${text.replace('${GA4_SECRET}', 'typed-by-hand-1')}alerts: { slack: { url: https://chat.example/typed-by-hand-1 } }\n`;
    await write(FILE, open);
    for (const path of [
      `/mappings/file?file=${FILE}`,
      '/mappings/playground?store=shop',
      '/mappings/merged?store=shop',
    ]) {
      const { text: page } = await admin.get(path);
      expect([path, page.includes('typed-by-hand-1')]).toEqual([path, false]);
    }
    expect((await admin.get('/mappings/playground?store=shop')).text).toContain(
      'A secret is written into this file on line',
    );
    const { text: tried } = await admin.submit(
      '/mappings/try',
      play({ ...body(), text: area((await admin.get('/mappings/playground?store=shop')).text, 'text') }),
    );
    expect(tried).toContain('1 event, 3 requests.');
    await write(FILE, text);
  });

  test('is tried with the headers as they are, however many spaces stand in one of them', async () => {
    const topic = (value: string) => play({ ...body(), headers: `X-Shopify-Topic \t: ${value}  ` });
    expect((await viewer.submit('/mappings/try', topic('orders/paid'))).text).toContain('1 event, 3 requests.');
    expect((await viewer.submit('/mappings/try', topic(`a${' '.repeat(200_000)}b`))).text).toContain('ignored');
  });

  test.each(['X-Shopify-Topic orders/paid', 'X Shopify Topic: orders/paid'])(
    'with %j among its headers is not tried without it, but told',
    async (line) => {
      const { text: said } = await viewer.submit('/mappings/try', play({ ...body(), headers: `a: b\n\n${line}` }));
      expect(said).toContain('Line 3 of the headers is none.');
      expect(said).not.toContain('1 event');
    },
  );

  test('that never ends is ended, and the next one is tried', async () => {
    const loop = '($f := function($n) { $f($n + 1) }; $f(1))';
    const fields = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`custom.x${index}`, loop]));
    const endless = text.replace(
      '    platform: shopify\n',
      `    platform: shopify\n    events: { purchase: { fields: ${JSON.stringify(fields)} } }\n`,
    );
    const { text: ended } = await viewer.submit('/mappings/try', play({ text: endless, ...body() }));
    expect(ended).toMatch(/longer than 5 seconds/);
    expect((await viewer.submit('/mappings/try', play(body()))).text).toContain('1 event, 3 requests.');
  });

  test('larger than the page takes is refused', async () => {
    const { status } = await viewer.submit('/mappings/try', play({ body: 'x'.repeat(5_000_000) }));
    expect(status).toBe(413);
    const body = `[${'1,'.repeat(600_000)}1]`;
    expect((await viewer.submit('/mappings/try', play({ body }))).text).toContain('larger than 1 MB');
  });
});

describe('a comparison', () => {
  test('tells by kind what would change on the last hooks, in events and requests, and is noted', async () => {
    const compare = async (draft: string) =>
      (await admin.submit('/mappings/playground/compare', play({ text: draft, last: '100' }))).text;
    expect(await compare(text)).toContain('and none changes');
    const policy = await compare(`value: { tax: include }\n${text}`);
    expect(policy).toContain('2 purchase events would change');
    expect(policy).toContain('body.events[0].params.value');
    const gained = await compare(
      text.replace(
        'platform: shopify\n',
        'platform: shopify\n    events: { purchase: { when: { financial_status: [paid, pending] } } }\n',
      ),
    );
    expect(gained).toContain('1 purchase would be made in addition');
    const lost = await compare(
      text.replace('platform: shopify\n', 'platform: shopify\n    events: { purchase: off }\n'),
    );
    expect(lost).toContain('2 purchase events would not be made any more');
    const gone = await compare(text.replace(/ {2}sgtm:\n.*\n/, ''));
    expect(gone).toContain('sgtm would not get it any more');
    const told = await compare(
      text.replace('platform: shopify\n', 'platform: shopify\n    events: { purchase: { when: { email: none } } }\n'),
    );
    expect(told).toContain('2 purchase events would not be made any more');
    expect(told).not.toContain('buyer1042');
    const moved = await compare(
      text.replace(
        'platform: shopify\n',
        'platform: shopify\n    events: { purchase: { fields: { custom.who: email } } }\n',
      ),
    );
    expect(moved).toContain('custom.who');
    expect(moved).not.toContain('buyer1042');
    expect(await audited('mappings compared')).toContainEqual({
      actor: ADMIN.email,
      detail: 'a draft of stores/shop.yaml on the last 100 hooks',
    });
  });
});

test('S95 text written to do harm stays inert in files, drafts, bodies and what comes of them', async () => {
  const evil = `${text}# ${CANARY}\n`;
  await write(FILE, evil);
  const harmed = {
    name: CANARY,
    order_number: CANARY,
    email: `${CANARY}@example.com`,
    line_items: [{ id: 1, title: CANARY, price: '1', quantity: 1 }],
  };
  const draft = evil.replace('platform: shopify\n', `platform: shopify\n    ${JSON.stringify(CANARY)}: 1\n`);
  const pages = [
    await viewer.get(`/mappings/file?file=${FILE}`),
    await viewer.get('/mappings/playground?store=shop'),
    await viewer.submit(
      '/mappings/playground',
      play({ text: evil, ...body(harmed), headers: `x: ${CANARY}`, at: '', answers: '' }),
    ),
    await viewer.submit(
      '/mappings/playground',
      play({ text: draft, body: CANARY, answers: CANARY, at: CANARY, source: CANARY }),
    ),
    await viewer.submit(
      '/mappings/try',
      play({ text: evil.replace('sources:', `${JSON.stringify(CANARY)}: 1\nsources:`), ...body(harmed) }),
    ),
    await viewer.submit('/mappings/try', play({ text: evil, source: CANARY, ...body(harmed) })),
    await viewer.get(
      `/mappings/playground?file=${FILE}&store=${encodeURIComponent(CANARY)}&source=${encodeURIComponent(CANARY)}`,
    ),
  ];
  await write(FILE, text);
  for (const { text: page } of pages) {
    expect(page).not.toMatch(/<script(?! src="\/assets\/)|<img|<\/pre><\/textarea>/);
    expect(page).toContain('&lt;script&gt;');
  }
});

test('the editor comes as modules of this address, none of which is missing', async () => {
  const seen = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const { status, text: code, headers } = await viewer.get(path);
    expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/javascript; charset=utf-8']);
    for (const [, name = ''] of code.matchAll(/^(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]/gm)) {
      expect(name).toMatch(/^\.\//);
      await follow(new URL(name, new URL(path, rig.service.adminUrl)).pathname);
    }
  };
  await follow('/assets/editor.js');
  expect(seen.size).toBeGreaterThan(12);
  expect((await viewer.get('/assets/editor/x/..%2f..%2fpackage.json')).status).toBe(404);
});
