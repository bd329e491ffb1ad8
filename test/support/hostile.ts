// Bodies and requests written to do harm, by the numbers of the hostile set: what is sent, and what must become of it.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { lampOrder } from './hooks.ts';
import { SECRETS } from './service.ts';

/** A hook with a right signature: what an attacker with the secret, or a broken shop, could send. */
export type HostileBody = {
  name: string;
  body: Buffer;
  /** What the hook becomes. */
  state: 'mapped' | 'stuck' | 'ignored';
  reason?: RegExp;
  /** Its order as destinations see it, where it is sent. */
  order?: string;
};

const MB = 1_000_000;
let lastId = 880_000;
/** Text of an order; `from` in it is replaced by `to`, for what JSON.stringify would not write. */
function text(over: object = {}, [from, to]: [string, string] = ['', '']): { order: string; body: Buffer } {
  lastId += 1;
  return { order: String(lastId), body: Buffer.from(JSON.stringify(lampOrder(lastId, over)).replace(from, to)) };
}
const stuck = (name: string, body: string | Buffer, reason: RegExp): HostileBody => ({
  name,
  body: Buffer.from(body),
  state: 'stuck',
  reason,
});
const amount = (name: string, json: string, reason: RegExp): HostileBody =>
  stuck(`S35 S50 an amount of ${name}`, text({ total_price: 'AMOUNT' }, ['"AMOUNT"', json]).body, reason);
const time = (name: string, json: string, reason: RegExp): HostileBody =>
  stuck(`S49 a time of ${name}`, text({ processed_at: 'TIME' }, ['"TIME"', json]).body, reason);
const sent = (name: string, given: { order: string; body: Buffer }): HostileBody => ({
  name,
  ...given,
  state: 'mapped',
});

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
/** Integer-like keys that fall into few buckets of a table whose hash is the number. */
const colliding = (): string => Array.from({ length: 70_000 }, (_, index) => `"${index * 1_024}":1`).join();

export const NAUGHTY: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; drop table hooks; --",
  '${SHOP_SECRET}',
  '{{constructor.constructor("return process")()}}',
  '$(touch /tmp/tagbridge-naughty)',
  '=1+1',
  'undefined',
  'null',
  'NaN',
  '../../etc/passwd',
  '%00%0d%0aset-cookie: a=b',
  'a\r\nx-evil: 1',
  '\u202egnirts desrever',
  '\ufeff',
  '\u200b\u2060',
  'Ω≈ç√∫˜µ≤≥÷',
  '田中さん',
  '👩‍👩‍👧‍👦🇳🇱',
  'Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮',
  '\u001b[31mred\u0007',
  '__proto__',
  'x'.repeat(10_000),
];
const naughtyOrder = (value: string) =>
  text({
    name: value,
    email: value,
    phone: value,
    note: value,
    landing_site: value,
    browser_ip: value,
    client_details: { browser_ip: value, user_agent: value },
    note_attributes: [
      { name: '_ga', value },
      { name: value, value },
    ],
    line_items: [{ id: 1, sku: value, title: value, price: '60.50', quantity: 2, tax_lines: [{ price: '21.00' }] }],
    billing_address: { first_name: value, last_name: value, city: value, zip: value, country_code: value },
  });

/** Every body, made anew: times in them are of now. */
export const hostileBodies = (): HostileBody[] => [
  stuck('S31 500,000 levels in 1 MB', '['.repeat(500_000) + ']'.repeat(500_000), /64 levels/),
  stuck('S32 an object of 6,000 levels', text({ note: 'DEEP' }, ['"DEEP"', nested(6_000)]).body, /64 levels/),
  sent(
    'S33 200,000 keys',
    text({ note: 'KEYS' }, ['"KEYS"', `{${Array.from({ length: 150_000 }, (_, n) => `"k${n}":1`).join()}}`]),
  ),
  sent('S33 a list of 900,000 elements', text({ tags: 'LIST' }, ['"LIST"', `[${'0,'.repeat(899_999)}0]`])),
  sent('S34 keys that collide', text({ note: 'KEYS' }, ['"KEYS"', `{${colliding()}}`])),
  amount('1e400', '1e400', /too large/),
  amount('1e200000 as text', '"1e200000"', /no amount/),
  amount('1,234.56', '"1,234.56"', /no amount/),
  amount('Arabic digits', '"١٢"', /no amount/),
  amount('NaN', '"NaN"', /no amount/),
  amount('400 digits', `"${'9'.repeat(400)}"`, /no amount|too large/),
  {
    ...sent('S36 an id beyond 2^53', text({ id: 'ID' }, ['"ID"', '12345678901234567890'])),
    order: '12345678901234567890',
  },
  sent(
    'S37 a key given twice',
    text({ total_price: '1.00","total_price":"121.00' }, ['\\",\\"total_price\\":\\"', '","total_price":"']),
  ),
  sent(
    'S38 keys that reach into every object',
    text({ note: 'PROTO' }, ['"PROTO"', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}']),
  ),
  sent(
    'S40 NUL in texts',
    text({ name: '#1\u0000', billing_address: { first_name: 'Mi\u0000la', country_code: 'NL' } }),
  ),
  sent(
    'S41 half of a surrogate pair',
    text({ line_items: [{ id: 1, sku: 'LAMP\ud800', title: '\udfff lamp', price: '60.50', quantity: 2 }] }),
  ),
  stuck(
    'S42 bytes that are not UTF-8',
    Buffer.concat([Buffer.from('{"id":1,"note":"'), Buffer.of(0xff, 0xfe, 0xc0), Buffer.from('"}')]),
    /not UTF-8/,
  ),
  (({ order, body }) =>
    sent('S43 a byte order mark', { order, body: Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), body]) }))(text()),
  stuck('S43 UTF-16', Buffer.from(`\ufeff${JSON.stringify(lampOrder(1))}`, 'utf16le'), /not UTF-8/),
  ...NAUGHTY.map((value, index) => sent(`S45 naughty text ${index + 1}`, naughtyOrder(value))),
  stuck('S48 an empty body', '', /empty/),
  stuck('S48 null', 'null', /./),
  stuck('S48 a text', '"x"', /./),
  stuck('S48 a number', '1', /./),
  time('30 February', '"2026-02-30T00:00:00Z"', /time/),
  time('the year 99999999', '"99999999-01-01T00:00:00Z"', /time/),
  time('a word', '"yesterday"', /time/),
];

