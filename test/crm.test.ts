// The platform files of CRMs on the way in: who is let in and who is not, what is kept and answered, and full lists.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PUBLIC_URL, receive, SECRET } from './support/accept.ts';

const AT = Date.UTC(2026, 10, 18, 9, 14, 7);
const LET_IN = { status: 200, body: '{"status":"ok"}' };
const KEPT_OUT = { status: 401 };
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('HubSpot', () => {
  const path = '/hooks/shop/hubspot?portal=a%3Ab';
  const body = JSON.stringify([{ subscriptionType: 'contact.creation', objectId: 51, occurredAt: AT }]);
  const v3 = (secret = SECRET, time = AT, signedPath = '/hooks/shop/hubspot?portal=a:b') => ({
    'x-hubspot-request-timestamp': String(time),
    'x-hubspot-signature-v3': createHmac('sha256', secret)
      .update(`POST${PUBLIC_URL}${signedPath}${body}${time}`)
      .digest('base64'),
  });
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const v2 = {
    'x-hubspot-signature-version': 'v2',
    'x-hubspot-signature': hash(`${SECRET}POST${PUBLIC_URL}${path}${body}`),
  };
  const v1 = { 'x-hubspot-signature-version': 'v1', 'x-hubspot-signature': hash(`${SECRET}${body}`) };
  const { 'x-hubspot-signature': unnamed } = v1;

  test.each([
    ['version 3', v3()],
    ['version 3 beside version 2', { ...v2, ...v3() }],
    ['version 2', v2],
    ['version 1', v1],
    ['version 1 that does not say so', { 'x-hubspot-signature': unnamed }],
  ])('is let in by a signature of %s', async (_, headers) => {
    const { send } = await receive('hubspot', { now: AT });
    expect(await send({ url: path, headers, body })).toMatchObject(LET_IN);
  });

  test.each([
    ['without a signature', {}],
    ['with a signature of another secret', v3('another secret')],
    ['with one of another URL', v3(SECRET, AT, '/hooks/shop/hubspot')],
    ['with one of six minutes ago', v3(SECRET, AT - 360_000)],
    ['with a wrong version 3 beside a right version 2', { ...v2, ...v3('another secret') }],
    ['with a wrong version 3 beside a right version 1', { ...v1, ...v3('another secret') }],
    ['with a version 1 that is named version 2', { ...v2, 'x-hubspot-signature': unnamed }],
  ])('is kept out %s', async (_, headers) => {
    const { send, bodies } = await receive('hubspot', { now: AT });
    expect(await send({ url: path, headers, body })).toMatchObject(KEPT_OUT);
    expect(bodies()).toEqual([]);
  });

  test('of a workflow that does not sign is let in by the secret in its URL', async () => {
    const { send, keyed, path: bare } = await receive('hubspot', { now: AT });
    expect(await send({ url: keyed, body: '{"vid":51}' })).toMatchObject(LET_IN);
    expect(await send({ url: `${bare}?key=another`, body: '{"vid":51}' })).toMatchObject(KEPT_OUT);
  });

  test('S57 makes 99 events of 100 changes of which one cannot be read, and says which', async () => {
    const changes = Array.from({ length: 100 }, (_, index) => ({
      subscriptionType: 'contact.creation',
      objectId: index,
      occurredAt: index === 50 ? 'soon' : AT,
    }));
    const { send, keyed, map } = await receive('hubspot', { now: AT });
    await send({ url: keyed, body: JSON.stringify(changes) });
    const { verdict, events, reason } = await map();
    expect([verdict, events.length]).toEqual(['stuck', 99]);
    expect(reason).toMatch(/^hubspot\.yaml:\d+:\d+ generate_lead\.event_time: "soon" is no time$/);
  });
});

