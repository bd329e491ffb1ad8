// From the socket to the commit, as platform files word it: handshakes, checks, stripping, answers and refusals.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { NewHook } from '../../src/keep/hooks.ts';
import { formatProblem } from '../../src/map/files.ts';
import { dataOf } from '../../src/map/identify.ts';
import { loadMappings, type Store } from '../../src/map/load.ts';
import { mapHook } from '../../src/map/map.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { createAccept } from '../../src/pipeline.ts';
import type { FetchKey } from '../../src/verify/scheme.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const SECRET = 'secret-of-the-lamp-shop';
const EVENTS = {
  purchase: { key: 'id', fields: { order_id: 'id', event_time: 'at', currency: 'currency', total: 'total' } },
};
const base = { platform: 'lamps', title: 'Lamps', verify: { scheme: 'query' }, hook: {}, events: EVENTS };

function load(platform: object, source: object = {}): { store?: Store; problems: string[] } {
  const store = {
    store: 'shop',
    sources: { lamps: { platform: 'lamps', secrets: [SECRET], ...source } },
    destinations: {},
  };
  const texts = {
    platforms: [{ file: 'lamps.yaml', text: stringify({ ...base, ...platform }) }],
    stores: [{ file: 'stores/shop.yaml', text: stringify(store) }],
  };
  const { stores, problems } = loadMappings(texts, mappingParts({}));
  const loaded = stores.get('shop');
  return { ...(loaded !== undefined && { store: loaded }), problems: problems.map(formatProblem) };
}

type Sent = { method?: string; url?: string; headers?: Record<string, string>; body?: string | Uint8Array };

/** A receiver of one source that remembers what it kept and logged. */
function receiver(
  platform: object,
  {
    source = {},
    keep,
    fetchKey,
  }: { source?: object; keep?: (hook: NewHook) => Promise<'kept' | 'duplicate'>; fetchKey?: FetchKey } = {},
) {
  const { store, problems } = load(platform, source);
  if (store === undefined) throw new Error(problems.join('\n'));
  const kept: NewHook[] = [];
  const seen = new Set<string>();
  const logged: string[] = [];
  const note = (fields: object, message: string) => void logged.push(JSON.stringify({ message, ...fields }));
  const remember = async (hook: NewHook) => {
    const key = Buffer.from(hook.keys.body).toString('hex');
    if (seen.has(key)) return 'duplicate';
    seen.add(key);
    kept.push(hook);
    return 'kept';
  };
  const accept = createAccept({
    stores: new Map([['shop', store]]),
    keep: keep ?? remember,
    worker: { lease: () => undefined, give: () => undefined, giveBack: () => undefined },
    publicUrl: undefined,
    fetchKey: fetchKey ?? (async () => ({ problem: 'nothing can be fetched here', temporary: true })),
    now: () => NOW,
    newId: () => 'hook-1',
    log: { info: note, warn: note, error: note },
  });
  const send = ({ method = 'POST', url = '/hooks/shop/lamps', headers = {}, body = '' }: Sent) =>
    accept({
      store: 'shop',
      source: 'lamps',
      method,
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
    });
  const bodies = () => kept.map(({ hook }) => Buffer.from(hook.body).toString());
  return { send, kept, bodies, logged, store };
}
const KEYED = `/hooks/shop/lamps?key=${SECRET}`;

describe('a handshake', () => {
  const asks = {
    handshakes: {
      challenge: {
        when: { $method: 'GET', '$query.challenge': { exists: true } },
        answer: { status: 200, type: 'text/plain', expression: '$query.challenge' },
      },
      ping: {
        when: { $method: 'POST', 'ping.challenge': { exists: true } },
        answer: { status: 200, type: 'application/json', expression: '$string({ "challenge": ping.challenge })' },
      },
    },
  };
  test('by GET gets the challenge back as text', async () => {
    const { send, kept } = receiver(asks);
    expect(await send({ method: 'GET', url: '/hooks/shop/lamps?challenge=a%20b%3C' })).toEqual({
      status: 200,
      type: 'text/plain',
      body: 'a b<',
    });
    expect(kept).toEqual([]);
  });
  test('by POST gets it back as JSON, where an expression says so', async () => {
    const { send } = receiver(asks);
    expect(await send({ body: '{"ping":{"challenge":"x"}}' })).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"challenge":"x"}',
    });
  });
  test('is never what a list of records, or a signed hook, is taken for', async () => {
    const { send } = receiver(asks);
    expect(await send({ body: '[{"ping":1}]' })).toMatchObject({ status: 401 });
    expect(await send({ url: KEYED, body: '{"id":"7"}' })).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });
  test('S20 that is none is no way to GET', async () => {
    const { send } = receiver(asks);
    expect(await send({ method: 'GET', url: KEYED })).toMatchObject({ status: 405, allow: 'POST' });
  });
});

