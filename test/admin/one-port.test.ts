// PORT and ADMIN_PORT alike: pages, API and metrics lie under /admin of the hook port, hooks stay where they are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, type Browser, createBrowser, firstLink } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { freePort } from '../support/port.ts';
import { type Rig, startRig } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

/** What a browser asks for; of other attributes those that begin as a path are one, for a form or a script. */
const FOLLOWED = new Set(['href', 'src', 'hx-get']);
let rig: Rig;
let admin: Browser;
/** Paths as the pages write them, so the browser starts at the origin. */
const stranger = () => createBrowser(rig.service.url);
beforeAll(async () => {
  const port = String(await freePort());
  rig = await startRig({ PORT: port, ADMIN_PORT: port });
  admin = stranger();
  const { email, password } = ADMIN;
  await admin.post(firstLink(rig), { email, password, again: password });
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  await untilFound({ ...admin, get: (path) => admin.get(`/admin${path}`) }, '1042');
});
afterAll(() => rig.close());

test('the first link, redirects and the cookie carry the path', async () => {
  expect(rig.service.adminUrl).toBe(`${rig.service.url}/admin`);
  expect(firstLink(rig)).toMatch(/^\/admin\/welcome\//);
  const asked = await stranger().get('/admin/hooks?state=stuck');
  expect(asked.location).toBe('/admin/login?next=%2Fhooks%3Fstate%3Dstuck');
  const { email, password } = ADMIN;
  const browser = stranger();
  const page = await browser.post('/admin/login', { email, password, next: '/hooks?state=stuck' });
  expect(page.location).toBe('/admin/hooks?state=stuck');
  expect(page.headers.get('set-cookie')).toContain('; Path=/admin;');
  const { headers } = await stranger().get('/admin/live', { 'hx-request': 'true' });
  expect(headers.get('hx-redirect')).toBe('/admin/login');
});

test('every link, form, file and live part of every page that can be reached works under the path', async () => {
  const waiting = ['/admin'];
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { status, text } = await admin.get(path);
    expect([path, status]).toEqual([path, 200]);
    for (const [, name = '', target = ''] of text.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
      const where = target.replaceAll('&amp;', '&').replace(/#.*/, '');
      const leads = FOLLOWED.has(name);
      // Of hooks, which senders are to be given, the addresses have no such path.
      if (leads ? /^(?:$|data:|https:)/.test(where) : !/^\/(?!hooks\/shop\/)/.test(where)) continue;
      expect([path, name, where]).toEqual([path, name, expect.stringMatching(/^\/admin(\/|$)/)]);
      if (!leads || seen.has(where)) continue;
      seen.add(where);
      waiting.push(where);
    }
  }
  expect(seen.size).toBeGreaterThan(15);
});

test('hooks and health are where they were, and nothing of the pages is beside the path', async () => {
  expect((await post(rig.service.url, fromShopify(lampOrder(1043)))).status).toBe(200);
  expect((await fetch(`${rig.service.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${rig.service.adminUrl}/metrics`)).status).toBe(200);
  for (const path of ['/', '/login', '/metrics', '/assets/style.css', '/administrator'])
    expect([path, (await admin.get(path)).status]).toEqual([path, 404]);
});

test('the metrics are for nobody without a token where senders come by https: the proxy before them reaches the path too', async () => {
  const port = String(await freePort());
  const own = await startRig({ PORT: port, ADMIN_PORT: port, PUBLIC_URL: 'https://hooks.shop.example' });
  expect((await fetch(`${own.service.adminUrl}/metrics`)).status).toBe(401);
  await own.close();
});
