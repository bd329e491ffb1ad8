// Logging in over real HTTP: the first link, sessions, cookies, throttling, forms of other sites.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ADMIN,
  type Browser,
  becomeAdmin,
  becomeRole,
  createBrowser,
  firstLink,
  PASSWORD,
} from '../support/browser.ts';
import { type Rig, startRig } from '../support/service.ts';

let rig: Rig;
let admin: Browser;
let link: string;
beforeAll(async () => {
  rig = await startRig();
  link = firstLink(rig);
  admin = await becomeAdmin(rig);
});
afterAll(() => rig.close());

const stranger = () => createBrowser(rig.service.adminUrl);
const cookieOf = (browser: Browser) => [...browser.cookies.values()].join();

describe('S88 the first start', () => {
  test('has no default password, and its link works once', async () => {
    expect((await stranger().logIn('admin', 'admin')).status).toBe(401);
    expect((await stranger().get(link)).status).toBe(410);
    const again = { email: 'eve@example.com', password: PASSWORD, again: PASSWORD };
    expect((await stranger().post(link, again)).status).toBe(410);
  });
  test('tells the link and its 15 minutes', () => {
    expect(rig.logged.find((line) => line.includes('admin.first_link'))).toContain('"minutes":15');
  });
});

describe('the login', () => {
  test('S89 answers the same to an unknown user and to a wrong password', async () => {
    const wrong = await stranger().logIn(ADMIN.email, 'not the password of Ada');
    const unknown = await stranger().logIn('nobody@example.com', 'not the password of Ada');
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain('data-of="/login?next=');
    expect(unknown.status).toBe(wrong.status);
    expect(unknown.text.replace('nobody@example.com', ADMIN.email)).toBe(wrong.text);
  });
  test('S91 gives a session of 256 random bits in a cookie that scripts and other sites cannot use', async () => {
    const page = await stranger().logIn(ADMIN.email, ADMIN.password);
    expect(page.status).toBe(303);
    expect(page.headers.get('set-cookie')).toMatch(
      /^tagbridge=[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
  });
  test('S91 S93 behind https is bound to its host by the cookie, and to its address by the origin', async () => {
    const own = await startRig({ ADMIN_URL: 'https://bridge.example' });
    const browser = createBrowser(own.service.adminUrl);
    const fields = { ...ADMIN, again: ADMIN.password };
    expect((await browser.post(firstLink(own), fields)).status).toBe(403);
    const page = await browser.post(firstLink(own), fields, { origin: 'https://bridge.example' });
    expect(page.headers.get('set-cookie')).toMatch(
      /^__Host-tagbridge=[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    await own.close();
  });
  test('S92 gives a new session, whatever cookie came along', async () => {
    const browser = stranger();
    browser.cookies.set('tagbridge', 'a-session-somebody-else-chose-for-this-browser');
    await browser.logIn(ADMIN.email, ADMIN.password);
    expect(cookieOf(browser)).not.toContain('chose');
    expect((await browser.get('/account')).status).toBe(200);
    const before = cookieOf(browser);
    await browser.logIn(ADMIN.email, ADMIN.password);
    expect(cookieOf(browser)).not.toBe(before);
    const old = stranger();
    old.cookies.set('tagbridge', before);
    expect((await old.get('/account')).status).toBe(303);
  });
  test('S92 logging out ends the session on the server', async () => {
    const browser = stranger();
    await browser.logIn(ADMIN.email, ADMIN.password);
    const cookie = cookieOf(browser);
    await browser.submit('/logout');
    browser.cookies.set('tagbridge', cookie);
    expect((await browser.get('/account')).location).toBe('/login?next=%2Faccount');
  });
  test('is offered to who sends a form after the session ended, and leads back to the page of the form', async () => {
    for (const [to, next] of [
      ['/phone/orders', '/phone'],
      ['/phone/leads/next', '/phone/leads'],
      ['/people/some-id/role', '/people'],
      ['/hooks/some-id/map', '/hooks/some-id'],
      ['/account/everywhere', '/account'],
      ['/logout', '/'],
    ] as const) {
      const page = await stranger().post(to);
      expect([to, page.status]).toEqual([to, 403]);
      expect(page.text).toContain(`<a href="/login?next=${encodeURIComponent(next)}">Log in again</a>`);
      const old = await admin.post(to, { csrf: 'of a session before' });
      expect([to, old.status]).toEqual([to, 403]);
      expect(old.text).toContain(`<a href="${next}">Back to its page</a>`);
    }
  });
  test('says what was wrong first, and keeps the e-mail and nothing of the password', async () => {
    const { status, text } = await stranger().logIn(ADMIN.email, 'not the password');
    expect(status).toBe(401);
    expect(text).toContain('role="alert" tabindex="-1" autofocus>This e-mail and password');
    expect(text).toContain(`type="email" value="${ADMIN.email}"`);
    expect(text).not.toContain('not the password');
  });
  test('S102 leads nowhere else afterwards', async () => {
    for (const next of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example/',
      '/%5Cevil\\x',
      'javascript:alert(1)',
    ]) {
      expect((await stranger().logIn(ADMIN.email, ADMIN.password, { next })).location).not.toContain('evil');
      const { location } = await stranger().logIn(ADMIN.email, ADMIN.password, { next });
      expect(location?.startsWith('javascript')).toBe(false);
    }
    expect((await stranger().logIn(ADMIN.email, ADMIN.password, { next: '/people?x=1' })).location).toBe('/people?x=1');
  });
});

describe('S92 a changed password', () => {
  test('ends the other sessions and gives this one a new id', async () => {
    const viewer = await becomeRole(rig, admin, 'viewer');
    const other = stranger();
    await other.logIn('viewer@example.com', PASSWORD);
    const before = cookieOf(viewer);
    const next = 'quite another long password';
    await viewer.submit('/account/password', { old: PASSWORD, password: next, again: next });
    expect(cookieOf(viewer)).not.toBe(before);
    expect((await viewer.get('/account')).status).toBe(200);
    expect((await other.get('/account')).status).toBe(303);
    await viewer.submit('/account/everywhere');
    expect((await viewer.get('/account')).status).toBe(303);
  });
});

test('a new password of one’s own that is refused says why, and changes nothing', async () => {
  const own = await startRig();
  const boss = await becomeAdmin(own);
  const long = 'quite another long password';
  const ask = (fields: Record<string, string>) =>
    boss.submit('/account/password', { old: ADMIN.password, password: long, again: long, ...fields });
  for (const [fields, why] of [
    [{ password: 'x'.repeat(11), again: 'x'.repeat(11) }, 'at least 12 characters'],
    [{ password: 'x'.repeat(201), again: 'x'.repeat(201) }, 'at most 200 characters'],
    [{ password: 'ADA@Example.com', again: 'ADA@Example.com' }, 'may not be the e-mail address'],
    [{ again: `${long}!` }, 'are not the same'],
    [{ old: 'a wrong password' }, 'The password you have is another one'],
  ] as const) {
    const { status, text } = await ask(fields);
    expect([status, text.includes(why), why]).toEqual([400, true, why]);
  }
  for (let tries = 0; tries < 10; tries++) await ask({ old: 'a wrong password' });
  const late = await ask({});
  expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
  expect(late.text).toContain('Too many tries');
  expect((await boss.get('/audit')).text).not.toContain('password changed');
  await own.close();
});

test('S92 a link for a new password is gone when its person has changed the password meanwhile', async () => {
  const own = await startRig();
  const boss = await becomeAdmin(own);
  const somebody = () => createBrowser(own.service.adminUrl);
  const pathIn = (text: string) => new URL(/value="([^"]*\/welcome\/[^"]+)"/.exec(text)?.[1] ?? '').pathname;
  const added = await boss.submit('/people', { email: 'zoe@example.com', role: 'viewer' });
  const person = somebody();
  await person.post(pathIn(added.text), { password: PASSWORD, again: PASSWORD });
  const row = added.text.split('<tr>').find((one) => one.includes('Role of zoe@example.com')) ?? '';
  const again = await boss.submit(/\/people\/[0-9a-f-]{36}\/link/.exec(row)?.[0] ?? '');
  const password = `${PASSWORD}, another one`;
  const changed = await person.submit('/account/password', { old: PASSWORD, password, again: password });
  expect(changed.location).toBe('/account?done=password');
  expect((await somebody().post(pathIn(again.text), { password: PASSWORD, again: PASSWORD })).status).toBe(410);
  expect((await person.get('/account')).status).toBe(200);
  await own.close();
});

describe('a change', () => {
  test('S93 without the token of the session is refused', async () => {
    for (const csrf of ['', 'x', await (await becomeRole(rig, admin, 'sales')).csrf()])
      expect((await admin.post('/people', { csrf, email: 'eve@example.com', role: 'admin' })).status).toBe(403);
    expect((await admin.get('/people')).text).not.toContain('eve@example.com');
  });
  test('S93 from another site is refused, also at the login', async () => {
    const csrf = await admin.csrf();
    const fields = { csrf, email: 'eve@example.com', role: 'admin' };
    for (const origin of ['https://evil.example', 'null', rig.service.adminUrl.replace(/\d+$/, '1')])
      expect((await admin.post('/people', fields, { origin })).status).toBe(403);
    expect((await stranger().post('/login', ADMIN, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('S94 every page', () => {
  test('forbids inline code, other sites and frames, and is not stored', async () => {
    for (const page of [await admin.get('/people'), await stranger().get('/login')]) {
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none';style-src 'self';script-src 'self';connect-src 'self';img-src 'self' data:;form-action 'self';frame-ancestors 'none';base-uri 'none'",
      );
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.text).not.toMatch(/<script(?! src="\/assets\/)|<style| style=| on\w+=/);
    }
  });
});

describe('people', () => {
  beforeEach(async () => {
    admin = stranger();
    await admin.logIn(ADMIN.email, ADMIN.password);
  });
  test('are not left without an admin', async () => {
    const id = /\/people\/([\w-]+)\/remove/.exec((await admin.get('/people')).text)?.[1] ?? '';
    expect((await admin.submit(`/people/${id}/remove`)).status).toBe(409);
    expect((await admin.submit(`/people/${id}/role`, { role: 'viewer' })).status).toBe(409);
  });
  test('who are there already are refused, and what was typed stays', async () => {
    const again = await admin.submit('/people', { email: ADMIN.email, role: 'sales' });
    expect(again.status).toBe(409);
    expect(again.text).toContain(`type="email" value="${ADMIN.email}"`);
    expect(again.text).toMatch(/<option value="sales" selected>sales<\/option>[\s\S]*Add/);
  });
  test('who are removed are out at once', async () => {
    const added = await admin.submit('/people', { email: 'gone@example.com', role: 'admin' });
    const path = new URL(/value="([^"]*\/welcome\/[^"]+)"/.exec(added.text)?.[1] ?? '').pathname;
    const gone = stranger();
    await gone.post(path, { password: PASSWORD, again: PASSWORD });
    expect((await gone.get('/people')).status).toBe(200);
    const { text } = await admin.get('/people');
    const id = /gone@example\.com[\s\S]*?\/people\/([\w-]+)\/remove/.exec(text)?.[1] ?? '';
    await admin.submit(`/people/${id}/remove`);
    expect((await gone.get('/people')).status).toBe(303);
  });
});
