// HMAC over the body: what is let in, and one test per way to be kept out (S01 to S10 of the hostile set).
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sign, VerifySettings } from '../../src/verify/verify.ts';
import { type Asked, ask, NOW, requestOf, sourceOf } from '../support/verify.ts';

const SECRET = 'a-secret-of-the-lamp-shop';
const BODY = '{"id":820060000001042,"note":"caf\u00e9 \\/ bar"}';
const PUBLIC_URL = 'https://hooks.lamps.example';
const source = (given: object = {}, secrets = [SECRET], settings = {}) =>
  sourceOf({ scheme: 'hmac', header: 'x-lamp-signature', ...given }, secrets, settings);
const mac = (secret: string | Buffer, text = BODY) => createHmac('sha256', secret).update(text).digest();
const signed = (value: string, body = BODY): Asked => ({ headers: { 'x-lamp-signature': value }, body });
const good = mac(SECRET).toString('base64');
const NO_FIT =
  'the signature does not fit any secret of this source; is the secret the one shown by the sender, without spaces?';

describe('a signed body', () => {
  test('S01 with the right signature is let in', async () => {
    expect(await ask(source(), signed(good))).toBe('in');
  });
  test('in hex, either case, is let in', async () => {
    const hex = mac(SECRET).toString('hex');
    expect(await ask(source({ encoding: 'hex' }), signed(hex))).toBe('in');
    expect(await ask(source({ encoding: 'hex' }), signed(hex.toUpperCase()))).toBe('in');
  });
  test('with a prefix is let in with it and kept out without it', async () => {
    const value = `sha256=${mac(SECRET).toString('hex')}`;
    const prefixed = source({ encoding: 'hex', prefix: 'sha256=' });
    expect(await ask(prefixed, signed(value))).toBe('in');
    expect(await ask(prefixed, signed(value.slice(7)))).toBe(
      'the signature header holds no signature that begins with sha256=',
    );
  });
  test('S10 under the old and the new secret is let in while both are listed', async () => {
    const both = source({}, ['new-secret-of-the-shop', SECRET]);
    expect(await ask(both, signed(good))).toBe('in');
    expect(await ask(both, signed(mac('new-secret-of-the-shop').toString('base64')))).toBe('in');
    expect(await ask(source({}, ['new-secret-of-the-shop']), signed(good))).toBe(NO_FIT);
  });
  test('under any of several spellings of the header, in any case of the file, is let in', async () => {
    const two = source({ header: ['X-Lamp-Signature', 'Lamp-Signature'] });
    expect(await ask(two, { headers: { 'lamp-signature': good }, body: BODY })).toBe('in');
  });
  test('whose secret was stored with HTML entities is let in where the platform says so', async () => {
    const typed = `p&q<"'x`;
    const stored = 'p&amp;q&lt;&quot;&#039;x';
    const value = mac(typed).toString('base64');
    expect(await ask(source({ html_secret: true }, [stored]), signed(value))).toBe('in');
    expect(await ask(source({ html_secret: true }, [typed]), signed(value))).toBe('in');
    expect(await ask(source({}, [stored]), signed(value))).toBe(NO_FIT);
  });
  test('under a key that the secret writes in base64 behind a prefix is let in', async () => {
    const key = Buffer.from('0123456789abcdef01234567');
    const encoded = source({ secret_prefix: 'whsec_', secret_encoding: 'base64' }, [`whsec_${key.toString('base64')}`]);
    expect(await ask(encoded, signed(mac(key).toString('base64')))).toBe('in');
  });
});

