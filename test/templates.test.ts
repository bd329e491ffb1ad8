// What goes into other people's systems (bodies, lists of fields, a store file, code for checkouts) fits what mappings read.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseXml } from '../src/map/body-xml.ts';
import { guidesOf } from './support/connect.ts';
import { COOKIES, IDS } from './support/page.ts';
import { MAPPINGS } from './support/stores.ts';
import { AT, fixtureAt, fixtureBody, mapBody, tryAs } from './support/templates.ts';

type Table = Record<string, unknown>;
const template = (name: string) => readFileSync(join(MAPPINGS, 'templates', name), 'utf8');

/** The value at a path such as `item.billingAddress.city`. */
const valueAt = (path: string, scope: Table): unknown =>
  path.split('.').reduce<unknown>((at, key) => Reflect.get(Object(at), key), scope);

/** Texts and numbers as they are; anything else prints as nothing. */
function print(path: string, scope: Table): string {
  const value = valueAt(path, scope);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** As much of Liquid as the templates use. */
function render(template: string, scope: Table): string {
  const loops = template.replace(
    /\{% for (\w+) in ([\w.]+) %\}([\s\S]*?)\{% unless forloop\.last %\},\{% endunless %\}\{% endfor %\}/g,
    (_, name: string, list: string, inner: string) =>
      [valueAt(list, scope)]
        .flat()
        .map((row) => render(inner, { ...scope, [name]: row }))
        .join(','),
  );
  return loops.replace(/\{\{ ([\w.]+)((?: \| [^}]+)?) \}\}/g, (_, path: string, filters: string) => {
    const text = filters.includes('strip_newlines') ? print(path, scope).replaceAll('\n', '') : print(path, scope);
    return filters.includes(`replace: '"', "'"`) ? text.replaceAll('"', "'") : text;
  });
}

const tryTemplate = (name: string, item: Table) => tryAs('magento', render(template(name), { item }));

const money = { order_currency_code: 'USD', base_currency_code: 'EUR', created_at: '2026-11-18 09:01:00' };
const ORDER = {
  ...money,
  entity_id: '7',
  increment_id: '000000007',
  state: 'processing',
  grand_total: '33.00',
  base_grand_total: '30.00',
  base_subtotal: '25.00',
  base_shipping_amount: '5.00',
  customer_email: 'ann@example.com',
  coupon_code: null,
  gclid: 'click',
  ttp: IDS.ttp,
  utm_id: '120214',
  billingAddress: { firstname: 'Ann "Annie"', street: 'Elm St 9\n', city: 'Austin', country_id: 'US', telephone: null },
  items: [
    { item_id: '1', sku: '12" PLATE', name: 'Plate 12"', qty_ordered: '1', base_price: '25', base_row_total: '25' },
    { item_id: '2', parent_item_id: '1', sku: '12" PLATE', name: 'Plate', qty_ordered: '1', base_price: '0' },
  ],
};

test('the order of the Mageplaza module, with quotes, empty fields and a part', async () => {
  const { hook, events } = await tryTemplate('magento-mageplaza-order.liquid', ORDER);
  expect(hook).toMatchObject({ verdict: 'mapped', topic: 'order' });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    order_id: '7',
    transaction_id: '000000007',
    currency: 'EUR',
    total: 30,
    value: 25,
    utm_id: '120214',
    items: [{ item_id: "12' PLATE", item_name: "Plate 12'", price: 25 }],
    user_data: { email_address: 'ann@example.com', address: { first_name: "Ann 'Annie'", street: 'Elm St 9' } },
    gclid: 'click',
    ttp: IDS.ttp,
  });
});

test('the credit memo of the Mageplaza module', async () => {
  const memo = {
    ...money,
    entity_id: '5',
    increment_id: '5',
    order_id: '7',
    state: 2,
    grand_total: 11,
    base_grand_total: 10,
  };
  const { events } = await tryTemplate('magento-mageplaza-creditmemo.liquid', memo);
  expect(events).toMatchObject([{ name: 'refund', order_id: '7', currency: 'EUR', total: 10 }]);
});

