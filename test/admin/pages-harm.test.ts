// Pages over real HTTP where somebody means harm or is hasty: text, replays by two, and addresses and forms that no browser sends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditedIn } from '../support/audited.ts';
import { ADMIN, type Browser, createBrowser } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { sendBytes } from '../support/hostile.ts';
import { LOOKING, startPages } from '../support/pages.ts';
import { eventually, type Rig } from '../support/service.ts';
import { makeStuck, TOKEN_REFUSED, traceOf } from '../support/shop.ts';

const CANARY = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\`\${1}</pre></textarea>`;
const HARMED = { name: CANARY, order_number: CANARY, note: CANARY, email: `${'x'.repeat(9)}@example.com` };

let rig: Rig;
let admin: Browser;
let trace: string;
beforeAll(async () => {
  ({ rig, admin, trace } = await startPages());
});
afterAll(() => rig.close());
const audited = (action: string) => auditedIn(rig, action);

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
