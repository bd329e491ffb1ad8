// Phone orders and leads by the API: kept once, sent like any hook, and refused with a word for each field.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HOUR_MS } from '../../src/lib/time.ts';
import { type Client, createClient, idOf, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';

const ORDERS = '/stores/shop/phone-orders';
const LEADS = '/stores/shop/phone-leads';
const ORDER = { amount: '349.00', currency: 'EUR', phone: '06 12345678', email: 'ann@example.com' };
const Entered = z.strictObject({ outcome: z.enum(['kept', 'duplicate']), hook_id: z.uuid(), number: z.string() });

let rig: Rig;
let admin: Browser;
let token: string;
let client: Client;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  token = await makeToken(admin, { scopes: ['phone_orders'] });
  client = createClient(rig, token);
});
afterAll(() => rig.close());

const sentTo = (destination: string) =>
  rig.standins.received.filter((one) => one.destination === destination).map((one) => JSON.stringify(one));

describe('a phone order by the API', () => {
  test('is kept, counted everywhere as a phone call, and kept no second time under its key', async () => {
    const key = { 'idempotency-key': 'call-17' };
    const first = await client.post(ORDERS, ORDER, key);
    expect(first.status).toBe(200);
    const { outcome, hook_id, number } = Entered.parse(first.json);
    expect(outcome).toBe('kept');
    const { ga4, meta, sgtm } = rig.standins;
    await eventually(() => [ga4, meta, sgtm].every(({ counted }) => counted.size === 1), 'all have it');
    expect(sentTo('meta')[0]).toContain('phone_call');
    expect((await client.post(ORDERS, ORDER, key)).json).toEqual(first.json);
    const inBody = await client.post(ORDERS, { ...ORDER, idempotency_key: 'call-17' });
    expect(inBody.json).toEqual({ outcome: 'duplicate', hook_id, number });
    expect((await client.post(ORDERS, { ...ORDER, amount: '1.00' }, key)).status).toBe(422);
  });

  test.each([
    ['amount', { amount: '1.00' }],
    ['email', { email: 'bob@example.com' }],
    ['phone, email', { phone: '+31201234567', email: undefined }],
    ['items', { items: [{ name: 'Lamp' }] }],
    ['number', { number: 'A-77' }],
    ['agreed_at', { agreed_at: new Date(Date.now() - HOUR_MS).toISOString() }],
  ])('that differs in %s from what was kept under its key is refused, and changes nothing', async (fields, change) => {
    const given = { ...ORDER, idempotency_key: `differs-${fields.length}-${fields}`.replace(/\W/g, '') };
    const first = Entered.parse((await client.post(ORDERS, given)).json);
    const { status, json } = await client.post(ORDERS, { ...given, ...change });
    expect(status).toBe(422);
    expect(json).toMatchObject({
      detail: `The order ${first.number} was kept before under this key, and stays as it is. This one differs in ${fields}: if it is another order, send it under a key of its own.`,
    });
    expect(Entered.parse((await client.post(ORDERS, given)).json)).toEqual({ ...first, outcome: 'duplicate' });
  });

  test('under its key again is known whatever its amount and number are written like', async () => {
    const at = Date.now() - HOUR_MS;
    const given = { ...ORDER, idempotency_key: 'written', agreed_at: new Date(at).toISOString() };
    const first = Entered.parse((await client.post(ORDERS, given)).json);
    const alike = { ...given, amount: 349, currency: 'eur', phone: '+31612345678', email: ' ann@example.com ' };
    const elsewhere = new Date(at + HOUR_MS).toISOString().replace('Z', '+01:00');
    const again = await client.post(ORDERS, { ...alike, agreed_at: elsewhere });
    expect(again.json).toEqual({ ...first, outcome: 'duplicate' });
    const empty = await client.post(ORDERS, { ...given, name: '', items: [], consent: {} });
    expect(empty.json).toEqual({ ...first, outcome: 'duplicate' });
  });

  test('under the key of another program is another order', async () => {
    const other = createClient(rig, await makeToken(admin, { scopes: ['phone_orders'] }));
    const given = { ...ORDER, idempotency_key: 'call-1', number: 'A-1' };
    expect(Entered.parse((await client.post(ORDERS, given)).json).outcome).toBe('kept');
    const second = await other.post(ORDERS, { ...given, number: 'A-2' });
    expect(Entered.parse(second.json)).toMatchObject({ outcome: 'kept', number: 'A-2' });
  });

  test('is in the audit, without a word of the customer', async () => {
    const reply = await createClient(rig, await makeToken(admin, { scopes: ['audit'] })).get('/audit');
    expect(reply.text).toContain('phone order kept');
    expect(reply.text).toContain(`token ${idOf(token)}`);
    expect(reply.text).not.toContain('ann@example.com');
    expect(rig.logged.join()).not.toContain('ann@example.com');
  });

  test('with several mistakes is refused with a word for each field', async () => {
    const given = { amount: '1,5', phone: '12', agreed_at: 'soon', items: [{}] };
    const reply = await client.post(ORDERS, given, { 'idempotency-key': 'wrong' });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      errors: [
        { field: 'body.amount', detail: expect.stringContaining('write it like') },
        { field: 'body.items.0.name', detail: expect.any(String) },
      ],
    });
    const ofStore = await client.post(ORDERS, { amount: '1.5', phone: '12' }, { 'idempotency-key': 'wrong' });
    expect(ofStore.json).toMatchObject({
      errors: [
        { field: 'body.currency', detail: expect.stringContaining('missing') },
        { field: 'body.phone', detail: expect.stringContaining('country code') },
      ],
    });
  });

  test('without a key and without a number is refused, because it could be kept twice', async () => {
    const reply = await client.post(ORDERS, ORDER);
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('Idempotency-Key')]);
  });

  test.each(['/stores/nowhere/phone-orders', '/stores/nowhere/phone-leads'])(
    'for a store that is not is refused: %s',
    async (path) => {
      expect((await client.post(path, { ...ORDER, number: '1' })).status).toBe(404);
    },
  );

  test('with a token that may only read, or for another store, is refused', async () => {
    const reading = createClient(rig, await makeToken(admin, { scopes: ['read', 'act'] }));
    expect((await reading.post(ORDERS, { ...ORDER, number: '1' })).status).toBe(403);
  });
});