describe('Salesforce', () => {
  const source = { organization_id: '00D7Q000001AbCdUAK' };
  const xml = { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' };
  const won = (index: number, amount = '45.0') =>
    `<Notification><Id>04l${index}</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>0067Q0000000${String(index).padStart(3, '0')}AAA</sf:Id><sf:Amount>${amount}</sf:Amount><sf:StageName>Closed Won</sf:StageName></sObject></Notification>`;
  const message = (organization: string, notifications: string) =>
    `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>${organization}</OrganizationId><SessionId>00D!token</SessionId>${notifications}</notifications></soapenv:Body></soapenv:Envelope>`;
  const ACK =
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>';

  test.each(['00D7Q000001AbCdUAK', '00D7Q000001AbCd'])('acknowledges a message of the organization %s', async (org) => {
    const { send, keyed } = await receive('salesforce', { source });
    expect(await send({ url: keyed, headers: xml, body: message(org, won(1)) })).toEqual({
      status: 200,
      type: 'text/xml; charset=utf-8',
      body: ACK,
    });
  });

  test('keeps no session id', async () => {
    const { send, keyed, bodies, logged } = await receive('salesforce', { source });
    await send({ url: keyed, headers: xml, body: message(source.organization_id, won(1)) });
    expect(bodies()[0]).toContain('<SessionId></SessionId>');
    expect(`${bodies()} ${logged}`).not.toContain('00D!token');
  });

  test('S58 keeps out messages without the secret, and of other organizations', async () => {
    const { send, keyed, path } = await receive('salesforce', { source });
    const body = message(source.organization_id, won(1));
    expect(await send({ headers: xml, body })).toMatchObject(KEPT_OUT);
    expect(await send({ url: `${path}?key=another`, headers: xml, body })).toMatchObject(KEPT_OUT);
    for (const other of ['00D7Q000001abcdUAK', '00D7Q000001AbCe', '', '00D'])
      expect(await send({ url: keyed, headers: xml, body: message(other, won(1)) })).toMatchObject(KEPT_OUT);
  });

  test('takes callouts of flows with the secret in a header', async () => {
    const { send } = await receive('salesforce', { source });
    const body = '{"Id":"0067Q0000000001AAA"}';
    expect(await send({ headers: { 'x-api-key': SECRET }, body })).toMatchObject(LET_IN);
    expect(await send({ headers: { authorization: `Bearer ${SECRET}` }, body })).toMatchObject(LET_IN);
    expect(await send({ headers: { 'x-api-key': 'another' }, body })).toMatchObject(KEPT_OUT);
    const foreign = '{"Id":"0067Q0000000001AAA","OrganizationId":"00D7Q000001AbCeUAK"}';
    expect(await send({ headers: { 'x-api-key': SECRET }, body: foreign })).toMatchObject(KEPT_OUT);
  });

  test('S57 makes 99 events of 100 notifications of which one cannot be read', async () => {
    const { send, keyed, map } = await receive('salesforce', { source, store: { currency: 'EUR' }, now: AT });
    const many = Array.from({ length: 100 }, (_, index) => won(index, index === 50 ? 'many' : '45.0')).join('');
    expect(await send({ url: keyed, headers: xml, body: message(source.organization_id, many) })).toMatchObject({
      status: 200,
      body: ACK,
    });
    const { verdict, events, reason } = await map();
    expect([verdict, events.length]).toEqual(['stuck', 99]);
    expect(reason).toMatch(/^salesforce\.yaml:\d+:\d+ close_convert_lead\.value: \$decimal was given/);
  });
});

describe('Pipedrive', () => {
  const source = { user: 'tagbridge' };
  test('is let in by user and password only', async () => {
    const { send, keyed } = await receive('pipedrive', { source });
    const body = '{"meta":{"action":"create","entity":"deal"}}';
    const ask = (authorization: string) => send({ headers: { authorization }, body });
    expect(await ask(basic('tagbridge', SECRET))).toMatchObject(LET_IN);
    expect(await ask(basic('someone', SECRET))).toMatchObject(KEPT_OUT);
    expect(await ask(basic('tagbridge', 'another'))).toMatchObject(KEPT_OUT);
    expect(await ask(`Bearer ${SECRET}`)).toMatchObject(KEPT_OUT);
    expect(await send({ url: keyed, body })).toMatchObject(KEPT_OUT);
  });
});

describe('Zoho', () => {
  const notice = (token: string) =>
    JSON.stringify({ server_time: AT, module: 'Leads', operation: 'insert', ids: ['4876876000000333001'], token });

  test('is let in by the token of its notification, which is not kept', async () => {
    const { send, bodies } = await receive('zoho');
    expect(await send({ body: notice(SECRET) })).toMatchObject(LET_IN);
    expect(await send({ body: notice('another') })).toMatchObject(KEPT_OUT);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).not.toContain(SECRET);
  });

  test('is let in by a parameter, a header or the URL of a workflow', async () => {
    const { send, keyed, bodies } = await receive('zoho');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send({ headers: form, body: `Email=a%40example.com&secret=${SECRET}` })).toMatchObject(LET_IN);
    expect(await send({ headers: form, body: 'Email=a%40example.com&secret=another' })).toMatchObject(KEPT_OUT);
    expect(await send({ headers: { 'x-api-key': SECRET }, body: '{"Email":"a@example.com"}' })).toMatchObject(LET_IN);
    expect(await send({ url: keyed, body: '{"Email":"a@example.com"}' })).toMatchObject(LET_IN);
    expect(await send({ body: '{"Email":"a@example.com"}' })).toMatchObject(KEPT_OUT);
    expect(bodies().join()).not.toContain(SECRET);
  });
});

