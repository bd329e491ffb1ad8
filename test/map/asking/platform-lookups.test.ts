// The look-ups of CRMs: what they ask for real shapes of thin hooks, and the events that come of the answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guidesOf } from '../../support/connect.ts';
import { map, NOW, type Table } from '../../support/map-thin.ts';
import { MAPPINGS } from '../../support/stores.ts';

describe('HubSpot', () => {
  const settings = { api_token: 'token', stages: { '1234': 'working_lead' } };
  const change = (over: Table) => [{ objectId: 7, occurredAt: NOW - 1_000, portalId: 1, ...over }];
  const toStage = (stage: string) =>
    change({ subscriptionType: 'deal.propertyChange', propertyName: 'dealstage', propertyValue: stage });
  const deal = (properties: Table) => ({
    id: '7',
    properties: {
      dealstage: 'closedwon',
      hs_is_closed_won: 'true',
      amount: '1200.50',
      deal_currency_code: 'EUR',
      ...properties,
    },
    associations: { contacts: { results: [{ id: '31', type: 'deal_to_contact' }] } },
  });
  const contact = { properties: { email: 'ann@example.com', firstname: 'Ann', gclid: 'Cj0K', phone: null } };
  const CONTACT = 'https://api.hubapi.com/crm/v3/objects/contacts/';
  const DEAL = 'https://api.hubapi.com/crm/v3/objects/deals/7?associations=contacts&properties=…';

  test('a new contact gets its e-mail and click id', async () => {
    const body = change({ subscriptionType: 'contact.creation' });
    const { urls, events } = await map('hubspot', settings, body, { contact });
    expect(urls).toEqual([`${CONTACT}7?properties=…`]);
    expect(events).toMatchObject([
      { name: 'generate_lead', lead_id: '7', gclid: 'Cj0K', user_data: { email_address: 'ann@example.com' } },
    ]);
  });

  test('the properties that the guide says to create are asked for', () => {
    const [steps = ''] = guidesOf('hubspot').flatMap(({ steps = [] }) => steps.filter((one) => one.includes('fbclid')));
    const wanted = [...steps.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const asked = [...readFileSync(join(MAPPINGS, 'hubspot.yaml'), 'utf8').matchAll(/[?&]properties=([\w,]+)/g)];
    expect(wanted).toContain('ttp');
    expect(asked).toHaveLength(2);
    for (const [, names = ''] of asked) expect(names.split(',')).toEqual(expect.arrayContaining(wanted));
  });

  test('a deal that is won gets its amount and, by its contact, the e-mail', async () => {
    const { urls, events } = await map('hubspot', settings, toStage('closedwon'), { deal: deal({}), contact });
    expect(urls).toEqual([DEAL, `${CONTACT}31?properties=…`]);
    expect(events).toMatchObject([
      {
        name: 'close_convert_lead',
        lead_id: '7',
        value: 1200.5,
        currency: 'EUR',
        gclid: 'Cj0K',
        user_data: { email_address: 'ann@example.com' },
      },
    ]);
  });

  test('a deal at a stage nobody named is won if the deal says so', async () => {
    const own = deal({ dealstage: '5678' });
    expect((await map('hubspot', settings, toStage('5678'), { deal: own, contact })).events).toMatchObject([
      { name: 'close_convert_lead', value: 1200.5 },
    ]);
    const open = deal({ dealstage: '5678', hs_is_closed_won: 'false' });
    const still = await map('hubspot', settings, toStage('5678'), { deal: open, contact });
    expect(still).toMatchObject({ urls: [DEAL], verdict: 'ignored', events: [] });
  });

  test('a deal that went on since is at the stage the change names', async () => {
    const { events } = await map('hubspot', settings, toStage('1234'), { deal: deal({}), contact });
    expect(events.map(({ name }) => name)).toEqual(['working_lead']);
    expect((await map('hubspot', settings, toStage('5678'), { deal: deal({}), contact })).events).toEqual([]);
  });

  test('a contact that passes several stages within seconds is a lead at each, whatever it is by then', async () => {
    const stages = { marketingqualifiedlead: 'working_lead', salesqualifiedlead: 'qualify_lead' };
    const gone = { properties: { ...contact.properties, lifecyclestage: 'opportunity' } };
    const body = Object.keys(stages).map((propertyValue, index) => ({
      ...change({ subscriptionType: 'contact.propertyChange', propertyName: 'lifecyclestage', propertyValue })[0],
      occurredAt: NOW - 2_000 + 1_000 * index,
    }));
    const { events } = await map('hubspot', { api_token: 'token', stages }, body, { contact: gone });
    expect(events.map(({ name, lead_stage, event_id }) => [name, lead_stage, event_id])).toEqual([
      ['working_lead', 'marketingqualifiedlead', 'contact:7:marketingqualifiedlead.working_lead'],
      ['qualify_lead', 'salesqualifiedlead', 'contact:7:salesqualifiedlead.qualify_lead'],
    ]);
  });

  test('a deal that is won and moved on at once is won where its stage is named', async () => {
    const named = { ...settings, stages: { '5678': 'close_convert_lead' } };
    const moved = deal({ dealstage: '9012', hs_is_closed_won: 'false' });
    const { events } = await map('hubspot', named, toStage('5678'), { deal: moved, contact });
    expect(events).toMatchObject([{ name: 'close_convert_lead', value: 1200.5, gclid: 'Cj0K' }]);
  });

  test('nothing is asked about changes that are no event', async () => {
    const amount = change({ subscriptionType: 'deal.propertyChange', propertyName: 'amount', propertyValue: '5' });
    const email = change({ subscriptionType: 'contact.propertyChange', propertyName: 'email', propertyValue: 'x' });
    for (const body of [amount, email])
      expect(await map('hubspot', settings, body, { deal: deal({}), contact })).toMatchObject({ urls: [], events: [] });
  });

  test('without a token a new contact is a lead all the same, and the reason names the token', async () => {
    const body = change({ subscriptionType: 'contact.creation' });
    expect(await map('hubspot', {}, body, {})).toMatchObject({
      verdict: 'mapped',
      events: [{ name: 'generate_lead', lead_id: '7' }],
      reason: 'without the contact’s e-mail and click ids: the source has no api_token'.replace('’', "'"),
    });
  });
});

describe('Pipedrive', () => {
  const settings = { user: 'hooks', api_token: 'token' };
  const won = (person_id: unknown) => ({
    meta: {
      action: 'change',
      entity: 'deal',
      entity_id: '1',
      id: 'a',
      version: '2.0',
      timestamp: '2026-01-15T11:59:00Z',
    },
    data: {
      id: 1,
      status: 'won',
      won_time: '2026-01-15T11:58:00Z',
      value: 1499.5,
      currency: 'EUR',
      person_id,
      stage_id: 1,
    },
    previous: { status: 'open' },
  });
  const person = {
    success: true,
    data: {
      id: 3,
      first_name: 'Ann',
      emails: [
        { value: 'old@example.com', primary: false },
        { value: 'ann@example.com', primary: true },
      ],
    },
  };
  test('a deal that is won gets the e-mail of its person', async () => {
    const { urls, events } = await map('pipedrive', settings, won(3), { person });
    expect(urls).toEqual(['https://api.pipedrive.com/api/v2/persons/3']);
    expect(events).toMatchObject([
      {
        name: 'close_convert_lead',
        value: 1499.5,
        user_data: { email_address: 'ann@example.com', address: { first_name: 'Ann' } },
      },
    ]);
  });
  test('a deal without a person asks for nobody', async () => {
    expect(await map('pipedrive', settings, won(null), { person })).toMatchObject({
      urls: [],
      events: [{ value: 1499.5 }],
    });
  });
  test('an edit that is no event asks for nobody', async () => {
    const edit = { ...won(3), previous: { update_time: 'x' } };
    expect(await map('pipedrive', settings, edit, { person })).toMatchObject({ urls: [], events: [] });
  });
});

describe('Zoho CRM', () => {
  const settings = { client_id: 'a', client_secret: 'b', refresh_token: 'c' };
  const notice = (over: Table) => ({
    server_time: NOW - 1_000,
    module: 'Leads',
    operation: 'insert',
    ids: ['410405000002264040'],
    affected_fields: [],
    resource_uri: 'https://www.zohoapis.com.au/crm/v8/Leads',
    token: 'secret-of-the-shop',
    ...over,
  });
  const lead = {
    data: [
      {
        id: '410405000002264040',
        Email: 'ann@example.com',
        First_Name: 'Ann',
        Lead_Status: null,
        Owner: { name: 'Bo' },
      },
    ],
  };
  const deal = { data: [{ Stage: 'Closed Won', Amount: 12000, Contact_Name: { id: '77', name: 'Ann' } }] };
  const contact = { data: [{ Email: 'ann@example.com' }] };
  const dealNotice = (fields: string[], over: Table = {}) =>
    notice({ module: 'Deals', operation: 'update', affected_fields: [{ '410405000002264040': fields }], ...over });

  test('a new lead gets its e-mail, from the data centre that told of it', async () => {
    const { urls, events } = await map('zoho', settings, notice({}), { record: lead });
    expect(urls).toEqual(['https://www.zohoapis.com.au/crm/v8/Leads/410405000002264040']);
    expect(events).toMatchObject([
      { name: 'generate_lead', lead_id: '410405000002264040', user_data: { email_address: 'ann@example.com' } },
    ]);
  });
  test('a deal whose stage changed gets the stage, the amount and its contact', async () => {
    const { urls, events } = await map('zoho', settings, dealNotice(['Stage']), { record: deal, contact });
    expect(urls).toEqual([
      'https://www.zohoapis.com.au/crm/v8/Deals/410405000002264040',
      'https://www.zohoapis.com.au/crm/v8/Contacts/77',
    ]);
    expect(events).toMatchObject([
      { name: 'close_convert_lead', value: 12000, user_data: { email_address: 'ann@example.com' } },
    ]);
  });
  test('an edited deal that is won already is no event, and nobody is asked', async () => {
    expect(await map('zoho', settings, dealNotice(['Description']), { record: deal, contact })).toMatchObject({
      urls: [],
      events: [],
    });
  });
  test('the stage of the notification goes before that of the record, which may have gone on', async () => {
    const values = [{ record_id: '410405000002264040', values: { Stage: 'Closed Lost' } }];
    const body = dealNotice(['Stage'], { affected_values: values });
    expect((await map('zoho', settings, body, { record: deal, contact })).events.map(({ name }) => name)).toEqual([
      'close_unconvert_lead',
    ]);
  });
  test.each([
    ['com', 'https://accounts.zoho.com'],
    ['com.cn', 'https://accounts.zoho.com.cn'],
    ['ca', 'https://accounts.zohocloud.ca'],
    ['uk', 'https://accounts.zoho.uk'],
    ['ae', 'https://accounts.zoho.ae'],
  ])('the data centre zohoapis.%s is asked, with a token of %s', async (region, accounts) => {
    const resource_uri = `https://www.zohoapis.${region}/crm/v8/Leads`;
    const { urls, tokenUrls } = await map('zoho', settings, notice({ resource_uri }), { record: lead });
    expect(urls).toEqual([`https://www.zohoapis.${region}/crm/v8/Leads/410405000002264040`]);
    expect(tokenUrls).toEqual([`${accounts}/oauth/v2/token`]);
  });
  test.each(['https://www.zohoapis.evil.example/crm/v8/Leads', 'https://www.zohoapis.com.evil.example/x'])(
    'a notification that names %s sends no token there',
    async (resource_uri) => {
      const { urls, reason, events } = await map('zoho', settings, notice({ resource_uri }), { record: lead });
      expect(urls).toEqual([]);
      expect(reason).toContain('its host is not one of');
      expect(events).toHaveLength(1);
    },
  );
});
