// The pages of mappings over real HTTP: who may see and try what, files and their mistakes, and a draft on the last hooks.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { ADMIN, type Browser, becomeRole, createBrowser } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import type { Rig } from '../support/service.ts';
import { traceOf } from '../support/shop.ts';
import { area, CANARY, FILE, type MappingsRig, startMappings } from './mappings-rig.ts';

let rig: Rig;
let admin: Browser;
let viewer: Browser;
let text: string;
let write: MappingsRig['write'];
let play: MappingsRig['play'];
let sales: Browser;
let hook: string;
beforeAll(async () => {
  ({ rig, admin, viewer, text, write, play } = await startMappings());
  sales = await becomeRole(rig, admin, 'sales');
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  await post(rig.service.url, fromShopify(lampOrder(1043, { financial_status: 'pending' })));
  hook = (await traceOf(admin, '1042')).slice('/hooks/'.length);
});
afterAll(() => rig.close());

async function audited(action: string): Promise<{ actor: unknown; detail: unknown }[]> {
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  const rows = await db.query('select actor, detail from audit where action = $1 order by id', [action]);
  await close();
  return rows.map(({ actor, detail }) => ({ actor, detail }));
}

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
