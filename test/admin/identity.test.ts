// Logging in by an identity provider, over real HTTP: who gets in with which role, and answers that do not fit.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { CLIENT, type Issuer, startIssuer } from '../support/issuer.ts';
import { type Rig, startRig } from '../support/service.ts';

let issuer: Issuer;
let rig: Rig;
let admin: Browser;
beforeAll(async () => {
  issuer = await startIssuer();
  rig = await startRig({
    OIDC_ISSUER: issuer.origin,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    ADMIN_PROXIES: 'loopback',
    OIDC_NAME: 'Lamps <ID>',
    OIDC_ROLE_CLAIM: 'groups',
    OIDC_DOMAINS: 'lamps.example, @bulbs.example',
  });
  admin = await becomeAdmin(rig);
});
afterAll(async () => {
  await rig.close();
  issuer.close();
});
beforeEach(() => {
  Object.assign(issuer.says, { claims: {}, forged: false, down: false });
});

let strangers = 0;
/** Each at an address of their own, because one address has few tries. */
const stranger = (address = `198.51.100.${++strangers}`): Browser => {
  const browser = createBrowser(rig.service.adminUrl);
  return { ...browser, get: (path) => browser.get(path, { 'x-forwarded-for': address }) };
};
const leave = async (browser: Browser, next = '/hooks') =>
  (await browser.get(`/login/identity?next=${encodeURIComponent(next)}`)).location ?? '';
const pathOf = ({ pathname, search }: URL) => pathname + search;
/** Goes there and back as somebody of whom the provider says this. */
async function goAs(claims: object, browser = stranger(), next = '/hooks') {
  Object.assign(issuer.says, { claims });
  const page = await browser.get(pathOf(issuer.approve(await leave(browser, next))));
  return { page, browser };
}
const roleIn = async (browser: Browser) => /Your role is <strong>(\w+)/.exec((await browser.get('/account')).text)?.[1];

describe('somebody whom the provider knows', () => {
  test('is sent there with PKCE, state and nonce, and back to the page they wanted', async () => {
    expect((await stranger().get('/login?next=%2Fhooks')).text).toContain(
      'href="/login/identity?next=%2Fhooks">Log in with Lamps &lt;ID&gt;</a>',
    );
    const { searchParams } = new URL(await leave(stranger()));
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: CLIENT.id,
      response_type: 'code',
      scope: 'openid email',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/.{40}/),
      nonce: expect.stringMatching(/.{40}/),
      redirect_uri: expect.stringMatching(/\/login\/identity\/back$/),
    });
    const { page, browser } = await goAs({ email: 'Mila@lamps.example' });
    expect([page.status, page.location]).toEqual([303, '/hooks']);
    expect(await roleIn(browser)).toBe('viewer');
    expect([...browser.cookies.keys()]).toEqual(['tagbridge']);
  });

  test.each([
    ['a viewer by the domain', { email: 'a@bulbs.example' }, 'viewer'],
    ['what a claim says', { email: 'b@elsewhere.example', groups: ['staff', 'sales'] }, 'sales'],
    ['what a claim of one word says', { email: 'c@elsewhere.example', groups: 'admin' }, 'admin'],
    ['the strongest of several', { email: 'd@lamps.example', groups: ['sales', 'admin'] }, 'admin'],
  ])('becomes %s', async (_, claims, role) => {
    expect(await roleIn((await goAs(claims)).browser)).toBe(role);
  });

  test('keeps the role an admin gave, until the provider names another', async () => {
    await becomeRole(rig, admin, 'sales');
    const email = 'sales@example.com';
    expect(await roleIn((await goAs({ email })).browser)).toBe('sales');
    expect(await roleIn((await goAs({ email, groups: ['viewer'] })).browser)).toBe('viewer');
    expect(await roleIn((await goAs({ email: ADMIN.email })).browser)).toBe('admin');
  });

  test.each([
    ['of another domain', { email: 'eve@evil.example' }],
    ['of a domain that only ends alike', { email: 'eve@notlamps.example' }],
    ['whose e-mail is not confirmed', { email: 'eve@lamps.example', email_verified: false }],
    ['without an e-mail', {}],
    ['with two in one', { email: 'eve@evil.example@lamps.example' }],
  ])('stays out when %s', async (_, claims) => {
    const { page, browser } = await goAs(claims);
    expect(page.status).toBe(403);
    expect((await browser.get('/hooks')).status).toBe(303);
  });

  test('is in the audit, let in or not', async () => {
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    const rows = await db.query("select actor, detail from audit where action = 'login refused'");
    expect(rows).toContainEqual({ actor: 'eve@evil.example', detail: 'identity provider' });
    const logins = await db.query("select detail from audit where action = 'login' and actor = 'mila@lamps.example'");
    expect(logins).toEqual([{ detail: expect.stringMatching(/ by identity provider$/) }]);
    const roles = await db.query(
      "select actor, action from audit where action like '%role%' or action like 'user added%'",
    );
    const byProvider = roles.filter(({ actor }) => actor !== ADMIN.email);
    expect(byProvider).toContainEqual({ actor: 'c@elsewhere.example', action: 'user added as admin' });
    expect(byProvider).toContainEqual({ actor: 'sales@example.com', action: 'role set to viewer' });
    await close();
  });
});