describe('the lists of fields for Adobe Commerce', () => {
  /** As much of `value` as fields such as `items[].sku` name. */
  function only(value: unknown, fields: string[]): unknown {
    if (Array.isArray(value)) return value.map((one) => only(one, fields));
    const named = Map.groupBy(fields, (field) => field.split(/\[?\]?\./)[0] ?? '');
    const entries = [...named].flatMap(([name, paths]) => {
      const given = Reflect.get(Object(value), name);
      const inner = paths.flatMap((path) => (path.length > name.length ? [path.replace(/^\w+(\[\])?\./, '')] : []));
      return given === undefined ? [] : [[name, inner.length === 0 ? given : only(given, inner)]];
    });
    return Object.fromEntries(entries);
  }
  /** The names in attributes of this name, in a part of the file. */
  const namesIn = (text: string, attribute: string) =>
    [...text.matchAll(new RegExp(`<field [^>]*${attribute}="([^"]+)"`, 'g'))].map(([, name = '']) => name);
  const eventsOf = async (fixture: string, value: unknown, wrap: (value: unknown) => object) => {
    const tried = await tryAs('magento', wrap(value), { at: fixtureAt(fixture) });
    expect(tried.hook).toMatchObject({ verdict: 'mapped' });
    return tried.events;
  };
  const CASES = [
    ['order', 'magento/io-paid-with-all-ids', 'sales_order_save_commit_after'],
    ['creditmemo', 'magento/io-credit-memo', 'sales_order_creditmemo_save_commit_after'],
  ] as const;

  test.each(['magento-io_events.xml', 'magento-webhooks.xml'])('%s is XML', (name) => {
    expect(parseXml(template(name))).toHaveProperty('value');
  });

  test.each(CASES)('io_events.xml asks for all that is read of %s', async (_, fixture, event) => {
    const body = fixtureBody(fixture);
    const wrap = (value: unknown) => ({ ...body, data: { ...body.data, value } });
    const fields = namesIn(
      template('magento-io_events.xml').split(`observer.${event}"`)[1]?.split('</event>')[0] ?? '',
      'name',
    );
    const { value } = body.data;
    const kept = { extension_attributes: value.extension_attributes, payment: value.payment }; // the ids of other modules
    const whole = await eventsOf(fixture, value, wrap);
    expect(await eventsOf(fixture, { ...Object(only(value, fields)), ...kept }, wrap)).toEqual(whole);
  });

  test.each(CASES)('webhooks.xml asks for all that is read of %s', async (object, fixture, event) => {
    const text = template('magento-webhooks.xml').split(`observer.${event}"`)[1]?.split('</method>')[0] ?? '';
    const names = namesIn(text, 'name');
    expect(namesIn(text, 'source')).toEqual(names.map((name) => `data.${name}`));
    const { value } = fixtureBody(fixture).data;
    const kept = { extension_attributes: value.extension_attributes, payment: value.payment };
    const sent = only({ [object]: value }, names);
    const body = { [object]: { ...Reflect.get(Object(sent), object), ...kept } };
    const whole = await eventsOf(fixture, { ...value }, (all) => ({ [object]: all }));
    expect(await eventsOf(fixture, body, (all) => Object(all))).toEqual(whole);
  });
});

