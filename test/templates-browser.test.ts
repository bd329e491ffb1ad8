// The snippets for web pages find the visit's ids and hand over what the mappings read, and no more than was allowed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COOKIES, consentMode, IDS, type Page, runInPage } from './support/page.ts';
import { MAPPINGS } from './support/stores.ts';
import { fixtureBody, mapBody } from './support/templates.ts';
import { GRANTED } from './support/visitor.ts';

const template = (name: string) => readFileSync(join(MAPPINGS, 'templates', name), 'utf8');

describe('the theme snippet', () => {
  const allowing = (yes: boolean) => ({
    Shopify: { customerPrivacy: { marketingAllowed: () => yes, analyticsProcessingAllowed: () => true } },
  });
  /** What it posts to the cart. */
  const postedBy = async (page: Page): Promise<Record<string, string>> => {
    const { posted } = await runInPage(template('shopify-theme.html'), page);
    expect(posted.map(({ url }) => url)).toEqual(['/cart/update.js']);
    return JSON.parse(posted[0]?.body ?? '{}').attributes;
  };

  test('writes what the mapping reads', async () => {
    const page = { cookie: COOKIES, search: '?ttclid=T1&utm_source=mail&utm_id=2108&x=1', window: allowing(true) };
    const attributes = await postedBy(page);
    for (const foreign of ['session', '_shopify_y', 'x']) expect(attributes).not.toHaveProperty(foreign);
    const order = {
      ...fixtureBody('shopify/buy-now-button'),
      note_attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    };
    const [event] = await mapBody('shopify', order, { 'x-shopify-topic': 'orders/paid' });
    expect(event).toMatchObject({ ...IDS, ttclid: 'T1', utm_source: 'mail', utm_id: '2108', consent: GRANTED });
  });

  test('writes no click id where ads were refused, and says so', async () => {
    const attributes = await postedBy({ search: '?gclid=Cj0K&utm_source=mail', window: allowing(false) });
    expect(attributes).toEqual({
      consent_ad_storage: 'denied',
      consent_ad_user_data: 'denied',
      consent_ad_personalization: 'denied',
      consent_analytics_storage: 'granted',
      utm_source: 'mail',
    });
  });

  test('says nothing about consent in a shop without Shopify’s banner', async () => {
    expect(await postedBy({ cookie: COOKIES })).not.toHaveProperty('consent_ad_storage');
  });

  test('writes once per cart, and again into the next one', async () => {
    const first = await runInPage(template('shopify-theme.html'), { cookie: `${COOKIES}; cart=one` });
    const again = await runInPage(template('shopify-theme.html'), { cookie: `${COOKIES}; cart=one`, kept: first.kept });
    expect(again.posted).toEqual([]);
    const next = await runInPage(template('shopify-theme.html'), { cookie: `${COOKIES}; cart=two`, kept: first.kept });
    expect(next.posted).toHaveLength(1);
    expect(next.posted[0]?.body).not.toContain('two');
  });

  test('writes nothing where there is nothing', async () => {
    expect((await runInPage(template('shopify-theme.html'), { cookie: 'session=1' })).posted).toEqual([]);
  });
});

