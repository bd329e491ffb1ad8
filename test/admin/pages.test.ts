// Who may see and do what, and text written to do harm, over real HTTP on every page.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createClient, makeToken } from '../support/api.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { startReceiver } from '../support/deliver-receiver.ts';
import { fromShopify, lampOrder, lampRefund, post } from '../support/hooks.ts';
import { sendBytes } from '../support/hostile.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from '../support/service.ts';
import { makeStuck, TOKEN_REFUSED, traceOf, untilFound } from '../support/shop.ts';

const CANARY = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\`\${1}</pre></textarea>`;
const HARMED = { name: CANARY, order_number: CANARY, note: CANARY, email: `${'x'.repeat(9)}@example.com` };

let rig: Rig;
let admin: Browser;
let viewer: Browser;
let sales: Browser;
let trace: string;
beforeAll(async () => {
  rig = await startRig({ PUBLIC_URL: 'https://hooks.lamps.example' });
  admin = await becomeAdmin(rig);
  viewer = await becomeRole(rig, admin, 'viewer');
  sales = await becomeRole(rig, admin, 'sales');
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  trace = await traceOf(admin, '1042');
});
afterAll(() => rig.close());

/** Audit rows as they are kept. */
async function audited(action: string): Promise<{ actor: unknown; detail: unknown }[]> {
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  const rows = await db.query('select actor, detail from audit where action = $1 order by id', [action]);
  await close();
  return rows.map(({ actor, detail }) => ({ actor, detail }));
}

const LOOKING = [
  '/',
  '/live',
  '/search?q=1042',
  '/hooks',
  '/events',
  '/deliveries',
  '/problems',
  '/alerts',
  '/match',
  '/match/lacking?lacks=client_id',
  '/sources',
  '/sources/shop/shopify',
  '/destinations',
  '/orders?store=shop&order=1042',
];

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