describe('the code for own checkouts', async () => {
  const { visitOf, forStripe, forPayPal, forSquare } = await import(
    pathToFileURL(join(MAPPINGS, 'templates/checkout-ids.mjs')).href
  );
  const consent = { ad_user_data: 'granted' };
  const visit = visitOf(COOKIES, 'https://shop.example/?msclkid=M1&utm_source=mail&utm_id=9&x=1', consent);

  test('takes the visit, and nothing else', () => {
    expect(Object.keys(visit)).toEqual([
      'consent_ad_user_data',
      '_ga',
      '_ga_TEST000001',
      '_fbp',
      '_fbc',
      '_gcl_aw',
      'msclkid',
      'utm_source',
      'utm_id',
      '_ttp',
    ]);
    expect(visitOf(undefined, 'no address')).toEqual({});
    expect(visitOf('', 'https://shop.example/?gclid=G1', { ad_storage: 'denied' })).toEqual({
      consent_ad_storage: 'denied',
    });
  });

  test('hands over what was said of what ads and analytics may do, and nothing of other kinds of consent', () => {
    const said = { functionality_storage: 'denied', personalization_storage: 'denied', ad_storage: undefined };
    const all = visitOf('', '', { ...said, ad_user_data: 'denied' });
    expect(all).toEqual({ consent_ad_user_data: 'denied' });
    expect(forSquare(all)).toEqual(all);
    expect(forPayPal(all)).toBe('consent_ad_user_data=denied');
  });

  test('hands it over in the metadata of Stripe, on renewals too', async () => {
    const session = fixtureBody('stripe/session-jpy');
    Object.assign(session.data.object, { client_reference_id: undefined, metadata: forStripe(visit).metadata });
    expect(await mapBody('stripe', session)).toMatchObject([{ ...IDS, msclkid: 'M1', utm_id: '9', consent }]);
    const invoice = fixtureBody('stripe/invoice-renewal-counted');
    const { metadata } = forStripe(visit, 'subscription').subscription_data;
    const [line] = invoice.data.object.lines.data;
    delete line.metadata;
    const parent = { subscription_details: { metadata } };
    Object.assign(invoice.data.object, { lines: { data: [line] }, parent, subscription_details: undefined });
    const { events } = await tryAs('stripe', invoice, { at: fixtureAt('stripe/invoice-renewal-counted') });
    const { session_id: _, ...lasting } = IDS; // a month later the session is over
    expect(events).toMatchObject([{ channel: 'renewal', ...lasting }]);
  });

  test('hands it over in the custom_id of PayPal, which is short', async () => {
    const custom_id = forPayPal({ ...visit, gclid: 'G'.repeat(150) });
    expect(custom_id.length).toBeLessThanOrEqual(127);
    const capture = fixtureBody('paypal/capture-own-order-number');
    Object.assign(capture.resource, { custom_id });
    const { events } = await tryAs('paypal', capture, { at: fixtureAt('paypal/capture-own-order-number') });
    expect(events).toMatchObject([{ client_id: IDS.client_id, fbp: IDS.fbp, fbc: IDS.fbc }]);
    expect(forPayPal({})).toBeUndefined();
    const short = forPayPal(visitOf('_ttp=2TestTikTokCookie01.tt.1; _ga=GA1.1.1.2', '', consent));
    expect(short).toBe('_ga=GA1.1.1.2&consent_ad_user_data=granted&_ttp=2TestTikTokCookie01.tt.1');
  });

  test('hands over what the buyer said of consent before anything else', async () => {
    const denied = { ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };
    const landing = 'https://shop.example/?utm_source=a&utm_medium=b&utm_campaign=c&utm_term=d&utm_content=e';
    const all = visitOf(COOKIES, landing, { ...denied, analytics_storage: 'granted' });
    expect(forSquare(all)).toMatchObject({ consent_ad_user_data: 'denied', consent_analytics_storage: 'granted' });
    const capture = fixtureBody('paypal/capture-own-order-number');
    Object.assign(capture.resource, { custom_id: forPayPal(all) });
    expect(capture.resource.custom_id.length).toBeLessThanOrEqual(127);
    const { events } = await tryAs('paypal', capture, { at: fixtureAt('paypal/capture-own-order-number') });
    expect(events).toMatchObject([{ client_id: IDS.client_id, consent: denied }]);
  });

  test('hands it over in the metadata of an order of Square, which are ten', () => {
    const metadata = forSquare({ ...visit, long: 'x'.repeat(256), a: '1', b: '2', c: '3' });
    expect(Object.keys(metadata)).toHaveLength(10);
    expect(metadata).toMatchObject({ _ga: visit._ga, _fbc: visit._fbc, _ttp: IDS.ttp });
    expect(metadata).not.toHaveProperty('long');
    const longer = visitOf(COOKIES, 'https://shop.example/?msclkid=M1&utm_source=mail&utm_medium=a&utm_id=9', consent);
    expect(Object.keys(forSquare(longer)).at(-1)).toBe('utm_id'); // _ttp takes nobody's place
  });
});

