// The platform files of shops and of payment providers at the door: who is let in, what is answered, what is kept.
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createAccept } from '../src/pipeline.ts';
import { buildStore, TEST_ENV } from './support/stores.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const SECRET = TEST_ENV.SHOP_SECRET;
const HOST = 'https://hooks.lamps.example';
const bodyOf = (fixture: string) => readFileSync(join(import.meta.dirname, 'fixtures', fixture, 'body.json'), 'utf8');
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const signed = (text: string) => createSign('sha256').update(text).sign(privateKey, 'base64');

type Sent = { method?: string; query?: string; headers?: Record<string, string>; body?: string };

/** What becomes of requests to a source of this platform. */
async function door(platform: string, source: Record<string, unknown> = {}) {
  const store = await buildStore(platform, {}, source);
  const kept: string[] = [];
  const accept = createAccept({
    stores: new Map([['shop', store]]),
    keep: async ({ hook }) => {
      kept.push(Buffer.from(hook.body).toString());
      return 'kept';
    },
    worker: { lease: () => undefined, give: () => undefined, giveBack: () => undefined },
    publicUrl: HOST,
    fetchKey: async (url) =>
      url === 'https://static.adobeioevents.com/prod/keys/pub-key-1.pem'
        ? { pem: PEM }
        : { problem: 'there is no such key', temporary: false },
    now: () => NOW,
    newId: () => 'hook-1',
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const send = async ({ method = 'POST', query = '', headers = {}, body = '' }: Sent) => {
    const { status, body: answer } = await accept({
      store: 'shop',
      source: platform,
      method,
      url: `/hooks/shop/${platform}${query}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
    });
    return [status, answer];
  };
  return { send, kept };
}

describe('Shopify', () => {
  test('keeps nothing of a card', async () => {
    const { send, kept } = await door('shopify');
    const transaction = {
      kind: 'refund',
      amount: '12.00',
      receipt: { payment_method: 'pm_of_mira', last4: '4242' },
      payment_details: { credit_card_number: '•••• 4242', credit_card_name: 'Mira Lund', credit_card_bin: '424242' },
    };
    const body = JSON.stringify({ id: 509562969, order_id: 450789469, transactions: [transaction] });
    const hmac = createHmac('sha256', SECRET).update(body).digest('base64');
    expect((await send({ headers: { 'x-shopify-hmac-sha256': hmac }, body }))[0]).toBe(200);
    expect(kept[0]).toContain('"amount":"12.00"');
    for (const secret of ['4242', 'Mira', 'pm_of_mira']) expect(kept[0]).not.toContain(secret);
  });
});

describe('Magento', () => {
  const OK = [200, '{"op":"success"}'];
  const order = bodyOf('magento/io-paid-with-all-ids');
  const byAdobe = (body: string, path = '/prod/keys/pub-key-1.pem') => ({
    'x-adobe-digital-signature-2': signed(body),
    'x-adobe-public-key2-path': path,
  });

  test('gives Adobe I/O its challenge back', async () => {
    const { send } = await door('magento');
    expect(await send({ method: 'GET', query: '?challenge=8ec8d794-a0ab' })).toEqual([200, '8ec8d794-a0ab']);
    expect((await send({ method: 'GET' }))[0]).toBe(405);
  });

  test('takes events that Adobe I/O signed, with keys of its own folder only', async () => {
    const { send } = await door('magento');
    expect(await send({ headers: byAdobe(order), body: order })).toEqual(OK);
    expect((await send({ headers: byAdobe(order), body: `${order} ` }))[0]).toBe(401);
    expect((await send({ headers: byAdobe(order, '/other/pub-key-1.pem'), body: order }))[0]).toBe(401);
  });

  test.each([
    ['recipient_client_id', order],
    ['recipientclientid', bodyOf('magento/io-few-fields')],
  ])('takes only events made out to its project, as %s says', async (_, body) => {
    const own = await door('magento', { client_id: '0123456789abcdef0123456789abcdef' });
    const other = await door('magento', { client_id: 'another' });
    expect(await own.send({ headers: byAdobe(body), body })).toEqual(OK);
    expect((await other.send({ headers: byAdobe(body), body }))[0]).toBe(401);
  });

  test('takes Commerce webhooks that are signed over base64, and lets the checkout go on', async () => {
    const { send } = await door('magento', { secrets: [PEM] });
    const body = bodyOf('magento/webhook-order-saved');
    const header = 'x-adobe-commerce-webhook-signature';
    const base64 = Buffer.from(body).toString('base64');
    expect(await send({ headers: { [header]: signed(base64) }, body })).toEqual(OK);
    expect((await send({ headers: { [header]: signed(body) }, body }))[0]).toBe(401);
  });

  test.each([
    ['a header', { headers: { 'x-webhook-secret': SECRET } }],
    ['user and password', { headers: { authorization: `Basic ${Buffer.from(`any:${SECRET}`).toString('base64')}` } }],
    ['a bearer token', { headers: { authorization: `Bearer ${SECRET}` } }],
    ['the URL', { query: `?key=${SECRET}` }],
  ])('takes what modules send with the secret in %s', async (_, sent: Sent) => {
    const { send } = await door('magento');
    expect(await send({ ...sent, body: bodyOf('magento/mageplaza-template') })).toEqual(OK);
  });

  test('takes nothing without signature or secret', async () => {
    const { send, kept } = await door('magento');
    for (const sent of [{}, { query: '?key=' }, { headers: { 'x-webhook-secret': 'x' } }, { query: '?key=x' }])
      expect((await send({ ...sent, body: order }))[0]).toBe(401);
    expect(kept).toEqual([]);
  });

  test('keeps no password hash', async () => {
    const { send, kept } = await door('magento');
    await send({ query: `?key=${SECRET}`, body: bodyOf('magento/module-with-visitor') });
    expect(kept[0]).toContain('sam.lowe@example.com');
    expect(kept[0]).not.toContain('c2NydWJiZWQ=');
    expect(kept[0]).not.toContain('dG9rZW4=');
  });
});

describe('Stripe', () => {
  const body = bodyOf('stripe/session-paid-with-all-ids');
  const headersOf = (text: string, time: number, ...secrets: string[]) => {
    const sign = (secret: string) => createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
    return { 'stripe-signature': [`t=${time}`, ...secrets.map((secret) => `v1=${sign(secret)}`), 'v0=00'].join(',') };
  };
  const header = (time: number, ...secrets: string[]) => headersOf(body, time, ...secrets);

  test('takes what it signed within five minutes, also while the secret is being changed', async () => {
    const { send } = await door('stripe');
    const time = NOW / 1000;
    expect((await send({ headers: header(time, SECRET), body }))[0]).toBe(200);
    expect((await send({ headers: header(time, 'another', SECRET), body }))[0]).toBe(200);
    expect((await send({ headers: header(time - 301, SECRET), body }))[0]).toBe(401);
    expect((await send({ headers: header(time, 'another'), body }))[0]).toBe(401);
  });

  test('keeps no digit of a card', async () => {
    const { send, kept } = await door('stripe');
    const card = { brand: 'visa', last4: '4242', iin: '424242', exp_month: 8, exp_year: 2031, fingerprint: 'fp4242' };
    const paid = JSON.stringify({ ...JSON.parse(body), more: { payment_method_details: { card } } });
    expect((await send({ headers: headersOf(paid, NOW / 1000, SECRET), body: paid }))[0]).toBe(200);
    expect(kept[0]).toContain('"brand":"visa"');
    for (const secret of ['4242', '2031']) expect(kept[0]).not.toContain(secret);
  });
});

describe('PayPal', () => {
  const body = bodyOf('paypal/capture-with-ids');
  const headers = (webhook: string, text = body) => ({
    'paypal-transmission-id': 'id-1',
    'paypal-transmission-time': '2026-11-23T09:00:00Z',
    'paypal-transmission-sig': signed(`id-1|2026-11-23T09:00:00Z|${webhook}|${crc32(Buffer.from(text))}`),
    'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-1',
  });

  test('takes what is signed for its webhook under a certificate of the source', async () => {
    const { send } = await door('paypal', { webhook_id: 'WH-1', secrets: [PEM] });
    expect((await send({ headers: headers('WH-1'), body }))[0]).toBe(200);
    expect((await send({ headers: headers('WH-2'), body }))[0]).toBe(401);
    expect((await send({ body }))[0]).toBe(401);
  });

  test('keeps no digit of a card', async () => {
    const { send, kept } = await door('paypal', { webhook_id: 'WH-1', secrets: [PEM] });
    const card = { brand: 'VISA', last_digits: '4242', expiry: '2031-08' };
    const paid = JSON.stringify({ ...JSON.parse(body), more: { payment_source: { card } } });
    expect((await send({ headers: headers('WH-1', paid), body: paid }))[0]).toBe(200);
    expect(kept[0]).toContain('"brand":"VISA"');
    for (const secret of ['4242', '2031']) expect(kept[0]).not.toContain(secret);
  });

  test('needs the id of its webhook', async () => {
    await expect(buildStore('paypal')).rejects.toThrow('webhook_id is missing');
  });
});

describe('Square', () => {
  const body = bodyOf('square/payment-completed');
  const header = (url: string, text = body) => ({
    'x-square-hmacsha256-signature': createHmac('sha256', SECRET).update(`${url}${text}`).digest('base64'),
  });

  test('keeps no digit of a card, nor the name on it', async () => {
    const { send, kept } = await door('square');
    const card = {
      card_brand: 'VISA',
      last_4: '4242',
      bin: '424242',
      exp_month: 8,
      exp_year: 2031,
      cardholder_name: 'Mira',
    };
    const paid = JSON.stringify({ ...JSON.parse(body), more: { card_details: { card } } });
    expect((await send({ headers: header(`${HOST}/hooks/shop/square`, paid), body: paid }))[0]).toBe(200);
    expect(kept[0]).toContain('"card_brand":"VISA"');
    for (const secret of ['4242', '2031', 'Mira']) expect(kept[0]).not.toContain(secret);
  });

  test('takes what is signed for the URL as Square knows it', async () => {
    const { send } = await door('square');
    expect((await send({ headers: header(`${HOST}/hooks/shop/square`), body }))[0]).toBe(200);
    expect((await send({ headers: header(`${HOST}/hooks/shop/square/`), body }))[0]).toBe(401);
    const moved = await door('square', { url: 'https://old.lamps.example/square' });
    expect((await moved.send({ headers: header('https://old.lamps.example/square'), body }))[0]).toBe(200);
  });
});

describe('BigCommerce', () => {
  const body = bodyOf('bigcommerce/paid');
  const settings = { store_hash: 'lampsx1', api_token: 'token-made-up' };
  const seconds = (ago = 0) => String(Math.floor(NOW / 1_000) - ago);
  const header = (over: Record<string, string> = {}, secret: string = SECRET) => {
    const headers = { 'webhook-id': 'msg_2xLamps', 'webhook-timestamp': seconds(), ...over };
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return { ...headers, 'webhook-signature': `v1,${createHmac('sha256', secret).update(text).digest('base64')}` };
  };
  const DAY = 86_400;

  test('takes what is signed with the client secret as it stands, also what is repeated for two days', async () => {
    const { send, kept } = await door('bigcommerce', settings);
    const two = { ...header(), 'webhook-signature': `v1,AAAA ${header()['webhook-signature']}` };
    for (const headers of [header(), two, header({ 'webhook-timestamp': seconds(2 * DAY) })])
      expect((await send({ headers, body }))[0]).toBe(200);
    expect(kept[0]).toBe(body);
  });

  test.each<[string, Record<string, string>, string?]>([
    ['with another secret', header({}, 'secret-of-another-account')],
    ['over another body', header(), body.replace('1042', '1043')],
    ['for another id', { ...header(), 'webhook-id': 'msg_other' }],
    ['at another time', { ...header(), 'webhook-timestamp': seconds(1) }],
    ['four days ago', header({ 'webhook-timestamp': seconds(4 * DAY) })],
    ['without an id', Object.fromEntries(Object.entries(header()).filter(([name]) => name !== 'webhook-id'))],
    [
      'in no version that is known',
      { ...header(), 'webhook-signature': header()['webhook-signature'].replace('v1,', 'v2,') },
    ],
    ['not at all', {}],
    ['wrongly, beside a right token', { ...header({}, 'another'), authorization: `Bearer ${SECRET}` }],
  ])('refuses what is signed %s', async (_, headers, sent = body) => {
    const { send } = await door('bigcommerce', settings);
    expect((await send({ headers, body: sent }))[0]).toBe(401);
  });

  test('takes a webhook that comes without a signature and shows the secret in a header of its own', async () => {
    const { send } = await door('bigcommerce', settings);
    expect((await send({ headers: { authorization: `Bearer ${SECRET}` }, body }))[0]).toBe(200);
    expect((await send({ headers: { authorization: 'Bearer of-another' }, body }))[0]).toBe(401);
  });

  test('is no source without the shop and the token that look its orders up', async () => {
    await expect(door('bigcommerce')).rejects.toThrow(/store_hash is missing[\s\S]*api_token is missing/);
  });
});
