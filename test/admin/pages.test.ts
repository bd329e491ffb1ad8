// Who may see and do what, and what pages say, over real HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditedIn } from '../support/audited.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { startReceiver } from '../support/deliver-receiver.ts';
import { fromShopify, lampOrder, lampRefund, post } from '../support/hooks.ts';
import { LOOKING, startPages } from '../support/pages.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from '../support/service.ts';
import { traceOf, untilFound } from '../support/shop.ts';

let rig: Rig;
let admin: Browser;
let viewer: Browser;
let sales: Browser;
let trace: string;
beforeAll(async () => {
  ({ rig, admin, trace } = await startPages());
  viewer = await becomeRole(rig, admin, 'viewer');
  sales = await becomeRole(rig, admin, 'sales');
});
afterAll(() => rig.close());
const audited = (action: string) => auditedIn(rig, action);

describe('the roles', () => {
  test('admin sees every page, viewer all but those of admins, sales its account only, and strangers none', async () => {
    for (const path of [...LOOKING, trace]) {
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
      expect([path, (await viewer.get(path)).status]).toEqual([path, 200]);
      expect([path, (await sales.get(path)).status]).toEqual([path, path === '/' ? 303 : 403]);
      expect((await createBrowser(rig.service.adminUrl).get(path)).location).toMatch(/^\/login\?next=/);
    }
    for (const path of ['/people', '/problems/replay?kind=stuck']) {
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
      expect([path, (await viewer.get(path)).status]).toEqual([path, 403]);
      expect([path, (await sales.get(path)).status]).toEqual([path, 403]);
    }
    for (const browser of [admin, viewer, sales]) expect((await browser.get('/account')).status).toBe(200);
  });

  test('S97 viewer and sales change nothing and see no personal data, and their tries are audited', async () => {
    const changes = [
      `${trace}/map`,
      `${trace}/unmask`,
      '/deliveries/send',
      '/problems/again',
      '/destinations/pause',
      '/destinations/resume',
      '/alerts/test',
      '/people',
      '/people/x/role',
      '/people/x/remove',
      '/people/x/link',
    ];
    for (const path of changes) {
      expect([path, (await viewer.submit(path, { account: '1234567890123456' })).status]).toEqual([path, 403]);
      expect([path, (await sales.submit(path)).status]).toEqual([path, 403]);
    }
    expect(await audited('refused: post /hooks/:id/unmask')).toEqual([
      { actor: 'viewer@example.com', detail: trace.slice('/hooks/'.length) },
      { actor: 'sales@example.com', detail: trace.slice('/hooks/'.length) },
    ]);
    const { text } = await viewer.get(trace);
    for (const personal of ['buyer1042', 'Mila', 'Utrecht', '3512 AB', '3512ab', '203.0.113.9', 'authenticate?key'])
      expect(text).not.toContain(personal);
  });

  test('an admin sees personal data on demand, noted with name and hook', async () => {
    expect((await admin.get(trace)).text).not.toContain('buyer1042');
    const page = await admin.submit(`${trace}/unmask`);
    expect(page.text).toContain('buyer1042@example.com');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await audited('personal data shown')).toEqual([{ actor: ADMIN.email, detail: `hook ${trace.slice(7)}` }]);
    expect((await admin.get(trace)).text).not.toContain('buyer1042');
  });

  test('S96 an id that is not known is 404', async () => {
    for (const path of [
      '/hooks/01a1fc69-e441-7388-afea-f1280921b603',
      '/hooks/x',
      '/orders?store=shop&order=none',
      '/orders?store=other&order=1042',
    ])
      expect([path, (await admin.get(path)).status]).toEqual([path, 404]);
  });
});

