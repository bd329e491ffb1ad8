// What platform files say of webhooks, read from answers of the form that each vendor gives; and which mistakes are told.
import { describe, expect, test } from 'vitest';
import { askNext, askPage, readPage } from '../../../src/map/asking/listing.ts';
import { requestOf } from '../../../src/map/asking/lookup-request.ts';
import { addressesOf, askMend, pointsTo, readPointing, wrongIn } from '../../../src/map/asking/webhooks.ts';
import { buildStore } from '../../support/stores.ts';
import { loadThin, messages } from '../../support/thin.ts';

const PUBLIC = 'https://hooks.lamps.example';
const here = (platform: string) => `${PUBLIC}/hooks/shop/${platform}?key=hidden`;
const CASES: [string, object, unknown, { topics: string[][]; on: boolean[]; off: string[] }][] = [
  [
    'woocommerce',
    { shop_domain: 'lamps.example', consumer_key: 'ck', consumer_secret: 'cs' },
    [
      { id: 1, status: 'active', topic: 'order.updated', delivery_url: here('woocommerce') },
      { id: 2, status: 'disabled', topic: 'order.created', delivery_url: here('woocommerce') },
    ],
    { topics: [['order.updated'], ['order.created']], on: [true, false], off: ['2'] },
  ],
  [
    'stripe',
    { api_token: 'rk_made_up' },
    {
      ...{ object: 'list', url: '/v1/webhook_endpoints', has_more: false },
      data: [
        { id: 'we_1', object: 'webhook_endpoint', enabled_events: ['*'], status: 'disabled', url: here('stripe') },
        {
          id: 'we_2',
          object: 'webhook_endpoint',
          enabled_events: ['invoice.paid'],
          status: 'enabled',
          url: here('stripe'),
        },
      ],
    },
    { topics: [['*'], ['invoice.paid']], on: [false, true], off: ['we_1'] },
  ],
  [
    'square',
    { api_token: 'token-made-up' },
    {
      subscriptions: [
        { id: 'wbhk_1', enabled: false, event_types: ['payment.updated'], notification_url: here('square') },
        {
          id: 'wbhk_2',
          enabled: true,
          event_types: ['payment.created', 'payment.updated'],
          notification_url: here('square'),
        },
      ],
    },
    { topics: [['payment.updated'], ['payment.created', 'payment.updated']], on: [false, true], off: [] },
  ],
  [
    'paypal',
    { webhook_id: 'W1', client_id: 'id-made-up', client_secret: 'secret-made-up' },
    {
      webhooks: [
        {
          id: 'W1',
          url: here('paypal'),
          event_types: [{ name: 'PAYMENT.CAPTURE.COMPLETED' }, { name: 'PAYMENT.CAPTURE.REFUNDED' }],
        },
        { id: 'W2', url: 'https://stock.example/', event_types: [{ name: '*' }] },
      ],
    },
    { topics: [['PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.CAPTURE.REFUNDED']], on: [true], off: [] },
  ],
  [
    'pipedrive',
    { user: 'tagbridge', api_token: 'token-made-up' },
    {
      ...{ success: true, status: 'ok' },
      data: [
        { id: 5, event_action: 'create', event_object: 'deal', subscription_url: here('pipedrive'), is_active: 1 },
        { id: 6, event_action: '*', event_object: 'person', subscription_url: here('pipedrive'), is_active: 0 },
        // Of version 1, by the names of version 2: whoever changes over loses nothing.
        { id: 7, event_action: 'updated', event_object: 'deal', subscription_url: here('pipedrive'), is_active: 1 },
      ],
    },
    { topics: [['create.deal'], ['*.person'], ['change.deal']], on: [true, false, true], off: ['6'] },
  ],
  [
    'bigcommerce',
    { store_hash: 'lampsx1', api_token: 'token-made-up' },
    {
      data: [
        { id: 2011, scope: 'store/order/*', destination: here('bigcommerce'), is_active: false, headers: null },
        { id: 2012, scope: 'store/cart/*', destination: 'https://stock.example/', is_active: true, headers: {} },
      ],
      meta: {},
    },
    { topics: [['store/order/*']], on: [false], off: ['2011'] },
  ],
];

async function partsOf(platform: string, settings: object) {
  const source = (await buildStore(platform, {}, { ...settings })).sources.get(platform);
  if (source?.webhooks === undefined) throw new Error('there are no webhooks');
  const { webhooks } = source;
  const asked = await askPage(source, webhooks.listing, { since: 0, until: 0 }, 1);
  if (asked === undefined || 'problem' in asked) throw new Error('it cannot be asked');
  return { source, webhooks, asked };
}