test('the sample of a flow is read by the mapping of Salesforce', async () => {
  expect(await mapBody('salesforce', template('salesforce-flow.json'))).toMatchObject([
    {
      name: 'close_convert_lead',
      lead_id: '006000000000001AAA',
      value: 1200.5,
      currency: 'EUR',
      client_id: '1380133182.1764792191',
      gclid: 'Cj0KCQ',
      fbc: 'fb.1.1764792190054.AbC',
      fbp: 'fb.1.1764792190054.123456789',
      ttp: '2TestTikTokCookie01.tt.1',
      user_data: { email_address: 'ann@example.com', phone_number: '+31205550100' },
    },
  ]);
});

test('what an app of HubSpot asks to be told of is read by the mapping', async () => {
  const { crmObjects } = JSON.parse(template('hubspot-webhooks-hsmeta.json')).config.subscriptions;
  const types: Record<string, string> = { contact: '0-1', deal: '0-3' };
  const stages: Record<string, string> = { lifecyclestage: 'marketingqualifiedlead', dealstage: 'closedwon' };
  const changes = crmObjects.map(({ subscriptionType, objectType, propertyName }: Record<string, string>) => ({
    subscriptionType,
    objectTypeId: types[objectType ?? ''],
    objectId: 51,
    occurredAt: AT,
    ...(propertyName !== undefined && { propertyName, propertyValue: stages[propertyName] }),
  }));
  const source = { stages: { marketingqualifiedlead: 'qualify_lead' } };
  const { events } = await tryAs('hubspot', changes, { source });
  expect(events.map(({ name }) => name)).toEqual(['generate_lead', 'qualify_lead', 'close_convert_lead']);
});

test('the hidden fields for web-to-lead are filled by the snippet for forms', () => {
  const snippet = template('form-fields.html');
  for (const [, name = ''] of template('salesforce-web-to-lead.html').matchAll(/data-tagbridge="(\w+)"/g))
    expect(snippet.includes(name) || snippet.includes(name.replace('consent_', ''))).toBe(true);
});

test('the store file for other senders reads the sample body', async () => {
  const { platform: _, secrets: __, ...source } = parse(template('generic-source.yaml')).sources.leads;
  const { events, hook } = await tryAs('generic', template('generic-body.json'), { source });
  expect(hook.verdict).toBe('mapped');
  expect(events).toMatchObject([
    {
      name: 'generate_lead',
      lead_id: '1042',
      value: 250,
      currency: 'EUR',
      client_id: '1380133182.1764792191',
      gclid: 'Cj0KCQ',
    },
  ]);
  const won = template('generic-body.json').replace('"lead"', '"won"');
  expect((await tryAs('generic', won, { source })).events).toMatchObject([{ name: 'close_convert_lead' }]);
});

test('every template belongs to a guide', () => {
  const platforms = readdirSync(MAPPINGS).flatMap((name) => (name.endsWith('.yaml') ? [name.slice(0, -5)] : []));
  const named = platforms.flatMap((name) => guidesOf(name).flatMap(({ files = [] }) => files));
  const there = readdirSync(join(MAPPINGS, 'templates'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(MAPPINGS, 'templates'), join(entry.parentPath, entry.name)));
  expect(new Set(named)).toEqual(new Set(there));
});