describe('every page', () => {
  const all = () => [
    ...LOOKING,
    trace,
    '/people',
    '/tokens',
    '/audit',
    '/mappings',
    '/account',
    '/nowhere',
    '/orders?store=x&order=y',
  ];

  test('S94 S103 forbids inline code and other sites, and is kept by no cache', async () => {
    for (const path of all()) {
      const { headers, text } = await admin.get(path);
      expect([path, headers.get('cache-control')]).toEqual([path, path === '/nowhere' ? null : 'no-store']);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect([path, /<script(?! src="\/assets\/)|<style| style=| on\w+="/.exec(text)]).toEqual([path, null]);
    }
    expect((await admin.submit(`${trace}/unmask`)).headers.get('cache-control')).toBe('no-store');
  });

  test('needs at most 100 kB over the wire, with all it loads', async () => {
    const size = async (path: string) => {
      const { headers } = await fetch(rig.service.adminUrl + path, { headers: { 'accept-encoding': 'gzip' } });
      return Number(headers.get('content-length'));
    };
    for (const path of all().filter((one) => one !== '/nowhere')) {
      const { text } = await admin.get(path);
      const assets = new Set([...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, asset = '']) => asset));
      const sizes = await Promise.all([...assets].map(size));
      expect(sizes.every((one) => one > 0)).toBe(true);
      const whole = sizes.reduce((sum, one) => sum + one, Buffer.byteLength(text));
      expect([path, whole < 100_000 || whole]).toEqual([path, true]);
    }
  });
});

describe('an empty list', () => {
  test('that was chosen leads to all of it, and one of nothing at all to what fills it', async () => {
    const empty = await startRig();
    try {
      const first = await becomeAdmin(empty);
      const said = async (path: string) => /<p class="notice">([\s\S]*?)<\/p>/.exec((await first.get(path)).text)?.[1];
      expect(await said('/hooks?state=stuck')).toBe('There are none. <a href="/hooks">Show all</a>');
      expect(await said('/hooks')).toContain('<a href="/sources">Sources</a>');
      expect(await said('/events')).toContain('<a href="/hooks">');
      expect(await said('/deliveries')).toContain('<a href="/events">');
      expect(await said('/deliveries?kind=dead')).toContain('Show all');
    } finally {
      await empty.close();
    }
  });
});

describe('the trace of an order', () => {
  test('tells the rule with its file and line, where fields came from, and each request without secrets', async () => {
    const taken = 'accepted by Google, which does not say whether it counts';
    await eventually(async () => (await admin.get(trace)).text.includes(taken), 'it is delivered');
    const { text } = await admin.get(trace);
    expect(text).toMatch(/shopify\.yaml:\d+:\d+/);
    expect(text).toContain('/mp/collect');
    expect(text).toContain('1380133182.1764792191');
    expect(text).not.toMatch(/secret-of-ga4|token-of-meta|secret-of-the-lamp-shop/);
  });
  test('has the order in its title, so that several can be told apart', async () => {
    expect((await viewer.get(trace)).text).toContain('<title>Order 1042, hook of shop/shopify · tagbridge</title>');
  });

  test('about which the sender had no answer shows what was made of it all the same', async () => {
    const good = storeFile(rig.standins);
    const api = await startReceiver((_, response) => void response.writeHead(404).end());
    const risk = { about: 'the risk', url: `${api.url}/{id}` };
    const shopify = { ...good.sources.shopify, lookups: { risk } };
    await writeStore(rig, { ...good, sources: { ...good.sources, shopify } });
    await post(rig.service.url, fromShopify(lampOrder(1044)));
    const { text } = await admin.get(await traceOf(admin, '1044'));
    await api.close();
    await writeStore(rig, good);
    expect(text).toContain('without the risk: ');
    expect(text).toContain('known as <code>purchase:1044</code>');
    expect(text).not.toContain('With the mapping files of now');
  });

  test('names the earlier hook that told the same', async () => {
    await post(
      rig.service.url,
      fromShopify(lampOrder(1042, { updated_at: 'later' }), 'orders/updated', 'second-of-1042'),
    );
    await eventually(
      async () => (await admin.get('/search?q=second-of-1042')).text.includes('delivery id of the sender'),
      'the second hook is there',
    );
    const second = /\/hooks\/[0-9a-f-]{36}/.exec((await admin.get('/search?q=second-of-1042')).text)?.[0] ?? '';
    await eventually(async () => (await admin.get(second)).text.includes('so it does not count twice'), 'it is mapped');
    expect((await admin.get(second)).text).toContain(`href="${trace}"`);
  });
});

