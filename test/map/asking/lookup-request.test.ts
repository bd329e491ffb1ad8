// The request that a look-up makes: hosts that are allowed, values in its path, and credentials.
import { describe, expect, test } from 'vitest';
import { requestOf, tokenRequestOf } from '../../../src/map/asking/lookup-request.ts';
import { mapHook } from '../../../src/map/map.ts';
import { loadThin, messages, TOKEN, thinHook, thinSource } from '../../support/thin.ts';
import { API, contact, nothing, pendingOf, urlsOf } from './lookup-questions.ts';

describe('the host of a look-up', () => {
  const urlOf = async (region: string, hosts = ['crm.example', 'crm.test']) => {
    const over = contact({ url: 'https://{$settings.region}/contacts/{id}', hosts });
    const source = thinSource(over, { region, api_token: '${CRM_TOKEN}' });
    const result = await mapHook(source, thinHook(7), nothing);
    return result.pending?.[0]?.url ?? result.reason;
  };
  test('may come from data under the domains that are listed', async () => {
    expect(await urlOf('api.eu.crm.example')).toBe('https://api.eu.crm.example/contacts/7');
    expect(await urlOf('crm.test')).toBe('https://crm.test/contacts/7');
  });
  test.each([
    'evil.example',
    'crm.example.evil.example',
    'notcrm.example',
    'evil.example/crm.example',
    'evil.example#crm.example',
    'evil.example?.crm.example',
    'evil.example\\.crm.example',
    'user@crm.example',
    'crm.example:8443',
    '127.0.0.1',
    '169.254.169.254',
    '[::1]',
    'crm.example.',
    'ⓒrm.example',
  ])('is never %s', async (region) => {
    expect(await urlOf(region)).toMatch(/^without the e-mail and the click id: (its host|the host)/);
  });
  test('must be written out or listed', () => {
    expect(messages(loadThin(contact({ url: 'https://{host}/contacts/{id}' })).problems)).toEqual([
      expect.stringContaining('must not take its host from data'),
    ]);
  });
  test.each(['ftp://crm.example/{id}', '//crm.example/{id}', 'https:///x', 'https://a@crm.example/', '{url}'])(
    'is refused at load in %s',
    (url) => {
      expect(loadThin(contact({ url })).problems).toHaveLength(1);
    },
  );
});

describe('a value in the path', () => {
  const urlOf = async (id: string | number) => (await urlsOf(thinSource(contact()), thinHook(id)))[0];
  test('is percent-encoded', async () => {
    expect(await urlOf('a/b?c=d#e&f%2e')).toBe(`${API}/contacts/a%2Fb%3Fc%3Dd%23e%26f%252e`);
    expect(await urlOf('zoë@example.com')).toBe(`${API}/contacts/zo%C3%AB%40example.com`);
  });
  test.each(['.', '..'])('that is %s leads nowhere', async (id) => {
    const result = await mapHook(thinSource(contact()), thinHook(id), nothing);
    expect(result).toMatchObject({ verdict: 'mapped', reason: expect.stringContaining('is no name') });
  });
  test('keeps every digit of a long id', async () => {
    const hook = thinHook(7);
    const body = Buffer.from('{"topic":"contact.new","records":[{"id":820982911946154508}]}');
    expect(await urlsOf(thinSource(contact()), { ...hook, body })).toEqual([`${API}/contacts/820982911946154508`]);
  });
});

describe('credentials', () => {
  const requestFor = async (auth: object, settings: Record<string, string>, token?: string) => {
    const source = thinSource(contact({ auth }), settings);
    const [asked] = await pendingOf(source);
    if (asked === undefined) throw new Error('nothing is asked');
    return { request: requestOf(asked, source.settings, token), tokenRequest: tokenRequestOf(asked, source.settings) };
  };
  const settings = { api_token: '${CRM_TOKEN}', client_id: 'app', client_secret: '${CRM_SECRET}' };
  test.each([
    [{ bearer: 'api_token' }, { authorization: `Bearer ${TOKEN}` }],
    [{ bearer: 'api_token', prefix: 'Token' }, { authorization: `Token ${TOKEN}` }],
    [{ header: 'x-api-token', value: 'api_token' }, { 'x-api-token': TOKEN }],
    [{ basic: ['client_id', 'client_secret'] }, { authorization: `Basic ${btoa('app:secret-of-the-crm')}` }],
  ])('%j stand in the headers and not in the URL', async (auth, headers) => {
    const { request } = await requestFor(auth, settings);
    expect(request).toEqual({
      method: 'GET',
      url: `${API}/contacts/7`,
      headers: { accept: 'application/json', ...headers },
    });
  });
  test('of a list are the first that the source has', async () => {
    const auth = [{ bearer: 'api_token' }, { header: 'x-app', value: 'client_id' }];
    expect((await requestFor(auth, settings)).request.headers).toHaveProperty('authorization');
    expect((await requestFor(auth, { client_id: 'app' })).request.headers).toHaveProperty('x-app', 'app');
    const none = await mapHook(thinSource(contact({ auth }), {}), thinHook(7), nothing);
    expect(none.reason).toContain('the source has no api_token');
  });
  test('of a query stand in the URL', async () => {
    const { request } = await requestFor({ query: 'api_token' }, settings);
    expect(request.url).toBe(`${API}/contacts/7?api_token=${TOKEN}`);
  });
  test('of an app are changed for a token, by its own grant or by a refresh token', async () => {
    const oauth = { url: 'https://login.crm.example/token', client_id: 'client_id', client_secret: 'client_secret' };
    const own = await requestFor({ oauth }, settings, 'given-token');
    expect(own.request.headers.authorization).toBe('Bearer given-token');
    expect(own.tokenRequest).toMatchObject({
      url: 'https://login.crm.example/token',
      headers: { authorization: `Basic ${btoa('app:secret-of-the-crm')}` },
      body: 'grant_type=client_credentials',
    });
    const refresh = { ...oauth, refresh_token: 'refresh_token', credentials: 'body' };
    const { tokenRequest } = await requestFor({ oauth: refresh }, { ...settings, refresh_token: '${CRM_TOKEN}' });
    expect(tokenRequest?.headers).not.toHaveProperty('authorization');
    expect(Object.fromEntries(new URLSearchParams(tokenRequest?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: TOKEN,
      client_id: 'app',
      client_secret: 'secret-of-the-crm',
    });
  });
});