describe('a secret in the URL', () => {
  test('reaches neither the log nor a kept header', async () => {
    const { send, kept, logged } = receiver({});
    const headers = { 'x-original-url': KEYED, referer: `https://proxy.example${KEYED}`, 'x-lamp-topic': 'sold' };
    expect(await send({ url: KEYED, headers, body: '{"id":"7"}' })).toMatchObject({ status: 200 });
    await send({ url: '/hooks/shop/lamps?key=wrong-secret-of-the-shop', headers, body: '{"id":"8"}' });
    expect(kept[0]?.hook.headers).toEqual({ 'content-type': 'application/json', 'x-lamp-topic': 'sold' });
    expect(logged.join()).not.toContain('secret-of');
  });
});

describe('the check of a platform file', () => {
  const soap = (organization: string, session = '00D!secret-session') =>
    `<e:Envelope xmlns:e="urn:e"><e:Body><notifications><OrganizationId>${organization}</OrganizationId><SessionId>${session}</SessionId><Notification><id>7</id></Notification></notifications></e:Body></e:Envelope>`;
  const ACK = '<Ack>true</Ack>';
  const crm = {
    accepts: ['text/xml', 'application/json'],
    settings: { organization_id: { required: true, help: 'the id of the organisation' } },
    verify: {
      scheme: 'query',
      check:
        '$exists(Envelope) ? $substring(Envelope.Body.notifications.OrganizationId, 0, 15) = $substring($settings.organization_id, 0, 15) : true',
    },
    strip: ['SessionId'],
    answer: [
      { when: { $content_type: 'text/xml' }, type: 'text/xml', body: ACK },
      { type: 'application/json', body: '{"got":true}' },
    ],
  };
  const source = { organization_id: '00D000000000001' };
  const xml = { 'content-type': 'text/xml; charset=utf-8' };

  test('S58 that does not hold keeps out, under the right secret too', async () => {
    const { send, kept, logged } = receiver(crm, { source });
    expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000002AAA') })).toMatchObject({ status: 401 });
    expect(await send({ url: KEYED, headers: xml, body: '<e:Envelope><broken' })).toMatchObject({ status: 401 });
    expect(await send({ headers: xml, body: soap('00D000000000001') })).toMatchObject({ status: 401 });
    expect(kept).toEqual([]);
    expect(logged.join()).toContain('the check of the platform file does not hold');
    expect(logged.join()).not.toContain('secret-session');
  });
  test('S58 that holds lets in, and the session id is never kept or logged', async () => {
    const { send, bodies, logged } = receiver(crm, { source });
    expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000001AAB') })).toEqual({
      status: 200,
      type: 'text/xml',
      body: ACK,
    });
    expect(bodies()).toEqual([soap('00D000000000001AAB', '')]);
    expect(logged.join()).not.toContain('secret-session');
  });
  test('S59 is answered in the platform’s words after the commit only, also when it comes again', async () => {
    const { send, bodies } = receiver(crm, { source });
    for (const _ of [1, 2])
      expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000001') })).toEqual({
        status: 200,
        type: 'text/xml',
        body: ACK,
      });
    expect(bodies()).toHaveLength(1);
    expect(await send({ url: KEYED, body: '{"id":"7"}' })).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"got":true}',
    });
    const down = receiver(crm, { source, keep: () => Promise.reject(new Error('disk full')) });
    expect(await down.send({ url: KEYED, headers: xml, body: soap('00D000000000001') })).toMatchObject({
      status: 503,
      retryAfter: 5,
    });
  });
  test('S52 with a DOCTYPE is refused before the commit', async () => {
    const { send, kept } = receiver({ ...crm, verify: { scheme: 'query' } }, { source });
    for (const doctype of [
      '<!DOCTYPE a>',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      '<?xml version="1.0"?> <!doctype a [<!ENTITY a "&a;&a;">]>',
    ]) {
      expect(await send({ url: KEYED, headers: xml, body: `${doctype}<a>&x;</a>` })).toMatchObject({ status: 400 });
    }
    expect(kept).toEqual([]);
  });
  test('sees headers, query and store, and what cannot be computed does not hold', async () => {
    const status = async (check: string) =>
      (
        await receiver({ verify: { scheme: 'query', check } }).send({
          url: `${KEYED}&account=9`,
          headers: { 'x-account': '9' },
          body: '{"account":"9"}',
        })
      ).status;
    expect(
      await status(
        '$headers."x-account" = account and $query.account = account and $store = "shop" and $method = "POST"',
      ),
    ).toBe(200);
    expect(await status('account = "8"')).toBe(401);
    expect(await status('account')).toBe(401);
    expect(await status('$sum(account) > 0')).toBe(401);
    expect(await status('missing')).toBe(401);
  });
  test('is compiled when the file is loaded, with its mistakes at their place', () => {
    expect(
      load({ verify: [{ scheme: 'query' }, { scheme: 'bearer', check: 'account = $acount' }] }).problems.join(),
    ).toMatch(/lamps\.yaml:\d+:\d+ UNKNOWN_/);
  });
});

