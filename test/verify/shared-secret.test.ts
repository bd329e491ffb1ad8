// Senders that only show a secret: Basic, bearer, header, URL and body.
import { describe, expect, test } from 'vitest';
import { credentialHeaders, sign } from '../../src/verify/verify.ts';
import { ask, NOW, requestOf, sourceOf } from '../support/verify.ts';

const SECRETS = ['new-secret-of-the-shop', 'old-secret-of-the-shop'];
const [NEW = '', OLD = ''] = SECRETS;
const around = { now: NOW, publicUrl: undefined };

describe('Basic credentials', () => {
  const source = (settings: Record<string, unknown> = { user: 'lamps' }) =>
    sourceOf({ scheme: 'basic' }, SECRETS, settings);
  const asked = (pair: string, word = 'Basic') => ({
    headers: { authorization: `${word} ${Buffer.from(pair).toString('base64')}` },
  });
  const WRONG = 'user and password are not those of this source';

  test('of the source are let in, with either secret as password', async () => {
    for (const secret of SECRETS) expect(await ask(source(), asked(`lamps:${secret}`))).toBe('in');
    expect(await ask(source(), asked(`lamps:${NEW}`, 'basic'))).toBe('in');
    expect(await ask(sourceOf({ scheme: 'basic' }, ['with:colon'], { user: 'lamps' }), asked('lamps:with:colon'))).toBe(
      'in',
    );
  });
  test('of another user, password or length are kept out', async () => {
    for (const pair of [
      `other:${NEW}`,
      `:${NEW}`,
      'lamps:',
      `lamps:${NEW}x`,
      `lamps:${NEW.slice(0, -1)}`,
      `LAMPS:${NEW}`,
    ])
      expect(await ask(source(), asked(pair))).toBe(WRONG);
  });
  test('of any user are let in where the source names none', async () => {
    expect(await ask(source({}), asked(`whoever:${NEW}`))).toBe('in');
    expect(await ask(source({}), asked('whoever:x'))).toBe(WRONG);
  });
  test.each([undefined, '', 'Basic', `Bearer ${NEW}`, 'Digest username="lamps", response="x"'])(
    'that are missing are kept out: %j',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      expect(await ask(source(), { headers })).toBe('nothing proves the sender: there is no user and password');
    },
  );
  test.each(['Basic !!!!', 'Basic bGFtcHM=', 'Basic  ', `Basic ${NEW}, Basic ${NEW}`])(
    'that cannot be read are kept out: %j',
    async (authorization) => {
      expect(await ask(source(), { headers: { authorization } })).toBe(
        'the Authorization header holds no user and password',
      );
    },
  );
  test('that we write are let in', async () => {
    expect(await ask(source(), { headers: sign(source(), requestOf({}), around)?.headers ?? {} })).toBe('in');
  });
});

describe('a bearer token', () => {
  const source = sourceOf({ scheme: 'bearer' }, SECRETS);
  test('of the source is let in, another kept out', async () => {
    expect(await ask(source, { headers: { authorization: `Bearer ${OLD}` } })).toBe('in');
    expect(await ask(source, { headers: { authorization: `bearer ${NEW}` } })).toBe('in');
    expect(await ask(source, { headers: { authorization: 'Bearer x' } })).toBe(
      'the bearer token is none of the secrets of this source',
    );
    expect(await ask(source, { headers: { authorization: NEW } })).toBe(
      'nothing proves the sender: there is no bearer token',
    );
    expect(await ask(source, { headers: sign(source, requestOf({}), around)?.headers ?? {} })).toBe('in');
  });
});