describe('anything that can POST', () => {
  const body = '{"event":"lead","id":"n-17"}';

  test('is let in by the secret in the URL or in a header', async () => {
    const { send, keyed, path } = await receive('generic');
    expect(await send({ url: keyed, body })).toMatchObject(LET_IN);
    for (const headers of [
      { authorization: `Bearer ${SECRET}` },
      { authorization: basic('anyone', SECRET) },
      { 'x-webhook-secret': SECRET },
    ])
      expect(await send({ headers, body })).toMatchObject(LET_IN);
    expect(await send({ url: `${path}?key=another`, headers: { 'x-api-key': SECRET }, body })).toMatchObject(KEPT_OUT);
    expect(await send({ body })).toMatchObject(KEPT_OUT);
  });

  test('that signs is let in by its own scheme, and by no other', async () => {
    const verify = { scheme: 'hmac', header: 'x-signature', prefix: 'sha256=', encoding: 'hex' };
    const { send, keyed } = await receive('generic', { source: { verify } });
    const signed = createHmac('sha256', SECRET).update(body).digest('hex');
    expect(await send({ headers: { 'x-signature': `sha256=${signed}` }, body })).toMatchObject(LET_IN);
    expect(await send({ headers: { 'x-signature': signed }, body })).toMatchObject(KEPT_OUT);
    expect(await send({ url: keyed, body })).toMatchObject(KEPT_OUT);
  });

  test('that signs by Standard Webhooks is let in by the lines of the platform file', async () => {
    const verify = {
      scheme: 'hmac',
      header: 'webhook-signature',
      signed: '{headers.webhook-id}.{timestamp}.{body}',
      encoding: 'base64',
      separator: ' ',
      prefix: 'v1,',
      secret_prefix: 'whsec_',
      secret_encoding: 'base64',
      timestamp: { header: 'webhook-timestamp', unit: 's', tolerance: '5m' },
    };
    const key = Buffer.from('a key of this test only, 32 bytes');
    const secrets = [`whsec_${key.toString('base64')}`];
    const { send } = await receive('generic', { source: { verify, secrets }, now: AT });
    const time = String(Math.floor(AT / 1000));
    const signature = createHmac('sha256', key).update(`msg_1.${time}.${body}`).digest('base64');
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': time,
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} v1,${signature}`,
    };
    expect(await send({ headers, body })).toMatchObject(LET_IN);
    expect(await send({ headers: { ...headers, 'webhook-id': 'msg_2' }, body })).toMatchObject(KEPT_OUT);
  });
});
