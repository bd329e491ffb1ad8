// RSA signatures: under keys of the source and under fetched ones, and every way to be kept out.
import { sign as rsaSign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { FetchedKey } from '../../src/verify/scheme.ts';
import { sign } from '../../src/verify/verify.ts';
import { issue, rsaKeys } from '../support/certificates.ts';
import { type Asked, ask, NOW, requestOf, sourceOf } from '../support/verify.ts';

const BODY = '{"id":7,"note":"lamp"}';
const keys = rsaKeys();
const others = rsaKeys();
const made = (text = BODY, { privateKey } = keys) =>
  rsaSign('sha256', Buffer.from(text), privateKey).toString('base64');
const asked = (signature: string, over: Record<string, string> = {}, body = BODY): Asked => ({
  headers: { 'x-lamp-signature': signature, ...over },
  body,
});

describe('an RSA signature under a key of the source', () => {
  const source = (secrets: string[], given: object = {}) =>
    sourceOf({ scheme: 'rsa', header: 'x-lamp-signature', ...given }, secrets);

  test('is let in, in whatever shape the environment left the PEM', async () => {
    for (const pem of [
      keys.pem,
      keys.pem.replaceAll('\n', '\\n'),
      keys.pem.replaceAll('\n', ' '),
      `${others.pem}${keys.pem}`,
    ]) {
      expect(await ask(source(['a-shared-secret', pem]), asked(made()))).toBe('in');
    }
    const pkcs1 = keys.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(await ask(source([pkcs1]), asked(made()))).toBe('in');
  });
  test('under a certificate of the source is let in', async () => {
    const { cert, privateKey } = issue({ name: 'lamps.example', from: NOW - 1, until: NOW + 1 });
    expect(await ask(source([cert]), asked(made(BODY, { ...keys, privateKey })))).toBe('in');
  });
  test('over the base64 of the body is no signature over the body, nor the other way round', async () => {
    const encoded = Buffer.from(BODY).toString('base64');
    const over64 = source([keys.pem], { signed: '{body_base64}' });
    expect(await ask(over64, asked(made(encoded)))).toBe('in');
    expect(await ask(over64, asked(made()))).toBe('the signature does not fit any public key of this source');
    expect(await ask(source([keys.pem]), asked(made(encoded)))).toBe(
      'the signature does not fit any public key of this source',
    );
  });
  test('S02 over another body, or by another key, is kept out', async () => {
    expect(await ask(source([keys.pem]), asked(made(), {}, `${BODY} `))).toContain('does not fit');
    expect(await ask(source([keys.pem]), asked(made(BODY, others)))).toContain('does not fit');
  });
  test.each(['', 'x', '!!!', `${'A'.repeat(342)}==`, 'A'.repeat(10_000)])(
    'S04 of odd length or alphabet is kept out, without an exception (%#)',
    async (value) => {
      expect(await ask(source([keys.pem]), asked(value))).not.toBe('in');
    },
  );
  test('S09 that came twice is kept out', async () => {
    expect(await ask(source([keys.pem]), asked(`${made()}, ${made()}`))).toBe(
      'the signature header is missing or no base64',
    );
  });
  test('is kept out under a short key, a key of another kind, or none', async () => {
    const short = rsaKeys(1024);
    expect(await ask(source([short.pem]), asked(made(BODY, short)))).toContain('does not fit');
    expect(await ask(source(['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----']), asked(made()))).toContain(
      'does not fit',
    );
    expect(await ask(source(['a-shared-secret']), asked(made()))).toBe(
      'no secret of this source is a public key in PEM',
    );
  });
  test('cannot be made by the bridge', () => {
    expect(sign(source([keys.pem]), requestOf({ body: BODY }), { now: NOW, publicUrl: undefined })).toBeUndefined();
  });
});

describe('an RSA signature under a fetched key', () => {
  const PATH = '/prod/keys/pub-key-1.pem';
  const source = (secrets: string[] = []) =>
    sourceOf(
      {
        scheme: 'rsa',
        header: ['x-lamp-signature', 'x-lamp-signature-2'],
        fetch: { host: 'keys.lamps.example', path_prefix: '/prod/keys/', path_header: ['x-lamp-key', 'x-lamp-key-2'] },
      },
      secrets,
    );
  /** A world with keys at URLs; says what was asked for. */
  function world(at: Record<string, FetchedKey>) {
    const fetched: string[] = [];
    const fetchKey = async (url: string): Promise<FetchedKey> => {
      fetched.push(url);
      return at[url] ?? { problem: 'its host answered 404', temporary: false };
    };
    return { fetched, fetchKey };
  }
  const here = { [`https://keys.lamps.example${PATH}`]: { pem: keys.pem } };

  test('is let in when the key of its own path made it', async () => {
    expect(await ask(source(), asked(made(), { 'x-lamp-key': PATH }), world(here))).toBe('in');
  });
  test('is let in when the second of two fits', async () => {
    const second = { 'x-lamp-key': '/prod/keys/old.pem', 'x-lamp-signature-2': made(), 'x-lamp-key-2': PATH };
    expect(await ask(source(), asked(made(BODY, others), second), world(here))).toBe('in');
  });
  test('is kept out when the key at the other path made it', async () => {
    const at = { ...here, 'https://keys.lamps.example/prod/keys/2.pem': { pem: others.pem } };
    const crossed = {
      'x-lamp-key': '/prod/keys/2.pem',
      'x-lamp-signature-2': made(BODY, others),
      'x-lamp-key-2': PATH,
    };
    expect(await ask(source(), asked(made(), crossed), world(at))).toBe(
      'the signature does not fit the key that its headers name',
    );
  });
  test('is let in by a key of the source without asking anybody', async () => {
    const { fetched, fetchKey } = world({});
    expect(await ask(source([keys.pem]), asked(made(), { 'x-lamp-key': PATH }), { fetchKey })).toBe('in');
    expect(fetched).toEqual([]);
  });
  test.each([
    'https://evil.example/prod/keys/k.pem',
    '//evil.example/prod/keys/k.pem',
    '/prod/keys/../../evil.pem',
    '/prod/keys/./k.pem',
    '/prod/keys/%2e%2e/k.pem',
    '/prod/keys/k.pem?x=1',
    '/prod/keys/k.pem#x',
    '/prod/keys/k pem',
    '/prod/keys/\\evil',
    '@evil.example/prod/keys/k.pem',
    '.evil.example/prod/keys/k.pem',
    '/other/keys/k.pem',
    '/prod/keysk.pem',
    '',
  ])('asks nobody for a key at %j', async (path) => {
    const { fetched, fetchKey } = world(here);
    expect(await ask(source(), asked(made(), { 'x-lamp-key': path }), { fetchKey })).toBe(
      'the signature does not fit the key that its headers name',
    );
    expect(fetched).toEqual([]);
  });
  test('is put off, not refused, while the key cannot be fetched', async () => {
    const at = { [`https://keys.lamps.example${PATH}`]: { problem: 'its host answered 503', temporary: true } };
    expect(await ask(source(), asked(made(), { 'x-lamp-key': PATH }), world(at))).toBe(
      'later: the sender’s key cannot be fetched: its host answered 503',
    );
  });
  test('is kept out when there is no such key, or something else is there', async () => {
    expect(await ask(source(), asked(made(), { 'x-lamp-key': PATH }), world({}))).toContain('does not fit');
    const at = { [`https://keys.lamps.example${PATH}`]: { pem: '<html>-----BEGIN PUBLIC KEY-----' } };
    expect(await ask(source(), asked(made(), { 'x-lamp-key': PATH }), world(at))).toContain('does not fit');
  });
});
