// Requests with a token: got once, remembered, renewed; and what is told when none is given. Real HTTP to the stand-in of Google.
import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import { createSender, type Send } from '../../src/deliver/sender.ts';
import { createStandins, type Standins } from '../../src/demo/standins.ts';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { meta } from '../../src/destinations/meta.ts';
import type { Destination } from '../../src/types.ts';
import {
  DAY,
  GOOGLE_PERSON,
  googleAdsSettings,
  HOUR,
  MINUTE,
  metaSettings,
  NOW,
  order,
} from '../destinations/example.ts';
import { startReceiver } from '../support/deliver-receiver.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const keyFile = (client_email = 'bridge@project.iam.gserviceaccount.com') =>
  JSON.stringify({ type: 'service_account', client_email, private_key: privateKey, private_key_id: 'key-1' });
const NOBODY = { client_id: undefined, client_secret: undefined, refresh_token: undefined };

const { signal } = new AbortController();
let clock = NOW;
let standins: Standins;
let http: Http;
let send: Send;
beforeEach(async () => {
  clock = NOW;
  standins = await createStandins({ clock: () => clock });
  http = createHttp({ allowPrivate: true });
  send = createSender({ http, now: () => clock });
});
afterEach(async () => {
  await http.close();
  await standins.close();
});

const settingsWith = (more: object = {}) => {
  const endpoint = standins.google_ads.origin;
  return googleAdsSettings({ endpoint, token_endpoint: `${endpoint}/token`, ...more });
};
const destination = googleAds as Destination;
const post = (settings = settingsWith(), id = 'T1') =>
  send({ destination, settings }, googleAds.build([order({ transaction_id: id })], settings, clock), { signal });
const paths = () => standins.received.map(({ path, status }) => `${status} ${path}`);
const formOf = (index = 0) => standins.received.filter(({ path }) => path === '/token')[index]?.text ?? '';

describe('a request that needs a token', () => {
  it('gets one by a refresh token, and carries it', async () => {
    expect(await post()).toMatchObject({ status: 200 });
    expect(Object.fromEntries(new URLSearchParams(formOf()))).toEqual({
      ...GOOGLE_PERSON,
      grant_type: 'refresh_token',
    });
    expect(standins.received[1]?.headers.authorization).toMatch(/^Bearer ya29\./);
    expect([...standins.google_ads.counted]).toEqual([['987654321:T1', 1]]);
  });

  it('gets one by the key of a service account, signed by it at this time', async () => {
    expect(await post(settingsWith({ ...NOBODY, service_account: keyFile() }))).toMatchObject({ status: 200 });
    const form = new URLSearchParams(formOf());
    const assertion = form.get('assertion') ?? '';
    expect([...form.keys()].sort()).toEqual(['assertion', 'grant_type']);
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(decodeJwt(assertion)).toEqual({
      iss: 'bridge@project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/datamanager',
      aud: 'https://oauth2.googleapis.com/token',
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    });
    const known = await importSPKI(publicKey, 'RS256');
    await expect(jwtVerify(assertion, known, { currentDate: new Date(NOW) })).resolves.toBeDefined();
  });

  it('takes a key file in base64, too', async () => {
    const service_account = Buffer.from(keyFile()).toString('base64');
    expect(await post(settingsWith({ ...NOBODY, service_account }))).toMatchObject({ status: 200 });
  });

  it('shares one with those that go at the same time and after it', async () => {
    const settings = settingsWith();
    await Promise.all(Array.from({ length: 10 }, (_, n) => post(settings, `T${n}`)));
    await post(settings, 'later');
    expect(paths().filter((path) => path === '200 /token')).toHaveLength(1);
    expect(standins.google_ads.counted.size).toBe(11);
  });

  it('gets a new one shortly before the old one ends', async () => {
    const settings = settingsWith();
    await post(settings);
    clock += HOUR - 2 * MINUTE;
    await post(settings);
    expect(paths()).toHaveLength(3);
    clock += MINUTE + 1;
    expect(await post(settings)).toMatchObject({ status: 200 });
    expect(paths().slice(3)).toEqual(['200 /token', '200 /v1/events:ingest']);
  });

  it('gets a new one, once, where the receiver does not take a remembered one', async () => {
    const settings = settingsWith();
    await post(settings);
    standins.google_ads.fail({ status: 401 }, { times: 1 });
    expect(await post(settings)).toMatchObject({ status: 200 });
    expect(paths().slice(2)).toEqual(['401 /v1/events:ingest', '200 /token', '200 /v1/events:ingest']);
  });

  it('ends with the refusal where a new one is not taken either', async () => {
    const settings = settingsWith();
    await post(settings);
    // As if the clock of the stand-in ran ahead: what it gives is over already.
    const ahead = await createStandins({ clock: () => clock + DAY });
    const both = settingsWith({ endpoint: ahead.google_ads.origin });
    expect(await post(both)).toMatchObject({ status: 401 });
    expect(ahead.google_ads.requests()).toBe(2);
    await ahead.close();
  });

  it('takes no offence at a statement of who the person is, which comes along where that was asked for once', async () => {
    const at = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'https://accounts.google.com',
      aud: GOOGLE_PERSON.client_id,
      sub: '1',
      iat: at,
      exp: at + 3600,
    };
    const id_token = ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const token = { access_token: `ya29.${NOW / 1000 + 3600}`, expires_in: 3600, token_type: 'Bearer', id_token };
    const headers = { 'content-type': 'application/json' };
    standins.google_ads.fail({ status: 200, headers, body: JSON.stringify(token) }, { times: 1 });
    expect(await post()).toMatchObject({ status: 200 });
  });

  it('is left alone where none is needed', async () => {
    const settings = metaSettings({ endpoint: standins.meta.origin });
    await send({ destination: meta as Destination, settings }, meta.build([order()], settings, NOW), { signal });
    expect(standins.received).toHaveLength(1);
    expect(standins.received[0]?.headers.authorization).toBeUndefined();
  });
});