describe('S95 text written to do harm', () => {
  beforeAll(async () => {
    rig.standins.sgtm.fail({ status: 400, body: CANARY }, { times: 1 });
    rig.standins.meta.fail({ ...TOKEN_REFUSED, headers: { 'x-evil': CANARY } }, { times: 1 });
    const hook = fromShopify(lampOrder(6001, { ...HARMED, id: 6001 }));
    await post(rig.service.url, { ...hook, headers: { ...hook.headers, 'x-evil': '"><script>alert(1)</script>' } });
    await makeStuck(rig, admin, 6002, HARMED);
    await post(rig.service.url, fromShopify(lampOrder(6003, { ...HARMED, financial_status: CANARY })));
    await eventually(async () => (await admin.get('/hooks?state=ignored')).text.includes('/hooks/0'), 'one is ignored');
  });

  test('stays inert on every page, shown or not', async () => {
    const evil = `/orders?store=${encodeURIComponent(CANARY)}&order=${encodeURIComponent(CANARY)}`;
    const lists = ['/hooks', '/hooks?state=stuck', '/hooks?state=ignored'];
    const hooks = (await Promise.all(lists.map((path) => admin.get(path)))).flatMap(({ text }) => [
      ...text.matchAll(/href="(\/hooks\/[0-9a-f-]{36})"/g),
    ]);
    const traces = [...new Set(hooks.map(([, path = '']) => path))];
    expect(traces.length).toBeGreaterThan(3);
    const pages = [
      ...(await Promise.all(
        [...LOOKING, evil, `/search?q=${encodeURIComponent(CANARY)}`, ...traces].map((path) => admin.get(path)),
      )),
      ...(await Promise.all(traces.map((path) => admin.submit(`${path}/unmask`)))),
    ];
    let shown = 0;
    for (const { text } of pages) {
      expect(text).not.toMatch(/<script(?! src="\/assets\/)|<img|<\/pre><\/textarea>/);
      if (text.includes('&lt;script&gt;')) shown += 1;
    }
    expect(shown).toBeGreaterThan(3);
  });
});

describe('a replay', () => {
  test('S104 by two admins at once is two audited replays and nothing twice', async () => {
    const replayed = { kind: 'stuck', store: 'shop', place: 'shopify' };
    const { text } = await admin.get('/problems');
    const cause = new URL(
      /\/problems\/replay\?[^"]*kind=stuck[^"]*/.exec(text)?.[0].replaceAll('&amp;', '&') ?? '',
      rig.service.adminUrl,
    );
    const fields = { ...replayed, cause: cause.searchParams.get('cause') ?? '' };
    expect((await admin.get(cause.pathname + cause.search)).text).toContain('1 is');
    const other = createBrowser(rig.service.adminUrl);
    await other.logIn(ADMIN.email, ADMIN.password);
    const before = (await audited('replayed')).length;
    await Promise.all([admin.submit('/problems/again', fields), other.submit('/problems/again', fields)]);
    expect((await audited('replayed')).length - before).toBe(2);
    const arrived = () =>
      rig.standins.received.filter((one) => one.destination === 'ga4' && JSON.stringify(one.body).includes('"6002"'))
        .length;
    await eventually(() => arrived() > 0, 'it arrived');
    await eventually(async () => !(await admin.get('/problems')).text.includes('kind=stuck'), 'nothing is stuck');
    expect(arrived()).toBe(1);
  });

  test('of a dead delivery is taken once for each end that a person saw', async () => {
    const page = await traceOf(admin, '6001');
    const { text } = await admin.get(page);
    const event = /name="event" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const fields = { event, destination: 'sgtm', copy: '0' };
    expect((await admin.submit('/deliveries/send', fields)).status).toBe(303);
    await eventually(async () => (await admin.get(page)).text.includes('copy 1'), 'the copy is sent');
    expect((await admin.submit('/deliveries/send', fields)).status).toBe(409);
  });
});

test('a source says which of its topics come, which stopped, and which event none of them tells of', async () => {
  const own = await startRig();
  const browser = await becomeAdmin(own);
  const hour = Math.floor(Date.now() / 3_600_000);
  // The service writes what came once a minute.
  const { db, close } = await openSqlite({ path: join(own.folder, 'data/tagbridge.db') });
  const came = (topic: string, hours: number, hooks: number) => ({
    ...{ store: 'shop', source: 'shopify', topic, hour: hour - hours },
    ...{ hooks, last_at: (hour - hours) * 3_600_000 },
  });
  const { addTopics } = createKeep({ db, vault: plainVault });
  await addTopics([came('orders/paid', 0, 31), came('orders/paid', 40, 9), came('orders/create', 300, 7)], hour);
  const client = createClient(own, await makeToken(browser, { scopes: ['read'] }));
  const read = async () => {
    const { json } = await client.get('/sources?store=shop');
    return (json as { items: { source: string }[] }).items.find(({ source }) => source === 'shopify');
  };
  const { text } = await browser.get('/sources');
  const rows = [...text.matchAll(/<tr><td data-label="Topic">(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  expect(rows).toEqual([
    expect.stringMatching(/^orders\/create .* UTC 0 0$/),
    expect.stringMatching(/^orders\/paid .* UTC 31 40$/),
  ]);
  expect(text.replaceAll(/<[^>]+>/g, '')).toMatch(
    /nothing came that tells of refund; refunds\/create, orders\/updated would\./,
  );
  expect(text).not.toMatch(/tells of <strong>purchase/);
  expect(await read()).toMatchObject({
    topics: [
      { topic: 'orders/create', hooks_24h: 0, hooks_7d: 0 },
      { topic: 'orders/paid', hooks_24h: 31, hooks_7d: 40 },
    ],
    untold: [{ event: 'refund', topics: ['refunds/create', 'orders/updated'] }],
  });
  await addTopics([came('refunds/create', 0, 1)], hour);
  expect(await read()).toMatchObject({ untold: [] });
  await addTopics([{ ...came('app/uninstalled', 0, 1), last_at: Date.now() }], hour);
  await close();
  expect(await read()).toMatchObject({
    farewell: { topic: 'app/uninstalled', reason: expect.stringContaining('removed from') },
  });
  const said = 'No more hooks will come: <code>app/uninstalled';
  await eventually(async () => (await browser.get('/sources/shop/shopify')).text.includes(said), 'the page says it');
  await own.close();
});

test('a source says how many of its orders count and why others do not, and how many requests were refused', async () => {
  const own = await startRig();
  const browser = await becomeAdmin(own);
  // The service writes what was refused once a minute.
  const { db, close } = await openSqlite({ path: join(own.folder, 'data/tagbridge.db') });
  const refused = 'insert into hook_hours (hour, store, source, hooks, refused) values ($1, $2, $3, 0, 7)';
  await db.transaction([{ sql: refused, rows: [[Math.floor(Date.now() / 3_600_000), 'shop', 'shopify']] }]);
  await close();
  await post(own.service.url, fromShopify(lampOrder(2002)));
  await post(own.service.url, fromShopify(lampOrder(2003, { cancelled_at: new Date().toISOString() })));
  await eventually(
    async () => /latest 2 orders[^<]*<strong>50%<\/strong> count/.test((await browser.get('/sources')).text),
    'both orders are told',
  );
  const { text } = await browser.get('/sources');
  expect(text).toMatch(/>1<\/a>: .*cancelled_at.*Order <a href="\/search\?q=2003">2003<\/a><\/span>/);
  expect(text.match(/\d+ requests were refused in 24 hours/g)).toEqual(['7 requests were refused in 24 hours']);
  await own.close();
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

test('the address of an answer to a form, opened again, leads to the page of the form, and to no other', async () => {
  for (const [from, to] of [
    ['/phone/orders', '/phone'],
    ['/phone/leads/next', '/phone/leads'],
    ['/destinations/test', '/destinations'],
    ['/alerts/test', '/alerts'],
    [`${trace}/unmask`, trace],
    ['/logout', '/'],
  ] as const) {
    const { status, location } = await admin.get(from);
    expect([from, status, location]).toEqual([from, 303, to]);
  }
});

test('an address without a page is told to people as a page, and to programs as JSON', async () => {
  const html = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  for (const browser of [admin, createBrowser(rig.service.adminUrl)]) {
    const page = await browser.get('/order/1042', html);
    expect(page.status).toBe(404);
    expect(page.text).toMatch(/<h1>Not found<\/h1>.*<a href="\/">/);
    expect(page.text.includes('Log out')).toBe(browser === admin);
  }
  const doubled = await fetch(`${rig.service.adminUrl}//`, { headers: html });
  expect([doubled.status, new URL(doubled.url).pathname]).toEqual([200, '/login']);
  const { status, text } = await admin.get('/order/1042');
  expect([status, text]).toEqual([404, '{"error":"not found"}']);
});

test('pages and hooks stay connected for longer than any proxy that sends the next hook or form there', async () => {
  for (const origin of [rig.service.adminUrl, rig.service.url])
    expect((await fetch(`${origin}/healthz`)).headers.get('keep-alive')).toBe('timeout=620');
});

test('a browser asks for the files of a page once, and anew when they have changed', async () => {
  const files = [...(await admin.get('/')).text.matchAll(/ (?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, at = '']) => at,
  );
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    expect([file, (await admin.get(file)).headers.get('cache-control')]).toEqual([
      expect.stringMatching(/\?v=[0-9a-f]{16}$/),
      'public, max-age=31536000, immutable',
    ]);
    const before = await admin.get(file.replace(/v=.*/, 'v=before'));
    expect([before.status, before.headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
  }
});

test('S100 pages are absent from the hook port', async () => {
  for (const path of ['/', '/login', '/people', '/assets/style.css'])
    expect((await fetch(rig.service.url + path)).status).toBe(404);
});

describe('an address or a form that no browser sends', () => {
  const NUL = [
    '/search?q=%00',
    '/hooks/%00',
    '/orders?store=shop&order=%00',
    '/events?name=%00',
    '/export/search.csv?q=%00',
  ];
  test.each(NUL)('has NUL in it: %s is 400, and nothing is asked of the database', async (path) => {
    const page = await admin.get(path);
    expect(page.status).toBe(400);
    expect(page.text).toContain('cannot be seen');
  });
  test('has NUL in a form: it is 400 at the login as well, and nothing is done', async () => {
    const stranger = createBrowser(rig.service.adminUrl);
    expect((await stranger.logIn('a\u0000@example.com', 'whatever it is')).status).toBe(400);
    expect((await admin.submit('/people', { email: 'nul\u0000@example.com', role: 'viewer' })).status).toBe(400);
    expect((await admin.get('/people')).text).not.toMatch(/nul.{0,9}@example/);
  });
  test.each(['/welcome/%ff', '/hooks/%ff', '/sources/%E0%A4%A/x'])(
    'is no text: %s is 400 without a word of the code',
    async (path) => {
      const page = await admin.get(path);
      expect([page.status, page.text]).toEqual([400, '{"error":"bad request"}']);
    },
  );
  test.each(['constructor', '__proto__', 'toString'])(
    'says that %s was done: the page comes without it',
    async (done) => {
      expect((await admin.get(`/account?done=${done}`)).status).toBe(200);
    },
  );
  test.each([
    ['http://evil.example:999999/login', 200],
    ['http://evil.example', 303],
    ['http://evil.example?done=saved', 303],
  ])('names another host: %s is %i, as if it named none', async (target, status) => {
    const port = Number(new URL(rig.service.adminUrl).port);
    const lines = [`GET ${target} HTTP/1.1`, 'host: evil.example', '', ''];
    expect(await sendBytes(port, Buffer.from(lines.join('\r\n')))).toBe(status);
  });
});
