// A lead with its visit, and the deal it became, which names it by id only: signed hooks over HTTP, look-ups, and what the destinations get.
import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from './support/deliver-receiver.ts';
import { post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeMapping, writeStore } from './support/service.ts';
import { GRANTED } from './support/visitor.ts';

const ORIGIN = 'https://lamps.example';
const PUBLIC_URL = 'https://hooks.lamps.example';
const SECRET = 'secret-of-the-crm';
const TOKEN = 'token-of-the-crm';
const ORGANIZATION = '00D7Q000001AbCdUAK';
const HOUR = 3_600_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let rig: Rig;
let api: Receiver;
/** What the CRM's API knows, by path. */
const records = new Map<string, object>();
/** The lead came two days ago, an hour after its click; its session is over. */
const createdAt = Date.now() - 48 * HOUR;
const landedAt = createdAt - HOUR;

beforeAll(async () => {
  api = await startReceiver(({ url }, response) => {
    const record = records.get(url.split('?')[0] ?? '');
    response.writeHead(record === undefined ? 404 : 200).end(JSON.stringify(record ?? {}));
  });
  rig = await startRig({ CRM_SECRET: SECRET, CRM_TOKEN: TOKEN, PUBLIC_URL });
  const hubspot = await readFile(join(rig.folder, 'mappings/hubspot.yaml'), 'utf8');
  await writeMapping(rig, 'hubspot.yaml', hubspot.replaceAll('https://api.hubapi.com', api.url));
  const store = storeFile(rig.standins);
  const secrets = ['${CRM_SECRET}'];
  const sources = {
    hubspot: { platform: 'hubspot', secrets, api_token: '${CRM_TOKEN}' },
    salesforce: { platform: 'salesforce', secrets, organization_id: ORGANIZATION },
  };
  const all = {
    ...store,
    currency: 'EUR',
    visits: { origins: [ORIGIN], wait: '1s' },
    sources: { ...store.sources, ...sources },
  };
  await writeStore(rig, all);
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

/** The visit of somebody, who told the page their e-mail. */
async function visit(name: string, email: string): Promise<void> {
  const age = Date.now() - landedAt;
  const session = Math.floor(landedAt / 1000);
  const body = {
    visitor: `visitor-${name}`,
    visit: String(landedAt),
    age,
    consent: GRANTED,
    cookies: { _ga: `GA1.1.1380133182.${name.length}`, _ga_TEST000001: `GS2.1.s${session}$o1$g1$t${session}$j0$l0$h0` },
    clicks: { gclid: [`Click-${name}`, age], fbclid: [`Face-${name}`, age] },
    utm: {},
    page: `${ORIGIN}/lamps`,
    email: sha256(email),
  };
  const headers = { origin: ORIGIN, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  const reply = await fetch(`${rig.service.url}/t/shop`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(reply.status).toBe(204);
}

const json = { 'content-type': 'application/json' };
/** Signed as HubSpot signs. */
async function fromHubspot(body: object): Promise<void> {
  const path = '/hooks/shop/hubspot';
  const text = JSON.stringify(body);
  const time = String(Date.now());
  const signature = createHmac('sha256', SECRET).update(`POST${PUBLIC_URL}${path}${text}${time}`).digest('base64');
  const headers = { ...json, 'x-hubspot-request-timestamp': time, 'x-hubspot-signature-v3': signature };
  expect(await post(rig.service.url, { path, headers, body: text })).toMatchObject({ status: 200 });
}
const becameWon = (deal: number) =>
  fromHubspot([
    {
      eventId: deal,
      subscriptionType: 'deal.propertyChange',
      objectId: deal,
      propertyName: 'dealstage',
      propertyValue: 'closedwon',
      occurredAt: Date.now(),
    },
  ]);
const dealOf = (amount: string, contacts: string[]) => ({
  properties: { amount, deal_currency_code: 'EUR', dealstage: 'closedwon', hs_is_closed_won: 'true' },
  associations: { contacts: { results: contacts.map((id) => ({ id, type: 'deal_to_contact' })) } },
});

/** An outbound message of Salesforce about one won opportunity with these fields. */
async function fromSalesforce(fields: Record<string, string>): Promise<void> {
  const xml = Object.entries(fields).map(([name, value]) => `<sf:${name}>${value}</sf:${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>${ORGANIZATION}</OrganizationId><Notification><Id>04l1</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">${xml.join('')}</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`;
  const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' };
  const reply = await post(rig.service.url, { path: `/hooks/shop/salesforce?key=${SECRET}`, headers, body });
  expect(reply.body).toContain('<Ack>true</Ack>');
}

type Sent = {
  client_id?: string;
  events?: { name: string; params: Record<string, unknown> }[];
  data?: { event_name: string; custom_data: { value: number }; user_data: Record<string, unknown> }[];
};
const sentTo = (name: string): Sent[] =>
  rig.standins.received.filter(({ destination }) => destination === name).map(({ body }) => body as Sent);
/** What a destination got of the deal of this value. */
const dealAt = (name: string, value: number) =>
  sentTo(name).find((body) => JSON.stringify(body).includes(`"value":${value}`));

/** Every destination got the deal with the ids the lead came in with, and no session, which is long over. */
async function expectIdsOf(name: string, value: number): Promise<void> {
  await eventually(
    () => ['ga4', 'meta', 'sgtm'].every((one) => dealAt(one, value) !== undefined),
    `the deal of ${value} arrived`,
  );
  const ga4 = dealAt('ga4', value);
  expect(ga4).toMatchObject({
    client_id: `1380133182.${name.length}`,
    events: [{ name: 'close_convert_lead', params: { value, currency: 'EUR' } }],
  });
  expect(ga4?.events?.[0]?.params).not.toHaveProperty('session_id');
  const fbc = String(dealAt('meta', value)?.data?.[0]?.user_data.fbc).split('.');
  expect(fbc.at(-1)).toBe(`Face-${name}`);
  expect(Math.abs(Number(fbc[2]) - landedAt)).toBeLessThan(10_000);
  const sgtm = JSON.stringify(dealAt('sgtm', value));
  expect(sgtm).toContain(`Click-${name}`);
  expect(sgtm).not.toContain('session_id');
}
const isThere = (lead: string) => () => JSON.stringify(sentTo('sgtm')).includes(`"${lead}"`);

describe('a deal that is won', () => {
  test('at HubSpot goes out with the ids of its contact, whose e-mail is another one by now', async () => {
    await visit('ann', 'ann@example.com');
    const contact = { hs_object_id: '51', email: 'ann@example.com', createdate: new Date(createdAt).toISOString() };
    await fromHubspot({ vid: 51, properties: contact });
    await eventually(isThere('51'), 'the lead arrived');
    records.set('/crm/v3/objects/deals/900', dealOf('1201', ['51']));
    records.set('/crm/v3/objects/contacts/51', { properties: { email: 'ann@new-job.example' } });
    await becameWon(900);
    await expectIdsOf('ann', 1201);
  });

  test('at HubSpot takes nothing from a contact of the same number', async () => {
    records.set('/crm/v3/objects/deals/51', dealOf('1202', []));
    await becameWon(51);
    await eventually(() => dealAt('sgtm', 1202) !== undefined, 'the deal arrived');
    expect(JSON.stringify(dealAt('sgtm', 1202))).not.toMatch(/Click-|1380133182/);
  });

  test('at Salesforce goes out with the ids of the lead it was, by the shorter form of its id', async () => {
    await visit('bo', 'bo@example.com');
    const lead = {
      attributes: { type: 'Lead' },
      Id: '00Q7Q00000LeadAUAX',
      Email: 'bo@example.com',
      CreatedDate: new Date(createdAt).toISOString(),
    };
    const path = '/hooks/shop/salesforce';
    const headers = { ...json, 'x-api-key': SECRET };
    expect(await post(rig.service.url, { path, headers, body: JSON.stringify(lead) })).toMatchObject({ status: 200 });
    await eventually(isThere(lead.Id), 'the lead arrived');
    await fromSalesforce({
      Id: '0067Q0000000001AAA',
      StageName: 'Closed Won',
      IsWon: 'true',
      Amount: '1203.0',
      Lead_ID__c: '00Q7Q00000LeadA',
    });
    await expectIdsOf('bo', 1203);
  });
});
