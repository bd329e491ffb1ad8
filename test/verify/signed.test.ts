// What else is signed: URLs, timestamps, several signatures in a header, plain hashes (S11 to S13 of the hostile set).
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Asked, ask, NOW, sourceOf } from '../support/verify.ts';

const SECRET = 'a-secret-of-the-lamp-shop';
const BODY = '{"id":820060000001042,"note":"caf\u00e9 \\/ bar"}';
const PUBLIC_URL = 'https://hooks.lamps.example';
const source = (given: object = {}, secrets = [SECRET], settings = {}) =>
  sourceOf({ scheme: 'hmac', header: 'x-lamp-signature', ...given }, secrets, settings);
const mac = (secret: string, text = BODY) => createHmac('sha256', secret).update(text).digest();
const signed = (value: string, body = BODY): Asked => ({ headers: { 'x-lamp-signature': value }, body });
const good = mac(SECRET).toString('base64');
const NO_FIT =
  'the signature does not fit any secret of this source; is the secret the one shown by the sender, without spaces?';

describe('a signed URL', () => {
  const text = (url: string) => mac(SECRET, `POST${url}${BODY}`).toString('base64');
  const overUrl = (settings = {}) =>
    source({ signed: '{method}{url}{body}', decode: ['%2F', '%3A'] }, [SECRET], settings);
  const asked = (url: string, signature: string): Asked => ({ ...signed(signature), url });

  test('is the public URL with path and query, whatever the Host header says', async () => {
    const request = asked('/hooks/shop/lamps?x=1', text('https://hooks.lamps.example/hooks/shop/lamps?x=1'));
    const headers = { ...request.headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    expect(await ask(overUrl(), { ...request, headers }, { publicUrl: PUBLIC_URL })).toBe('in');
    expect(await ask(overUrl(), { ...request, headers }, { publicUrl: `${PUBLIC_URL}/` })).toBe('in');
  });
  test('is kept out with another query, path, method or public URL', async () => {
    const request = asked('/hooks/shop/lamps?x=1', text('https://hooks.lamps.example/hooks/shop/lamps?x=1'));
    for (const [over, publicUrl] of [
      [{ url: '/hooks/shop/lamps?x=2' }, PUBLIC_URL],
      [{ url: '/hooks/shop/other?x=1' }, PUBLIC_URL],
      [{ method: 'GET' }, PUBLIC_URL],
      [{}, 'http://hooks.lamps.example'],
    ] as const) {
      expect(await ask(overUrl(), { ...request, ...over }, { publicUrl })).toBe(NO_FIT);
    }
  });
  test('is the url of the source where it has one', async () => {
    const own = 'https://old.lamps.example/in';
    expect(await ask(overUrl({ url: own }), asked('/hooks/shop/lamps', text(own)))).toBe('in');
    expect(await ask(overUrl({ url: own }), asked('/hooks/shop/lamps?x=1', text(own)))).toBe(NO_FIT);
    expect(await ask(overUrl({ url: own }), asked('/hooks/shop/lamps?x=1', text(`${own}?x=1`)))).toBe('in');
    expect(await ask(overUrl({ url: `${own}?y=2` }), asked('/hooks/shop/lamps?x=1', text(`${own}?y=2`)))).toBe('in');
  });
  test('has only the percent codes decoded that the sender decodes', async () => {
    const request = asked('/h?a=b%2fc%3Ad%20e', text('https://hooks.lamps.example/h?a=b/c:d%20e'));
    expect(await ask(overUrl(), request, { publicUrl: PUBLIC_URL })).toBe('in');
  });
  test('that nobody told the bridge is said to be missing', async () => {
    expect(await ask(overUrl(), signed(good))).toBe(
      'the signed URL is not known: set PUBLIC_URL, or url at this source',
    );
  });
});

describe('a signed timestamp', () => {
  const timed = (timestamp: object = {}) =>
    source({ signed: '{timestamp}.{headers.x-lamp-id}.{body}', timestamp: { header: 'x-lamp-time', ...timestamp } });
  const asked = (time: string, id = 'm1'): Asked => {
    const signature = mac(SECRET, `${time}.m1.${BODY}`).toString('base64');
    return { headers: { 'x-lamp-signature': signature, 'x-lamp-time': time, 'x-lamp-id': id }, body: BODY };
  };
  const seconds = (offset: number) => String(NOW / 1_000 + offset);

  test('S13 up to five minutes old or ahead is let in, one second more is not', async () => {
    for (const offset of [-300, -299, 0, 299, 300]) expect(await ask(timed(), asked(seconds(offset)))).toBe('in');
    expect(await ask(timed(), asked(seconds(-301)))).toContain('more than 5m old');
    expect(await ask(timed(), asked(seconds(301)))).toContain('more than 5m ahead');
  });
  test('ahead is let in where the sender’s own library lets it in', async () => {
    expect(await ask(timed({ future: 'allow' }), asked(seconds(3_600)))).toBe('in');
    expect(await ask(timed({ future: 'allow' }), asked(seconds(-301)))).toContain('more than 5m old');
  });
  test('in milliseconds, with a tolerance of its own, is read so', async () => {
    const own = timed({ unit: 'ms', tolerance: '10s' });
    expect(await ask(own, asked(String(NOW - 10_000)))).toBe('in');
    expect(await ask(own, asked(String(NOW - 10_001)))).toContain('more than 10s old');
  });
  test.each(['NaN', '-1', '1e20', '1.5', '', ' 1', '0x10', '99999999999999999999', `${NOW / 1_000},${NOW / 1_000}`])(
    'S13 of %j is kept out',
    async (time) => {
      expect(await ask(timed(), asked(time))).toBe('the timestamp is no whole number');
    },
  );
  test('that is missing, or was changed, is kept out', async () => {
    const { headers, body } = asked(seconds(0));
    const { 'x-lamp-time': _, ...without } = headers ?? {};
    expect(await ask(timed(), { headers: without, body: body ?? '' })).toBe('the timestamp is missing or there twice');
    expect(await ask(timed(), { headers: { ...headers, 'x-lamp-time': seconds(1) }, body: body ?? '' })).toBe(NO_FIT);
  });
  test('with another id beside it, or none, is kept out', async () => {
    expect(await ask(timed(), asked(seconds(0), 'm2'))).toBe(NO_FIT);
    const { 'x-lamp-id': _, ...without } = asked(seconds(0)).headers ?? {};
    expect(await ask(timed(), { headers: without, body: BODY })).toBe('headers.x-lamp-id is signed but missing');
  });
});

describe('a header of several signatures', () => {
  const listed = source({
    encoding: 'hex',
    pair: 'v1',
    signed: '{timestamp}.{body}',
    timestamp: { pair: 't', future: 'allow' },
  });
  const at = NOW / 1_000;
  const hex = mac(SECRET, `${at}.${BODY}`).toString('hex');
  const other = mac('other-secret', `${at}.${BODY}`).toString('hex');

  test('as pairs is let in when one of them fits', async () => {
    expect(await ask(listed, signed(`t=${at},v1=${hex}`))).toBe('in');
    expect(await ask(listed, signed(`t=${at},v1=${other},v1=${hex},v0=${other}`))).toBe('in');
    expect(await ask(listed, signed(`t=${at},v1=${other},v1=${other}`))).toBe(NO_FIT);
  });
  test('S12 of another version only is kept out', async () => {
    expect(await ask(listed, signed(`t=${at},v0=${hex}`))).toBe('the signature header holds no v1');
    expect(await ask(listed, signed(`t=${at},v1a=${hex}`))).toBe('the signature header holds no v1');
  });
  test('with two timestamps is kept out', async () => {
    expect(await ask(listed, signed(`t=${at},v1=${hex},t=${at - 900}`))).toBe(
      'the timestamp is missing or there twice',
    );
  });
  test('S11 with a thousand wrong ones is kept out', async () => {
    expect(await ask(listed, signed(`t=${at}${`,v1=${other}`.repeat(1_000)}`))).toBe(NO_FIT);
  });
  test('with a separator is let in when one of them fits, whatever its version', async () => {
    const spaced = source({ prefix: 'v1,', separator: ' ' });
    const wrong = mac('other-secret').toString('base64');
    expect(await ask(spaced, signed(`v1,${wrong} v1a,${good} v1,${good}`))).toBe('in');
    expect(await ask(spaced, signed(`v1a,${good}`))).toBe(
      'the signature header holds no signature that begins with v1,',
    );
    expect(await ask(spaced, signed(`v1,${good}, v1,${good}`))).toBe('the signature header came twice');
  });
});

describe('a plain hash of secret and request', () => {
  const hashed = sourceOf(
    { scheme: 'hash', header: 'x-lamp-signature', encoding: 'hex', signed: '{secret}{method}{url}{body}' },
    ['first-secret', SECRET],
  );
  const value = (secret: string) => createHash('sha256').update(`${secret}POST${PUBLIC_URL}/in${BODY}`).digest('hex');
  const asked = (signature: string): Asked => ({ ...signed(signature), url: '/in' });

  test('under any secret of the source is let in, under others kept out', async () => {
    expect(await ask(hashed, asked(value(SECRET)), { publicUrl: PUBLIC_URL })).toBe('in');
    expect(await ask(hashed, asked(value('other-secret')), { publicUrl: PUBLIC_URL })).toBe(NO_FIT);
  });
  test('of a changed body is kept out', async () => {
    expect(await ask(hashed, { ...asked(value(SECRET)), body: `${BODY} ` }, { publicUrl: PUBLIC_URL })).toBe(NO_FIT);
  });
});

test('the example that Standard Webhooks and Svix publish is let in', async () => {
  const standard = sourceOf(
    {
      scheme: 'hmac',
      header: 'webhook-signature',
      separator: ' ',
      prefix: 'v1,',
      signed: '{headers.webhook-id}.{timestamp}.{body}',
      timestamp: { header: 'webhook-timestamp' },
      secret_prefix: 'whsec_',
      secret_encoding: 'base64',
    },
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  );
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  expect(await ask(standard, { headers, body: '{"test": 2432232314}' }, { now: 1_614_265_330_000 })).toBe('in');
});