describe('the search', () => {
  test.each(["' OR 1=1--", '%', '_', '\\', '(', '[a-z]+', 'x'.repeat(10_000), '🙂'])(
    'S98 takes %j as text',
    async (text) => {
      const page = await admin.get(`/search?q=${encodeURIComponent(text)}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Nothing that is kept goes by');
    },
  );
});

describe('the search by the number of an order', () => {
  test('finds it without and with its sign, also while it does not count', async () => {
    const search = async (text: string) => (await admin.get(`/search?q=${encodeURIComponent(text)}`)).text;
    const order = (more: object) => lampOrder(20_077, { name: '#LW-77', ...more });
    await post(rig.service.url, fromShopify(order({ financial_status: 'pending' }), 'orders/create', 'made-77'));
    await eventually(async () => (await search('#LW-77')).includes('was seen and not counted'), 'it is seen');
    const named = '<a href="/search?q=LW-77">LW-77</a>';
    await eventually(async () => (await admin.get('/sources')).text.includes(named), 'its source names it');
    const ignored = (await admin.get('/hooks?state=ignored')).text;
    const { text } = await admin.get(/\/hooks\/[0-9a-f-]{36}/.exec(ignored)?.[0] ?? '');
    expect(text).toContain('<title>Order LW-77, hook of shop/shopify');
    expect(text).toContain('Order <a href="/search?q=20077">20077</a>, number LW-77');
    const old = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const longAgo = lampOrder(20_078, { created_at: old, processed_at: old });
    await post(rig.service.url, fromShopify(longAgo, 'orders/updated', 'changed-78'));
    let trace = text;
    await eventually(async () => {
      const newest = /\/hooks\/[0-9a-f-]{36}/.exec((await admin.get('/hooks?state=ignored')).text)?.[0] ?? '';
      trace = (await admin.get(newest)).text;
      return trace.includes('20078');
    }, 'the old order is ignored');
    expect(trace).toContain('<p>Order 20078</p>');
    await post(rig.service.url, fromShopify(order({}), 'orders/paid', 'paid-77'));
    await eventually(async () => (await search('LW-77')).includes('order number'), 'it is counted');
    expect(await search('LW-77')).toContain('20077');
  });
});

describe('the search by person', () => {
  beforeAll(async () => {
    await post(rig.service.url, fromShopify(lampOrder(1077, { phone: '06-12 34 10 77' })));
    await untilFound(admin, '1077');
  });
  test.each(['buyer1077@example.com', 'BUYER1077@Example.com', '+31612341077', '0612341077'])(
    'finds the order of %s, and shows no more of the person',
    async (text) => {
      const page = await viewer.get(`/search?q=${encodeURIComponent(text)}`);
      expect(page.text).toContain('order=1077');
      expect(page.text).not.toContain('Mila');
    },
  );
});

test('the list of deliveries tells which were not sent and why, and its states say what is listed', async () => {
  await post(rig.service.url, fromShopify(lampRefund(71, 1042), 'refunds/create'));
  await eventually(
    async () => (await viewer.get('/deliveries?kind=skipped')).text.includes('Meta knows no refunds'),
    'the refund is not sent to Meta',
  );
  const { text } = await viewer.get('/deliveries?store=shop&destination=meta&kind=skipped');
  expect(text.match(/<span class="badge calm">not sent/g)).toHaveLength(1);
  expect((await viewer.get('/')).text).toContain(
    'destination=meta&amp;kind=skipped">which, and why<span class="hidden">, of shop/meta</span></a>',
  );
  expect((await viewer.get('/export/deliveries.csv?kind=skipped')).text).toContain('"Meta knows no refunds"');
  const states = /<select name="kind">([\s\S]*?)<\/select>/.exec((await viewer.get('/deliveries')).text)?.[1];
  expect(states?.match(/(?<=>)[^<>]+(?=<\/option>)/g)).toEqual(['delivered', 'waiting', 'not sent', 'dead']);
});

describe('a destination', () => {
  test('to which nothing was sent lately is not called working', async () => {
    const own = await startRig();
    const browser = await becomeAdmin(own);
    const { text } = await browser.get('/destinations');
    expect(text.match(/nothing sent lately/g)).toHaveLength(3);
    expect(text).not.toContain('working');
    await own.close();
  });

  test('that an admin pauses gets nothing until it is resumed', async () => {
    const account = 'G-TEST000001';
    await admin.submit('/destinations/pause', { account });
    expect((await admin.get('/destinations')).text).toContain('an admin paused it on this page');
    expect((await admin.get('/')).status).toBe(200);
    await admin.submit('/destinations/resume', { account });
    expect((await admin.get('/destinations')).text).not.toContain('an admin paused it on this page');
    expect((await audited('paused')).concat(await audited('resumed'))).toHaveLength(2);
    expect((await admin.submit('/destinations/pause', { account: 'no such account' })).status).toBe(404);
  });
});
