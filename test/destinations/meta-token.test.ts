// When Meta says that an access token ends: the exact question, and what its answers mean.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStandins } from '../../src/demo/standins.ts';
import { metaTokenEnd } from '../../src/destinations/meta-token.ts';
import { DAY, metaSettings, NOW } from './example.ts';

const read = (status: number, body: unknown, more: object = {}) =>
  metaTokenEnd.read({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body), ...more });
const told = (data: unknown) => read(200, { data });
const failed = (code: number, error_subcode?: number, more: object = {}) => ({
  error: { message: 'EAAtoken of ann@shop.example', type: 'OAuthException', code, error_subcode, ...more },
});
const USER = { app_id: '7', type: 'USER', application: 'Shop', scopes: ['ads_management'], user_id: '8' };
const ENDS = Date.parse('2026-12-01T10:00:00Z');

describe('the question', () => {
  const asked = (more: object = {}) => new URL(metaTokenEnd.build(metaSettings({ quality: true, ...more })).url);

  test('asks about the token by the token itself', () => {
    const { origin, pathname, searchParams } = asked();
    expect(origin + pathname).toBe('https://graph.facebook.com/v25.0/debug_token');
    expect(Object.fromEntries(searchParams)).toEqual({ input_token: 'EAAtoken', access_token: 'EAAtoken' });
  });

  test('goes to the endpoint and the version of the store file, with the proof of its app secret', () => {
    const { href, searchParams } = asked({
      endpoint: 'http://127.0.0.1:9001',
      api_version: 'v26.0',
      app_secret: 'app',
    });
    expect(href).toMatch(/^http:\/\/127\.0\.0\.1:9001\/v26\.0\/debug_token\?/);
    expect(searchParams.get('appsecret_proof')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('an answer', () => {
  test.each([
    ['a time', { ...USER, is_valid: true, expires_at: ENDS / 1000, data_access_expires_at: 5 }, ENDS],
    ['a time in digits', { ...USER, is_valid: true, expires_at: `${ENDS / 1000}` }, ENDS],
    ['a time that is over', { ...USER, is_valid: true, expires_at: 1 }, 1000],
    ['never', { ...USER, type: 'SYSTEM_USER', is_valid: true, expires_at: 0, data_access_expires_at: 9 }, 'never'],
    ['nothing of an end', { app_id: '7', type: 'APP', is_valid: true }, 'untold'],
    ['a time, and not whether it is valid', { expires_at: ENDS / 1000 }, ENDS],
  ])('tells %s', (_, data, ends) => {
    expect(told(data)).toEqual({ ends });
  });

  test.each([
    [400, failed(100)],
    [403, failed(10)],
    [403, failed(200)],
  ])('%s %j says that of this token it is not told', (status, body) => {
    expect(read(status, body)).toEqual({ ends: 'untold' });
  });

  test.each([
    ['milliseconds', ENDS],
    ['a part of a second', 1.5],
    ['a time before all', -1],
    ['a word', 'tomorrow'],
    ['nothing', null],
    ['a date', '2026-12-01T10:00:00+0000'],
    ['far too many digits', '9'.repeat(400)],
  ])('with %s for a time is a problem', (_, expires_at) => {
    expect(told({ ...USER, is_valid: true, expires_at })).toEqual({
      problem: expect.stringContaining('not as Meta’s API does'),
    });
  });

  test('of a token that is no longer valid is a problem, whenever it was to end', () => {
    const error = { code: 190, message: 'EAAtoken of ann@shop.example', subcode: 460 };
    for (const expires_at of [0, 1, ENDS / 1000])
      expect(told({ ...USER, is_valid: false, expires_at, error })).toEqual({
        problem: expect.stringMatching(/^Meta says that the access token is no longer valid; create a new one/),
      });
  });

  test.each([
    [400, failed(190, 463), 'does not accept the access token: it has expired'],
    [401, failed(190), 'does not accept the access token; create a new one'],
    [400, failed(104), 'app_secret must be of the app'],
    [400, failed(4), 'asks to slow down'],
    [400, failed(100, undefined, { is_transient: true }), 'a passing problem'],
    [429, 'slow down', 'no more questions for now'],
    [500, '<html>EAAtoken</html>', 'Meta answered 500'],
    [200, '<!doctype html><html></html>', 'not as Meta’s API does'],
    [200, {}, 'not as Meta’s API does'],
    [200, { data: [] }, 'not as Meta’s API does'],
    [200, { data: null }, 'not as Meta’s API does'],
    [200, { data: { is_valid: 'yes', expires_at: 0 } }, 'not as Meta’s API does'],
    [200, '', 'not as Meta’s API does'],
  ])('%s %j is a problem in words, without the words of Meta', (status, body, words) => {
    const answer = read(status, body);
    expect(answer).toEqual({ problem: expect.stringContaining(words) });
    expect(JSON.stringify(answer)).not.toMatch(/EAAtoken|ann@/);
  });

  test('that broke off, or never came, is a problem', () => {
    expect(read(200, { data: { expires_at: 0 } }, { cut: 'broken' })).toMatchObject({ problem: expect.any(String) });
    const away = metaTokenEnd.read({ failure: 'timeout', detail: '', sent: true });
    expect(away).toEqual({ problem: expect.stringContaining('No answer in time') });
  });

  test('may be anything at all: an end is a word or a time that has a date', () => {
    const names = ['data', 'is_valid', 'expires_at', 'error', 'code', '__proto__'];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.double(), fc.boolean(), fc.constant(null), tie('table')),
      table: fc.dictionary(fc.constantFrom(...names), tie('value')),
    }));
    const number = fc.oneof(fc.integer(), fc.double(), fc.nat().map(String));
    const near = fc.record({ data: fc.record({ is_valid: fc.boolean(), expires_at: number }, { requiredKeys: [] }) });
    fc.assert(
      fc.property(fc.constantFrom(200, 400), fc.oneof(value, near), (status, body) => {
        const answer = read(status, body);
        if ('problem' in answer || typeof answer.ends === 'string') return;
        expect(new Date(answer.ends).toISOString()).toMatch(/^\d{4}-/);
      }),
    );
  });
});

test('the stand-in tells when a token ends what we can read, and nothing with one that it does not know', async () => {
  const standins = await createStandins({ clock: () => NOW });
  const ask = async (more: object = {}) => {
    const { url } = metaTokenEnd.build(metaSettings({ endpoint: standins.meta.origin, ...more }));
    const response = await fetch(url);
    return metaTokenEnd.read({ status: response.status, headers: {}, body: await response.text() });
  };
  const answers = [await ask(), await ask({ access_token: 'expired' }), await ask({ access_token: 'boom' })];
  await standins.close();
  const expired = { problem: expect.stringContaining('it has expired') };
  expect(answers).toEqual([{ ends: NOW + 40 * DAY }, expired, { problem: 'Meta answered 503' }]);
});