/** Signed as Shopify does, every one under an id of its own. */
export const signed = (body: Buffer, id: string, topic = 'orders/paid') => ({
  path: '/hooks/shop/shopify',
  headers: {
    'content-type': 'application/json',
    'x-shopify-topic': topic,
    'x-shopify-webhook-id': id,
    'x-shopify-hmac-sha256': createHmac('sha256', SECRETS.SHOP_SECRET).update(body).digest('base64'),
  },
  body,
});

/** Bytes for a socket, and what must come back: a status, or `closed` without one. */
export type HostileRequest = { name: string; bytes: Buffer; answers: readonly (number | 'closed')[] };

const HOOKS = 'POST /hooks/shop/shopify HTTP/1.1';
const JSON_BODY = ['host: bridge.example', 'content-type: application/json'];

const request = (
  name: string,
  lines: readonly string[],
  answers: HostileRequest['answers'],
  body: Buffer | string = '',
): HostileRequest => ({
  name,
  bytes: Buffer.concat([Buffer.from([...lines, '', ''].join('\r\n')), Buffer.from(body)]),
  answers,
});
const post = (name: string, headers: readonly string[], ...rest: [HostileRequest['answers'], (Buffer | string)?]) =>
  request(name, [HOOKS, ...JSON_BODY, ...headers], ...rest);
const packed = (name: string, encoding: string, body: Buffer) =>
  post(name, [`content-encoding: ${encoding}`, `content-length: ${body.length}`], [415], body);

/** Every request; the bombs are packed when it is called. */
export function hostileRequests(): HostileRequest[] {
  const zeros = Buffer.alloc(200 * MB);
  const bomb = gzipSync(zeros);
  return [
    post('S22 a body of one byte more than the limit', ['content-length: 2000001'], [413], Buffer.alloc(2_000_001)),
    post('S22 an announced body of 100 GB', ['content-length: 100000000000'], [413]),
    post('S27 a length and chunks', ['content-length: 4', 'transfer-encoding: chunked'], [400], '0\r\n\r\n'),
    post('S27 two lengths', ['content-length: 4', 'content-length: 5'], [400], 'abcde'),
    post('S27 a folded header', ['x-folded: a\r\n b', 'content-length: 0'], [400]),
    post('S27 lines that end in a bare line feed', ['x-bare: a\nx-other: b', 'content-length: 0'], [400]),
    post('S27 a chunk without size', ['transfer-encoding: chunked'], [400], 'zz\r\nabc\r\n0\r\n\r\n'),
    post('S28 a header of 17 KB', [`x-long: ${'a'.repeat(17_000)}`], [431]),
    post(
      'S28 2,000 headers',
      Array.from({ length: 2_000 }, (_, n) => `x-${n}: a`),
      [431],
    ),
    packed('S29 a gzip bomb of 200 MB', 'gzip', bomb),
    packed('S29 a deflate bomb of 200 MB', 'deflate', deflateSync(zeros)),
    packed('S29 a brotli bomb of 50 MB', 'br', brotliCompressSync(zeros.subarray(0, 50 * MB))),
    packed('S29 gzip in gzip', 'gzip, gzip', gzipSync(bomb)),
    packed('S30 gzip that ends too early', 'gzip', gzipSync('{"id":1}').subarray(0, 12)),
    packed('S30 gzip that is none', 'gzip', Buffer.from('no gzip')),
    request(
      'S27 a whole address whose port is none',
      ['POST http://evil.example:999999/hooks/shop/woo HTTP/1.1', ...JSON_BODY, 'content-length: 2'],
      [401],
      '{}',
    ),
    request('S20 a tunnel to another host', ['CONNECT evil.example:443 HTTP/1.1', 'host: evil.example'], ['closed']),
    request(
      'S19 a path that climbs',
      ['POST /hooks/../../etc/passwd HTTP/1.1', ...JSON_BODY, 'content-length: 0'],
      [404],
    ),
    request('S19 a path that is no text', ['POST /hooks/%ff/%00 HTTP/1.1', ...JSON_BODY, 'content-length: 0'], [400]),
  ];
}

/** Sends bytes over a connection of their own; resolves with the status of the answer, or `closed` when none came. */
export function sendBytes(port: number, bytes: Buffer): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const end = () => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0) || 'closed');
    };
    socket.on('data', (data) => {
      said += data.toString('latin1');
      if (said.includes('\r\n')) end();
    });
    socket.once('close', end).once('error', end);
  });
}