describe('an answer', () => {
  const back = async (change: (url: URL) => void, browser = stranger()) => {
    issuer.says.claims = { email: 'mila@lamps.example', ...issuer.says.claims };
    const url = issuer.approve(await leave(browser));
    change(url);
    return (await browser.get(pathOf(url))).status;
  };
  test('to another browser, or to none, is refused', async () => {
    const url = issuer.approve(await leave(stranger()));
    expect((await stranger().get(pathOf(url))).status).toBe(400);
    const other = stranger();
    await leave(other);
    expect((await other.get(pathOf(url))).status).toBe(400);
  });
  test('with another state, without a code, or with an error is refused', async () => {
    expect(await back((url) => url.searchParams.set('state', 'another'))).toBe(400);
    expect(await back((url) => url.searchParams.delete('code'))).toBe(400);
    expect(await back((url) => url.searchParams.set('code', 'another'))).toBe(400);
    expect(await back((url) => url.searchParams.set('error', 'access_denied'))).toBe(400);
  });
  test('ends the session that the browser had meanwhile', async () => {
    const { browser } = await goAs({ email: 'mila@lamps.example' });
    const other = stranger();
    const url = issuer.approve(await leave(other));
    other.cookies.set('tagbridge', browser.cookies.get('tagbridge') ?? '');
    expect((await other.get(pathOf(url))).status).toBe(303);
    expect((await browser.get('/account')).status).toBe(303);
    expect((await other.get('/account')).status).toBe(200);
  });
  test('works once', async () => {
    const browser = stranger();
    const url = issuer.approve(await leave(browser));
    issuer.says.claims = { email: 'mila@lamps.example' };
    expect((await browser.get(pathOf(url))).status).toBe(303);
    expect((await browser.get(pathOf(url))).status).toBe(400);
  });
  test.each([
    ['of another attempt', { nonce: 'another' }],
    ['for somebody else', { aud: 'another-client' }],
    ['of somebody else', { iss: 'https://evil.example' }],
    ['that has expired', { exp: 1 }],
  ])('with a token %s is refused', async (_, claims) => {
    issuer.says.claims = claims;
    expect(await back(() => undefined)).toBe(400);
  });
  test('with a token that another key signed is refused', async () => {
    issuer.says.forged = true;
    expect(await back(() => undefined)).toBe(400);
  });
  test('leads nowhere else afterwards (S102)', async () => {
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example'])
      expect((await goAs({ email: 'mila@lamps.example' }, stranger(), next)).page.location).toBe('/');
  });
});

test('a provider that is down is said in words, and asked again the next time', async () => {
  const own = await startRig({
    OIDC_ISSUER: issuer.origin,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
  });
  issuer.says.down = true;
  const browser = createBrowser(own.service.adminUrl);
  const page = await browser.get('/login/identity');
  expect([page.status, page.text]).toEqual([503, expect.stringContaining('does not answer')]);
  issuer.says.down = false;
  expect((await browser.get('/login/identity')).location).toContain(`${issuer.origin}/authorize?`);
  expect(own.logged.join('')).not.toContain(CLIENT.secret);
  await own.close();
});

test('many tries from one address have to wait', async () => {
  let status = 303;
  for (let n = 0; n < 40 && status === 303; n++) status = (await stranger('203.0.113.7').get('/login/identity')).status;
  expect(status).toBe(429);
  expect((await stranger('203.0.113.7').get('/login/identity/back?code=x&state=x')).status).toBe(429);
});

test('without settings there is no such login', async () => {
  const own = await startRig();
  const browser = createBrowser(own.service.adminUrl);
  expect((await browser.get('/login')).text).not.toContain('Log in with');
  expect((await browser.get('/login/identity')).status).toBe(404);
  await own.close();
});