describe('a phone lead by the API', () => {
  test('goes through its stages under its number', async () => {
    const first = await client.post(LEADS, { phone: '0612345678', number: 'L-7' });
    expect(Entered.parse(first.json).outcome).toBe('kept');
    await client.post(LEADS, { number: 'L-7', stage: 'qualify_lead' });
    await client.post(LEADS, { number: 'L-7', stage: 'qualify_lead' });
    await client.post(LEADS, {
      number: 'L-7',
      stage: 'close_convert_lead',
      amount: 900,
      currency: 'EUR',
      email: 'ann@example.com',
    });
    for (const name of ['generate_lead', 'qualify_lead', 'close_convert_lead'])
      await eventually(() => sentTo('sgtm').join().includes(name), `sGTM has ${name}`);
  });

  test('of another stage under the key of one before is refused, for it would be lost', async () => {
    const lead = { phone: '0612345678', number: 'L-8', idempotency_key: 'lead-8' };
    expect((await client.post(LEADS, lead)).status).toBe(200);
    const { status, text } = await client.post(LEADS, { ...lead, stage: 'qualify_lead' });
    expect([status, text]).toEqual([
      422,
      expect.stringContaining('This one differs in stage: if it is another lead or stage,'),
    ]);
    const order = await client.post(ORDERS, { ...ORDER, number: 'L-8', idempotency_key: 'lead-8' });
    expect([order.status, order.text]).toEqual([422, expect.stringContaining('The lead L-8 was kept before')]);
  });

  test('without a customer and without a number is refused', async () => {
    const reply = await client.post(LEADS, {}, { 'idempotency-key': 'x' });
    expect(reply.json).toMatchObject({
      errors: [{ field: 'body', detail: expect.stringContaining('reference code') }],
    });
  });
});
