// Which entry of a platform's list decides, what else must hold, and what is a verified hook.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { credentialHeaders, markVerified, sign } from '../../src/verify/verify.ts';
import { ask, NOW, requestOf, sourceOf } from '../support/verify.ts';

const SECRET = 'secret-of-the-shop';
const BODY = '{"id":7}';
const ENTRIES = [
  { scheme: 'hmac', header: 'x-sig-v3' },
  {
    scheme: 'hash',
    header: 'x-sig',
    encoding: 'hex',
    signed: '{secret}{method}{body}',
    when_header: { 'x-sig-version': 'v2' },
  },
  {
    scheme: 'hash',
    header: 'x-sig',
    encoding: 'hex',
    signed: '{secret}{body}',
    when_header: { 'X-Sig-Version': ['v1', ''] },
  },
  { scheme: 'query' },
];
const NOTHING = 'nothing proves the sender: there is no x-sig-v3 or x-sig or ?key=';
const source = sourceOf(ENTRIES, [SECRET]);
const v3 = createHmac('sha256', SECRET).update(BODY).digest('base64');
const v2 = createHash('sha256').update(`${SECRET}POST${BODY}`).digest('hex');
const v1 = createHash('sha256').update(`${SECRET}${BODY}`).digest('hex');

describe('of several entries', () => {
  test('the first whose headers are there lets in', async () => {
    expect(await ask(source, { headers: { 'x-sig-v3': v3 }, body: BODY })).toBe('in');
    expect(await ask(source, { headers: { 'x-sig': v2, 'x-sig-version': 'v2' }, body: BODY })).toBe('in');
    expect(await ask(source, { headers: { 'x-sig': v1, 'x-sig-version': 'v1' }, body: BODY })).toBe('in');
    expect(await ask(source, { headers: { 'x-sig': v1 }, body: BODY })).toBe('in');
    expect(await ask(source, { url: `/h?key=${SECRET}`, body: BODY })).toBe('in');
  });
  test('a weaker one never lets in what the first keeps out', async () => {
    expect(
      await ask(source, {
        headers: { 'x-sig-v3': 'wrong', 'x-sig': v2, 'x-sig-version': 'v2' },
        url: `/h?key=${SECRET}`,
        body: BODY,
      }),
    ).not.toBe('in');
    expect(await ask(source, { headers: { 'x-sig-v3': '', 'x-sig': v1 }, body: BODY })).not.toBe('in');
    expect(
      await ask(source, { headers: { 'x-sig': 'wrong', 'x-sig-version': 'v2' }, url: `/h?key=${SECRET}`, body: BODY }),
    ).not.toBe('in');
  });
  test('one is judged only by the version its header names', async () => {
    expect(await ask(source, { headers: { 'x-sig': v1, 'x-sig-version': 'v2' }, body: BODY })).not.toBe('in');
    expect(await ask(source, { headers: { 'x-sig': v2, 'x-sig-version': 'v1' }, body: BODY })).not.toBe('in');
    expect(await ask(source, { headers: { 'x-sig': v1, 'x-sig-version': 'v9' }, body: BODY })).toBe(NOTHING);
  });
  test('none lets in a request that shows nothing', async () => {
    expect(await ask(source, { body: BODY })).toBe(NOTHING);
    expect(await ask(sourceOf([], [SECRET]), { body: BODY })).toBe('the platform file names no way to verify');
  });
  test('the first that can be signed here signs', () => {
    const around = { now: NOW, publicUrl: undefined };
    expect(sign(source, requestOf({ body: BODY }), around)).toEqual({ headers: { 'x-sig-v3': v3 } });
    const onlyTheySign = { scheme: 'rsa', header: 'x-rsa' };
    expect(sign(sourceOf([onlyTheySign, ...ENTRIES], [SECRET]), requestOf({ body: BODY }), around)).toEqual({
      headers: { 'x-sig-v3': v3 },
    });
    expect(sign(sourceOf([], [SECRET]), requestOf({ body: BODY }), around)).toEqual({ headers: {} });
  });
  test('all name the headers that are never kept', () => {
    expect(credentialHeaders(source)).toEqual(['x-sig-v3', 'x-sig', 'x-sig']);
  });
});

describe('the check of an entry', () => {
  const checked = sourceOf([{ scheme: 'query' }, { scheme: 'bearer', check: 'shop = 7' }], [SECRET]);
  const asked = { headers: { authorization: `Bearer ${SECRET}` } };
  test('must hold after the signature', async () => {
    expect(await ask(checked, asked, { check: async (entry) => entry === 1 })).toBe('in');
    expect(await ask(checked, asked, { check: async () => false })).toBe(
      'the signature is right, but the check of the platform file does not hold',
    );
  });
  test('S21 is not asked before the signature is right, and not of entries without one', async () => {
    const check = () => Promise.reject(new Error('was asked'));
    expect(await ask(checked, { headers: { authorization: 'Bearer x' } }, { check })).toBe(
      'the bearer token is none of the secrets of this source',
    );
    expect(await ask(checked, { url: `/h?key=${SECRET}` }, { check })).toBe('in');
  });
});

test('a hook is marked as verified only with a verdict that lets it in', () => {
  const hook = { id: '1', store: 'a', source: 'b', received_at: NOW, headers: {}, body: Buffer.from(BODY) };
  expect(markVerified(hook, { ok: true })).toBe(hook);
  expect(markVerified(hook, { ok: false, reason: 'x' })).toBeUndefined();
});
