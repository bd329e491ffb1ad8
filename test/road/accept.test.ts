// From the socket to the commit, as platform files word it: handshakes, proof of the sender, stripping and refusals.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { mapHook } from '../../src/map/map.ts';
import { KEYED, NOW, receiver, SECRET } from './accept-lamps.ts';

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