describe('without a token nothing is sent', () => {
  it.each<[string, object, RegExp]>([
    [
      'an old refresh token',
      { refresh_token: 'expired-1' },
      /does not take the refresh token: it has expired or was withdrawn.*log in again.*\(invalid_grant, HTTP 400\)/,
    ],
    [
      'a deleted service account',
      { ...NOBODY, service_account: keyFile('deleted@project.example') },
      /does not take the key of the service account.*make a new key/,
    ],
  ])('and people are told what to do about %s', async (_, more, reason) => {
    const sent = await post(settingsWith(more));
    expect(sent).toEqual({ unsent: { kind: 'retry', pause: true, reason: expect.stringMatching(reason) } });
    expect(paths()).toEqual(['400 /token']);
  });

  it('and an unknown client is told apart', async () => {
    standins.google_ads.fail({
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_client"}',
    });
    expect(await post()).toMatchObject({
      unsent: { pause: true, reason: expect.stringMatching(/client_id and client_secret/) },
    });
  });

  it.each<[string, Parameters<Standins['google_ads']['fail']>[0], RegExp]>([
    ['is down', { status: 503 }, /answered 503/],
    ['asks to slow down', { status: 429 }, /answered 429/],
    ['breaks the connection', 'reset', /could not be reached \(reset\)/],
    ['answers with a page of somebody else', { status: 200, body: '<html>Log in</html>' }, /answered without one/],
    ...[302, 400, 401, 403, 404, 407].map((status): [string, { status: number; body: string }, RegExp] => [
      `is hidden behind a page of somebody else that answers ${status}`,
      { status, body: '<html>Log in</html>' },
      new RegExp(`answered ${status}, and not as such servers do`),
    ]),
  ])('and it is tried again where the token server %s', async (_, fault, reason) => {
    standins.google_ads.fail(fault);
    const sent = await post();
    expect(sent).toEqual({ unsent: { kind: 'retry', reason: expect.stringMatching(reason) } });
    standins.google_ads.recover();
    expect(await post()).toMatchObject({ status: 200 });
  });

  it.each([200, 400])('and it is tried again where the answer breaks off after its status %d', async (status) => {
    const server = await startReceiver((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"error":"inva', () => response.destroy());
    });
    const sent = await post(settingsWith({ token_endpoint: `${server.url}/token` }));
    expect(sent).toEqual({ unsent: { kind: 'retry', reason: expect.stringMatching(/broke off/) } });
    await server.close();
  });

  it('and private addresses are no token servers', async () => {
    const careful = createHttp({ allowPrivate: false });
    const asking = createSender({ http: careful, now: () => clock });
    const settings = settingsWith({ endpoint: 'https://datamanager.example' });
    const sent = await asking({ destination, settings }, googleAds.build([order()], settings, NOW), { signal });
    expect(sent).toEqual({ unsent: { kind: 'retry', reason: expect.stringMatching(/forbidden_address/) } });
    await careful.close();
  });
});