describe.each(CASES)('%s', (platform, settings, answer, { topics, on, off }) => {
  test('is asked with its own key, and says of each webhook where it sends what', async () => {
    const { source, webhooks, asked } = await partsOf(platform, settings);
    expect(asked.url).toMatch(/^https:\/\//);
    const page = await readPage(source, webhooks.listing, answer, { headers: {}, page: 1, url: asked.url });
    if ('problem' in page) throw new Error(page.problem);
    expect(page.next).toBeUndefined();
    const read = await readPointing(source, webhooks, addressesOf(source, PUBLIC), page.records);
    if ('problem' in read) throw new Error(read.problem);
    expect(read.here.map((one) => one.topics)).toEqual(topics);
    expect(read.here.map((one) => one.on)).toEqual(on);
    expect(wrongIn(source, { ...read, known: {} }).off).toEqual(off);
    expect(JSON.stringify(read)).not.toContain('hidden');
  });

  test('may have none at all', async () => {
    const { source, webhooks, asked } = await partsOf(platform, settings);
    const none: Record<string, unknown> = {
      ...{ woocommerce: [], stripe: { object: 'list', data: [], has_more: false }, square: {} },
      ...{ paypal: { webhooks: [] }, pipedrive: { success: true, data: [] }, bigcommerce: { data: [], meta: {} } },
    };
    const page = await readPage(source, webhooks.listing, none[platform], { headers: {}, page: 1, url: asked.url });
    expect(page).toEqual({ records: [], next: undefined });
  });
});

test('a page of which there is a next one leads to it', async () => {
  const { source, webhooks, asked } = await partsOf('stripe', { api_token: 'rk_made_up' });
  const answer = { has_more: true, data: [{ id: 'we_1', url: 'https://a.example/', enabled_events: [] }] };
  const page = await readPage(source, webhooks.listing, answer, { headers: {}, page: 1, url: asked.url });
  if ('problem' in page || page.next === undefined || !('url' in page.next)) throw new Error('there is no next page');
  expect(page.next.url).toBe(`${asked.url}&starting_after=we_1`);
  expect(askNext(asked, page.next.url)).toMatchObject({ url: page.next.url });
});

test('switching one on again is a POST with the key of the source, for its own id', async () => {
  const settings = { shop_domain: 'lamps.example/shop', consumer_key: 'ck', consumer_secret: 'cs' };
  const { source, webhooks } = await partsOf('woocommerce', settings);
  const asked = await askMend(source, webhooks, { id: '17' });
  if (asked === undefined || 'problem' in asked) throw new Error('it cannot be asked');
  expect(requestOf(asked, source.settings, undefined)).toMatchObject({
    ...{ method: 'POST', url: 'https://lamps.example/shop/wp-json/wc/v3/webhooks/17', body: '{"status":"active"}' },
    headers: { authorization: `Basic ${Buffer.from('ck:cs').toString('base64')}` },
  });
  expect(await askMend(source, webhooks, { id: '../../orders/1' })).toMatchObject({
    url: 'https://lamps.example/shop/wp-json/wc/v3/webhooks/..%2F..%2Forders%2F1',
  });
});

describe('an address', () => {
  const OWN = { path: '/hooks/shop/woo', whole: ['https://hooks.lamps.example/hooks/shop/woo'] };
  test.each([
    ['https://hooks.lamps.example/hooks/shop/woo', 'here'],
    ['https://Hooks.Lamps.example:443/hooks/shop/woo/?key=x#y', 'here'],
    ['http://hooks.lamps.example/hooks/shop/woo', 'here'],
    ['https://hooks.lamps.example:8443/hooks/shop/woo', 'astray'],
    ['https://other.example/base/hooks/shop/woo', 'astray'],
    ['https://hooks.lamps.example/hooks/shop/woo/2', 'elsewhere'],
    ['https://hooks.lamps.example/hooks/shop/Woo', 'elsewhere'],
    ['ftp://hooks.lamps.example/hooks/shop/woo', 'elsewhere'],
    ['/hooks/shop/woo', 'elsewhere'],
    ['https://', 'elsewhere'],
  ])('%s is %s', (address, where) => {
    expect(pointsTo(address, OWN)).toBe(where);
  });

  test('may also be the one that the source names itself', () => {
    const addresses = addressesOf({ store: 'shop', name: 'square', settings: { url: 'https://in.example/sq' } });
    expect(pointsTo('https://in.example/sq', addresses)).toBe('here');
  });
});

const WEBHOOKS = {
  ...{ url: 'https://api.example.com/webhooks', each: 'webhooks', id: 'id', address: 'url', topics: 'topic' },
  ...{ needs: 'a key', todo: 'Look there' },
};
const load = (over: object) => messages(loadThin({ webhooks: { ...WEBHOOKS, ...over } }).problems);

describe('a platform file', () => {
  test('that is right is no mistake', () => {
    const mend = { url: 'https://api.example.com/webhooks/{id}', body: { on: true }, needs: 'a key' };
    expect(load({ active: { state: 'on' }, mend })).toEqual([]);
  });

  test.each([
    ['does not say where to look', { todo: undefined }, 'todo'],
    ['takes its host from data', { url: 'https://{$page}/webhooks' }, 'must not take its host from data'],
    [
      'sends keys to a host that the webhook names',
      { mend: { url: 'https://{url}', body: {}, needs: 'a' } },
      'must not take its host from data',
    ],
    ['has a mistake in an expression', { address: '$nothing(' }, ''],
    ['wants to switch on what nobody can', { mends: true }, 'nobody can switch webhooks of this platform on again'],
  ])('which %s is told', (_, over, message) => {
    expect(load(over)).not.toEqual([]);
    expect(load(over).join('\n')).toContain(message);
  });
});

test('a store says mend or off of the webhooks of its platform', async () => {
  const settings = { shop_domain: 'lamps.example', consumer_key: 'ck', consumer_secret: 'cs' };
  const of = async (webhooks: unknown) =>
    (await buildStore('woocommerce', {}, { ...settings, webhooks })).sources.get('woocommerce')?.webhooks;
  expect(await of('mend')).toMatchObject({ mends: true });
  expect(await of({})).toMatchObject({ mends: false });
  expect(await of('off')).toBeUndefined();
  await expect(buildStore('stripe', {}, { webhooks: 'mend' })).rejects.toThrow('on again from here');
  await expect(buildStore('hubspot', {}, { webhooks: 'mend' })).rejects.toThrow('cannot be asked for its webhooks');
  await expect(buildStore('woocommerce', {}, { webhooks: 'on' })).rejects.toThrow('write mend, off, or a table');
});