describe('a secret in a header', () => {
  const source = sourceOf({ scheme: 'header', header: ['X-Lamp-Key', 'x-api-key'] }, SECRETS);
  test('under any of the names is let in, another secret kept out', async () => {
    expect(await ask(source, { headers: { 'x-lamp-key': NEW } })).toBe('in');
    expect(await ask(source, { headers: { 'x-api-key': OLD } })).toBe('in');
    expect(await ask(source, { headers: { 'x-lamp-key': 'x' } })).toBe(
      'the header x-lamp-key or x-api-key is none of the secrets of this source',
    );
    expect(await ask(source, { headers: { 'x-lamp-key': '' } })).not.toBe('in');
    expect(await ask(source, {})).toBe('nothing proves the sender: there is no x-lamp-key or x-api-key');
  });
  test('S09 that came twice is kept out', async () => {
    expect(await ask(source, { headers: { 'x-lamp-key': `${NEW}, ${NEW}` } })).not.toBe('in');
  });
  test('S17 of another shop is kept out', async () => {
    expect(
      await ask(sourceOf({ scheme: 'header', header: 'x-lamp-key' }, ['secret-of-another-shop']), {
        headers: { 'x-lamp-key': NEW },
      }),
    ).not.toBe('in');
  });
  test('that is a public key is no secret', async () => {
    const pem = '-----BEGIN PUBLIC KEY----- AAAA -----END PUBLIC KEY-----';
    expect(
      await ask(sourceOf({ scheme: 'header', header: 'x-lamp-key' }, [pem]), { headers: { 'x-lamp-key': pem } }),
    ).not.toBe('in');
  });
});

describe('a secret in the URL', () => {
  const source = sourceOf({ scheme: 'query' }, [...SECRETS, 'a b&c=d']);
  test('is let in, decoded, and kept out when it is wrong, missing or there twice', async () => {
    expect(await ask(source, { url: `/hooks/a/b?x=1&key=${NEW}` })).toBe('in');
    expect(await ask(source, { url: `/hooks/a/b?key=${encodeURIComponent('a b&c=d')}` })).toBe('in');
    expect(await ask(source, { url: '/hooks/a/b?key=x' })).toBe(
      '?key= in the URL is none of the secrets of this source',
    );
    expect(await ask(source, { url: '/hooks/a/b?key=' })).not.toBe('in');
    expect(await ask(source, { url: '/hooks/a/b' })).toBe('nothing proves the sender: there is no ?key=');
    expect(await ask(source, { url: `/hooks/a/b?key=x&key=${NEW}` })).toBe('?key= is in the URL twice');
  });
  test('is a parameter when we sign', () => {
    expect(sign(source, requestOf({}), around)).toEqual({ headers: {}, query: { key: NEW } });
  });
  test('is never kept in a header by which a proxy passes the URL on', () => {
    const headers = {
      'content-type': 'application/json',
      'x-original-url': `/hooks/a/b?key=${NEW}`,
      'x-rewrite-url': '/hooks/a/b?a=1&key=short',
      'x-lamp-topic': 'sold',
    };
    expect(credentialHeaders(source, headers)).toEqual(['x-original-url', 'x-rewrite-url']);
  });
});

describe('a secret in the body', () => {
  const source = sourceOf({ scheme: 'body_token', path: ['token', 'auth.secret'] }, [...SECRETS, '12345']);
  const withBody = (body: unknown) => ({ readBody: async () => body });
  test('is let in at any of its places, and kept out when it is wrong or missing', async () => {
    expect(await ask(source, {}, withBody({ token: NEW }))).toBe('in');
    expect(await ask(source, {}, withBody({ auth: { secret: OLD } }))).toBe('in');
    expect(await ask(source, {}, withBody({ token: 12345 }))).toBe('in');
    expect(await ask(source, {}, withBody({ token: 'x', auth: { secret: OLD } }))).toBe(
      'token or auth.secret in the body is none of the secrets of this source',
    );
    for (const body of [undefined, null, [], 'token', { token: [NEW] }, { token: { a: NEW } }, {}])
      expect(await ask(source, {}, withBody(body))).toBe('token or auth.secret in the body is missing');
  });
  test('is let in inside a list', async () => {
    const listed = sourceOf({ scheme: 'body_token', path: 'events.0.token' }, SECRETS);
    expect(await ask(listed, {}, withBody({ events: [{ token: NEW }, {}] }))).toBe('in');
    expect(await ask(listed, {}, withBody({ events: [{}, { token: NEW }] }))).toBe(
      'events.0.token in the body is missing',
    );
  });
  test('is not looked for in a body so large that reading it takes long', async () => {
    const asked = (size: number) => ask(source, { body: Buffer.alloc(size, ' ') }, withBody({ token: NEW }));
    expect(await asked(200_000)).toBe('in');
    expect(await asked(200_001)).toBe('the body is too large to look for its secret');
  });
  test('is looked for only in the body’s own fields', async () => {
    const inherited = sourceOf({ scheme: 'body_token', path: 'constructor.name' }, ['Object']);
    expect(await ask(inherited, {}, withBody({}))).toBe('constructor.name in the body is missing');
  });
});