describe('stripped fields', () => {
  test('of a platform and of a store are both never kept; the hash that knows a hook again is of the whole', async () => {
    const { send, bodies, kept } = receiver({ strip: ['password_hash'] }, { source: { strip: ['pin'] } });
    const body = (hash: string) => `{"id":820982911946154508,"c":{"password_hash":"${hash}","pin":[1]},"total":1.10}`;
    await send({ url: KEYED, body: body('a') });
    await send({ url: KEYED, body: body('b') });
    expect(new Set(bodies())).toEqual(
      new Set(['{"id":820982911946154508,"c":{"password_hash":null,"pin":null},"total":1.10}']),
    );
    expect(kept).toHaveLength(2);
  });
});

describe('a sender whose key must be fetched', () => {
  const signed = {
    verify: {
      scheme: 'rsa',
      header: 'x-sig',
      fetch: { host: 'keys.lamps.example', path_prefix: '/keys/', path_header: 'x-key' },
    },
  };
  test('is told to come again while its key cannot be fetched, and kept out when there is none', async () => {
    const headers = { 'x-sig': 'AAAA', 'x-key': '/keys/1.pem' };
    expect(await receiver(signed).send({ headers, body: '{"id":"7"}' })).toMatchObject({ status: 503, retryAfter: 5 });
    const none = receiver(signed, { fetchKey: async () => ({ problem: 'its host answered 404', temporary: false }) });
    expect(await none.send({ headers, body: '{"id":"7"}' })).toMatchObject({ status: 401 });
  });
});