describe('the snippet for forms', () => {
  const NAMES = [
    'ga_client_id',
    'ga_session_id',
    'gclid',
    'fbclid',
    'fbc',
    'fbp',
    'ttp',
    'utm_source',
    'utm_id',
    'consent_ad_user_data',
  ];
  const filledBy = async (page: Page) => {
    const { fields } = await runInPage(template('form-fields.html'), page);
    return Object.fromEntries(fields.map(({ name, data, value }) => [data ?? name, value]));
  };
  const byName = NAMES.map((name) => ({ name }));

  test.each([
    ['hubspot', { vid: 251, properties: { email: 'ann@example.com' } }],
    ['zoho', { module: 'Leads', record_id: '554023000000000131', Email: 'ann@example.com' }],
    ['salesforce', { object: 'Lead', Id: '00Q000000000001AAA', Email: 'ann@example.com' }],
  ])('fills what the mapping of %s reads', async (platform, record) => {
    const window = consentMode(['default', { ad_user_data: 'denied' }], ['update', { ad_user_data: 'granted' }]);
    const filled = await filledBy({
      cookie: COOKIES,
      search: '?utm_source=mail&utm_id=2108&email=a',
      window,
      fields: byName,
    });
    const body =
      'properties' in record
        ? { ...record, properties: { ...record.properties, ...filled } }
        : { ...record, ...filled };
    const [event] = await mapBody(platform, body);
    expect(event).toMatchObject({ ...IDS, utm_source: 'mail', utm_id: '2108', consent: { ad_user_data: 'granted' } });
  });

  test('knows the newer form of Google’s click cookie', async () => {
    const cookie = '_gcl_aw=2.1.kCj0K_-x%24i1794991980; _gcl_au=1.1.2';
    expect((await filledBy({ cookie, fields: byName })).gclid).toBe('Cj0K_-x');
  });

  test('fills fields that a form names itself, and no others', async () => {
    const fields = [{ name: '00N000000000003', data: 'gclid' }, { name: 'email' }];
    const filled = await filledBy({ cookie: COOKIES, fields });
    expect(filled).toEqual({ gclid: 'Cj0K', email: '' });
  });

  test('knows the click of the landing page on the pages after it', async () => {
    const landing = await runInPage(template('form-fields.html'), { search: '?fbclid=F1&gclid=G1', fields: byName });
    const { kept } = landing;
    expect(await filledBy({ kept, fields: byName })).toMatchObject({ gclid: 'G1', fbclid: 'F1' });
    const another = await filledBy({ kept, search: '?gclid=G2', fields: byName });
    expect([another.gclid, another.fbclid]).toEqual(['G2', '']);
  });

  test('fills what the address says in a browser that lets the page keep nothing', async () => {
    const page = { search: '?gclid=G1&utm_source=mail', keepsNothing: true, fields: byName };
    expect(await filledBy(page)).toMatchObject({ gclid: 'G1', utm_source: 'mail' });
  });

  test('keeps and fills no click id where ads were refused', async () => {
    const window = consentMode(['default', { ad_storage: 'denied' }]);
    const page = { search: '?gclid=G1&utm_source=mail', window, fields: byName };
    expect(await filledBy(page)).toMatchObject({ gclid: '', utm_source: 'mail' });
    expect((await runInPage(template('form-fields.html'), page)).kept.tagbridge).not.toContain('G1');
  });

  test('takes a default for some regions for no answer, until the banner gives one', async () => {
    const asked = async (...more: Parameters<typeof consentMode>) =>
      (
        await filledBy({
          window: consentMode(
            ['default', { ad_user_data: 'denied', region: ['NL'] }],
            ['default', { ad_user_data: 'granted' }],
            ...more,
          ),
          fields: byName,
        })
      ).consent_ad_user_data;
    expect(await asked()).toBe('');
    expect(await asked(['update', { ad_user_data: 'granted' }])).toBe('granted');
  });

  test('fills HubSpot’s forms of both editors', async () => {
    const set: Record<string, string> = {};
    const form = { setFieldValue: (name: string, value: string) => Object.assign(set, { [name]: value }) };
    const page = await runInPage(template('form-fields.html'), {
      cookie: COOKIES,
      window: { HubSpotFormsV4: { getFormFromEvent: () => form } },
      fields: byName,
    });
    page.send('hs-form-event:on-ready', {});
    expect(set).toMatchObject({ '0-1/gclid': 'Cj0K', '0-1/fbp': IDS.fbp });
    for (const field of page.fields) field.value = '';
    page.send('message', { data: { type: 'hsFormCallback', eventName: 'onFormReady' } });
    expect(page.fields.find(({ name }) => name === 'gclid')?.value).toBe('Cj0K');
  });
});

test('the snippet for payment links hands over what the mapping of Stripe reads', async () => {
  const link = { href: 'https://buy.stripe.com/test_1?locale=nl' };
  const given: string[] = [];
  const button = { setAttribute: (_: string, value: string) => given.push(value) };
  await runInPage(template('stripe-payment-link.html'), {
    cookie: COOKIES,
    elements: { 'a[href^="https://buy.stripe.com/"]': [link], 'stripe-buy-button, stripe-pricing-table': [button] },
  });
  const reference = new URL(link.href).searchParams.get('client_reference_id') ?? '';
  expect(link.href).toContain('locale=nl');
  expect(given).toEqual([reference]);
  expect(reference).toMatch(/^[A-Za-z0-9_-]{1,200}$/); // Stripe drops anything else without a word
  const session = fixtureBody('stripe/session-jpy');
  Object.assign(session.data.object, { client_reference_id: reference, metadata: {} });
  const [event] = await mapBody('stripe', session);
  expect(event).toMatchObject({ client_id: IDS.client_id, gclid: IDS.gclid });
  const newer = { href: 'https://buy.stripe.com/test_1' };
  const elements = { 'a[href^="https://buy.stripe.com/"]': [newer] };
  await runInPage(template('stripe-payment-link.html'), { cookie: '_gcl_aw=2.1.i1794991980%24kCj0K', elements });
  expect(newer.href).toContain('client_reference_id=gclid-Cj0K');
});