describe('a forged request', () => {
  test('S02 with one byte changed, or serialised again, is kept out', async () => {
    expect(await ask(source(), signed(good, BODY.replace('1042', '1043')))).toBe(NO_FIT);
    expect(await ask(source(), signed(good, JSON.stringify(JSON.parse(BODY))))).toBe(NO_FIT);
  });
  test('S03 without signature is kept out', async () => {
    expect(await ask(source(), { body: BODY })).toBe('nothing proves the sender: there is no x-lamp-signature');
  });
  test.each(['', 'x', 'x'.repeat(31), 'x'.repeat(33), 'x'.repeat(64), 'x'.repeat(10_000)])(
    'S04 with a signature of a wrong length is kept out, without an exception (%#)',
    async (value) => {
      expect(await ask(source(), signed(value))).not.toBe('in');
    },
  );
  test.each([
    `${good}\n`,
    ` ${good}`,
    good.replace('=', ''),
    `${good}=`,
    `!!${good}`,
    `${good.slice(0, 8)}\n${good.slice(8)}`,
  ])('S05 with another spelling of the right base64 is kept out (%#)', async (value) => {
    expect(await ask(source(), signed(value))).toBe('the signature is no base64');
  });
  test('S05 in the alphabet of URLs, or with other spare bits, is kept out', async () => {
    const body =
      Array.from({ length: 50 }, (_, index) => `{"n":${index}}`).find((text) =>
        /[+/].*[AEIMQUYcgkosw048]=$/.test(mac(SECRET, text).toString('base64')),
      ) ?? '';
    const value = mac(SECRET, body).toString('base64');
    expect(await ask(source(), signed(value, body))).toBe('in');
    expect(await ask(source(), signed(value.replaceAll('+', '-').replaceAll('/', '_'), body))).not.toBe('in');
    const next = String.fromCharCode(value.charCodeAt(42) + 1);
    expect(await ask(source(), signed(`${value.slice(0, 42)}${next}=`, body))).not.toBe('in');
  });
  test('S06 with hex of a wrong length or alphabet is kept out', async () => {
    const hex = mac(SECRET).toString('hex');
    for (const value of [hex.slice(1), `${hex}0`, `${hex}00`, `${hex.slice(0, 63)}g`])
      expect(await ask(source({ encoding: 'hex' }), signed(value))).not.toBe('in');
  });
  test('S07 with only a SHA-1 signature is kept out', async () => {
    expect(await ask(source(), signed(createHmac('sha1', SECRET).update(BODY).digest('base64')))).toBe(NO_FIT);
  });
  test('S08 is kept out where no secret of the source can be a key', async () => {
    const empty = createHmac('sha256', '').update(BODY).digest('base64');
    expect(await ask(source({ secret_encoding: 'base64' }, ['no base64!']), signed(empty))).toBe(NO_FIT);
    expect(await ask(source({ secret_prefix: 'whsec_', secret_encoding: 'base64' }, ['whsec_']), signed(empty))).toBe(
      NO_FIT,
    );
  });
  test('S09 with two signature headers is kept out', async () => {
    expect(await ask(source(), signed(`${good}, ${good}`))).toBe('the signature header came twice');
  });
  test('under a public key of the source as if it were a secret is kept out', async () => {
    const pem = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n';
    expect(await ask(source({}, [pem]), signed(mac(pem).toString('base64')))).toBe(NO_FIT);
  });
  test('is told nothing about the secret', async () => {
    expect(await ask(source(), signed(mac('other-secret').toString('base64')))).not.toContain(SECRET);
  });
});

describe('settings of a signature', () => {
  const problems = (given: object) =>
    (VerifySettings.safeParse({ scheme: 'hmac', header: 'x', ...given }).error?.issues ?? []).map(
      ({ message }) => message,
    );
  test('must cover the body and name only known parts', () => {
    expect(problems({ signed: '{timestamp}' })).toEqual(['must hold the body, or anybody could change it']);
    expect(problems({ signed: '{body}{bodi}' })).toEqual(['{bodi} is no part of a request']);
    expect(problems({ scheme: 'hash', signed: '{body}' })).toEqual(['must hold {secret}']);
    expect(problems({ timestamp: {} })).toEqual(['name either header or pair']);
    expect(problems({ decode: ['%zz'] })).toHaveLength(1);
    expect(problems({ signed: '{body_base64}{settings.webhook_id}{headers.x-id}' })).toEqual([]);
  });
});

describe('our own signature', () => {
  const cases: object[] = [
    {},
    { encoding: 'hex', prefix: 'v1=' },
    { algorithm: 'sha512' },
    { encoding: 'hex', pair: 'v1', signed: '{timestamp}.{body}', timestamp: { pair: 't' } },
    {
      prefix: 'v1,',
      separator: ' ',
      secret_prefix: 'whsec_',
      signed: '{headers.x-id}.{timestamp}.{body}',
      timestamp: { header: 'x-time', unit: 'ms' },
    },
    { signed: '{method}{url}{body}', decode: ['%2F'] },
    { scheme: 'hash', signed: '{secret}{url}{body}' },
  ];
  test('is let in, for any body', async () => {
    const bodies = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom(...cases), async (body, given) => {
        const lamps = source(given);
        const headers = { 'x-id': 'm1' };
        const signature = sign(lamps, requestOf({ headers, body }), { now: NOW, publicUrl: PUBLIC_URL });
        expect(
          await ask(lamps, { headers: { ...headers, ...signature?.headers }, body }, { publicUrl: PUBLIC_URL }),
        ).toBe('in');
      }),
    );
  });
  test('says its time where it is read, and nowhere else', () => {
    const namesOf = (timestamp: object, given: object = {}) => {
      const lamps = source({ signed: '{timestamp}.{body}', timestamp, ...given });
      const made = sign(lamps, requestOf({ body: BODY }), { now: NOW, publicUrl: PUBLIC_URL });
      return Object.keys(made?.headers ?? {});
    };
    expect(namesOf({ pair: 't' }, { pair: 'v1', encoding: 'hex' })).toEqual(['x-lamp-signature']);
    expect(namesOf({ header: 'x-time' })).toEqual(['x-lamp-signature', 'x-time']);
  });
  test('cannot be made where something that is signed is not known', () => {
    expect(
      sign(source({ signed: '{url}{body}' }), requestOf({ body: BODY }), { now: NOW, publicUrl: undefined }),
    ).toBeUndefined();
  });
});