describe('a body of a type the platform does not take', () => {
  test('S47 such as multipart is refused as such', async () => {
    const { send, kept } = receiver({});
    expect(
      await send({ url: KEYED, headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' }),
    ).toMatchObject({ status: 415 });
    expect(kept).toEqual([]);
  });
});

describe('a multipart form', () => {
  const forms = { accepts: ['application/json', 'multipart/form-data'] };
  /** As browsers and form builders send it, with a boundary of its own each time. */
  async function multipart(fields: readonly [string, string | Blob][]) {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    const request = new Request('https://hooks.lamps.example', { method: 'POST', body: form });
    const type = request.headers.get('content-type') ?? '';
    return { url: KEYED, headers: { 'content-type': type }, body: await request.bytes() };
  }
  const order: [string, string][] = [
    ['order[id]', '7'],
    ['order[name]', 'Grüße & "Küsse"\r\nzwei'],
    ['order[tags][]', 'a=b'],
  ];

  test('is kept as the form it stands for, without its files', async () => {
    const { send, kept, store } = receiver({ ...forms, events: { purchase: { key: 'order.id', fields: {} } } });
    const photo = new Blob([new Uint8Array(200_000)], { type: 'image/png' });
    expect(await send(await multipart([...order, ['photo', photo]]))).toMatchObject({ status: 200 });
    const [hook] = kept.map(({ hook }) => hook);
    expect(hook?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const source = store.sources.get('lamps');
    if (source === undefined || hook === undefined) throw new Error('nothing was kept');
    expect(dataOf(hook)).toEqual({ order: { id: '7', name: 'Grüße & "Küsse"\r\nzwei', tags: ['a=b'] } });
  });

  test('sent twice is a duplicate, whatever its boundary', async () => {
    const { send, kept } = receiver(forms);
    await send(await multipart(order));
    expect(await send(await multipart(order))).toMatchObject({ body: expect.stringContaining('duplicate') });
    expect(kept).toHaveLength(1);
  });

  test('is proven by its bytes as they came, and by what it says', async () => {
    const check = 'order.id = "7"';
    const { send } = receiver({ ...forms, verify: { scheme: 'hmac', header: 'x-sig', check } });
    const signed = async (fields: [string, string][]) => {
      const sent = await multipart(fields);
      const signature = createHmac('sha256', SECRET).update(sent.body).digest('base64');
      return { ...sent, headers: { ...sent.headers, 'x-sig': signature } };
    };
    expect(await send(await signed(order))).toMatchObject({ status: 200 });
    expect(await send(await signed([['order[id]', '8']]))).toMatchObject({ status: 401 });
  });

  test('proves its sender by a secret among its fields, which is not kept', async () => {
    const { send, bodies } = receiver({
      ...forms,
      verify: { scheme: 'body_token', path: 'token' },
      strip: ['token'],
    });
    expect(await send(await multipart([['token', SECRET], ...order]))).toMatchObject({ status: 200 });
    expect(await send(await multipart([['token', 'wrong'], ...order]))).toMatchObject({ status: 401 });
    expect(bodies().join()).not.toContain(SECRET);
  });

  test.each([
    ['without a boundary', 'multipart/form-data', '--x--'],
    ['that is cut off', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1'],
    ['that is nothing of the kind', 'multipart/form-data; boundary=x', '{"id":7}'],
    [
      'of more fields than any form has',
      'multipart/form-data; boundary=x',
      `${'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(2_001)}--x--`,
    ],
  ])('%s is refused', async (_, type, body) => {
    const { send, kept } = receiver(forms);
    expect(await send({ url: KEYED, headers: { 'content-type': type }, body })).toMatchObject({ status: 400 });
    expect(kept).toEqual([]);
  });
});

test('S21 a body is not read as data before its sender is proven', async () => {
  const { send, logged } = receiver({ verify: { scheme: 'hmac', header: 'x-sig', check: 'id = "7"' } });
  const wrong = createHmac('sha256', 'wrong').update('{"id":').digest('base64');
  expect(await send({ headers: { 'x-sig': wrong }, body: '{"id":' })).toMatchObject({ status: 401 });
  expect(logged.join()).toContain('does not fit any secret');
});

test('S57 of a hundred notifications the one that cannot be mapped takes none of the others down', async () => {
  const { store } = receiver({
    accepts: ['text/xml'],
    split: 'Envelope.Body.notifications.Notification',
    events: {
      close_convert_lead: {
        key: 'sObject.Id',
        fields: { lead_id: 'sObject.Id', event_time: 'sObject.At', currency: 'sObject.Cur', total: 'sObject.Amount' },
      },
    },
  });
  const one = (index: number) =>
    `<Notification><sObject xsi:type="sf:Deal"><sf:Id>${index}</sf:Id><sf:At>2026-01-31T11:00:00Z</sf:At><sf:Cur>EUR</sf:Cur><sf:Amount>${index === 50 ? 'lots' : '12.50'}</sf:Amount></sObject></Notification>`;
  const body = (count: number) =>
    Buffer.from(
      `<e:Envelope><e:Body><notifications>${Array.from({ length: count }, (_, index) => one(index)).join('')}</notifications></e:Body></e:Envelope>`,
    );
  const source = store.sources.get('lamps');
  if (source === undefined) throw new Error('there is no source');
  const map = async (count: number) =>
    mapHook(source, { headers: { 'content-type': 'text/xml' }, body: body(count), received_at: NOW });
  const hundred = await map(100);
  expect([hundred.verdict, hundred.events.length]).toEqual(['stuck', 99]);
  expect(hundred.reason).toContain('total');
  const single = await map(1);
  expect([single.verdict, single.events.length]).toEqual(['mapped', 1]);
});

test('a source verifies by the entries its store gives, instead of those of the platform', async () => {
  const own = { verify: { scheme: 'hash', header: 'x-sig', encoding: 'hex', signed: '{secret}{body}' } };
  const { send } = receiver({ verify: [{ scheme: 'query' }, { scheme: 'bearer' }] }, { source: own });
  const value = createHash('sha256').update(`${SECRET}{"id":"7"}`).digest('hex');
  expect(await send({ headers: { 'x-sig': value }, body: '{"id":"7"}' })).toMatchObject({ status: 200 });
  expect(await send({ url: KEYED, body: '{"id":"8"}' })).toMatchObject({ status: 401 });
});
