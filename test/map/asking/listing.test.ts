// What platform files may say of lists, and what they ask for: mistakes at their place, credentials where they belong.
import { describe, expect, test } from 'vitest';
import { askNext, askPage, readPage } from '../../../src/map/asking/listing.ts';
import { requestOf, tokenRequestOf } from '../../../src/map/asking/lookup-request.ts';
import { buildStore } from '../../support/stores.ts';
import { loadThin, messages, thinSource } from '../../support/thin.ts';

const ORDERS = { about: 'orders', url: 'https://api.example.com/orders', each: { paid: 'orders' }, id: 'id' };
const HEADED = { hook: { topic: '$headers."x-topic"' } };
const load = (over: object, more: object = HEADED) =>
  messages(loadThin({ ...more, reconcile: { orders: { ...ORDERS, ...over } } }).problems);
const STRETCH = { since: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 0, 2) };

describe('a list of a platform file', () => {
  test('that is right is no mistake', () => {
    expect(load({ auth: { bearer: 'api_token' }, next: '$headers.link', changed: 'updated_at' })).toEqual([]);
  });

  test.each([
    ['names a setting that is not there', { auth: { bearer: 'token' } }, 'there is no setting token'],
    ['takes its host from data', { url: 'https://{$page}/orders' }, 'must not take its host from data'],
    [
      'takes its host from a setting that is no host',
      { url: 'https://{$settings.region}/orders' },
      'must not take its host',
    ],
    ['has a body and is asked for by GET', { body: { since: '{$since}' } }, 'a GET has no body'],
    ['names no topic', { each: {} }, 'name at least one topic'],
    ['has a mistake in an expression', { id: '$nothing(' }, ''],
  ])('which %s is a mistake', (_, over, message) => {
    expect(load(over).join('\n')).toContain(message);
    expect(load(over)).not.toEqual([]);
  });

  test('of a platform whose topic stands in the body gives hooks as they come, each with the topic it says', async () => {
    const list = { ...ORDERS, each: { '*': 'events' }, next: "$url & '&after=' & $max(events.id)" };
    const source = thinSource({ hook: { topic: 'type' }, reconcile: { orders: list } }, { api_token: '${CRM_TOKEN}' });
    const [listing] = source.listings;
    if (listing === undefined) throw new Error('there is no list');
    const answer = { events: [{ id: 1, type: 'paid' }, { id: 2 }] };
    const url = 'https://api.example.com/orders?limit=2';
    expect(await readPage(source, listing, answer, { headers: {}, page: 1, url })).toMatchObject({
      records: [
        { topic: 'paid', id: '1' },
        { topic: '*', id: '2' },
      ],
      next: { url: `${url}&after=2` },
    });
  });

  test('is taken away by off, and changed key by key', () => {
    const settings = { api_token: '${CRM_TOKEN}' };
    const over = { ...HEADED, reconcile: { orders: ORDERS } };
    expect(thinSource(over, { ...settings, reconcile: { orders: 'off' } }).listings).toEqual([]);
    const [changed] = thinSource(over, { ...settings, reconcile: { orders: { about: 'sales' } } }).listings;
    expect(changed?.about).toBe('sales');
  });

  test('that is off by itself is asked for where a store names it', () => {
    const over = { ...HEADED, reconcile: { orders: { ...ORDERS, enabled: false } } };
    const named = (reconcile?: object) =>
      thinSource(over, { api_token: '${CRM_TOKEN}', ...(reconcile && { reconcile }) }).listings.map(
        ({ about }) => about,
      );
    expect(named()).toEqual([]);
    expect(named({ orders: 'on' })).toEqual(['orders']);
    expect(named({ orders: { about: 'sales' } })).toEqual(['sales']);
    expect(named({ orders: { about: 'sales', enabled: false } })).toEqual([]);
  });
});

describe('an answer of Pipedrive', () => {
  test.each([
    [{ success: true, data: [] }, { records: [] }],
    [{ success: true, data: null }, { records: [] }],
    [{ success: false }, { problem: 'the answer holds no list' }],
  ])('%j is an empty list only where it says success', async (answer, expected) => {
    const over = { user: 'bridge', api_token: 'made-up', reconcile: { deals: 'on' } };
    const source = (await buildStore('pipedrive', {}, over)).sources.get('pipedrive');
    const [listing] = source?.listings ?? [];
    if (source === undefined || listing === undefined) throw new Error('there is no list');
    const url = 'https://api.pipedrive.com/api/v2/deals?limit=200';
    expect(await readPage(source, listing, answer, { headers: {}, page: 1, url })).toMatchObject(expected);
  });
});

describe('the question for a page', () => {
  const of = async (platform: string, settings: object) => {
    const source = (await buildStore(platform, {}, { ...settings })).sources.get(platform);
    const [listing] = source?.listings ?? [];
    if (source === undefined || listing === undefined) throw new Error('there is no list');
    const asked = await askPage(source, listing, STRETCH, 1);
    return { source, asked };
  };

  test('goes to the shop that the settings name, and is none without them', async () => {
    const { asked } = await of('shopify', { shop_domain: 'lamps.myshopify.com', api_token: 'made-up' });
    expect(asked).toMatchObject({ url: expect.stringMatching(/^https:\/\/lamps\.myshopify\.com\/admin\/api\//) });
    expect((await of('shopify', { shop_domain: 'lamps.myshopify.com' })).asked).toBeUndefined();
    expect((await of('woocommerce', { consumer_key: 'a', consumer_secret: 'b' })).asked).toBeUndefined();
    const bakery = await of('woocommerce', { shop_domain: 'bakery.example', consumer_key: 'a', consumer_secret: 'b' });
    expect(bakery.asked).toMatchObject({
      url: expect.stringContaining(
        'https://bakery.example/wp-json/wc/v3/orders?modified_after=2025-12-31T23%3A59%3A59&modified_before=2026-01-02T00%3A00%3A00&',
      ),
    });
  });

  test('goes to the folder of the domain in which the shop lies', async () => {
    const settings = { shop_domain: 'bakery.example/nl/shop', consumer_key: 'a', consumer_secret: 'b' };
    expect((await of('woocommerce', settings)).asked).toMatchObject({
      url: expect.stringContaining('https://bakery.example/nl/shop/wp-json/wc/v3/orders?'),
    });
  });

  test('of Magento is about all store views, or those that the settings name', async () => {
    const settings = { shop_domain: 'teapots.example', api_token: 'made-up' };
    const asked = async (over: object) => {
      const question = (await of('magento', { ...settings, ...over })).asked;
      if (question === undefined || 'problem' in question) throw new Error('nothing is asked');
      const { searchParams } = new URL(question.url);
      const filter = (part: string) => searchParams.get(`searchCriteria[filter_groups][2][filters][0][${part}]`);
      return [filter('field'), filter('condition_type'), filter('value')];
    };
    expect(await asked({})).toEqual(['store_id', 'gteq', '0']);
    expect(await asked({ store_ids: '1,3' })).toEqual(['store_id', 'in', '1,3']);
  });

  test('goes to no other host than the vendor’s, where the vendor has one', async () => {
    const { asked } = await of('shopify', { shop_domain: 'lamps.example', api_token: 'made-up' });
    expect(asked).toEqual({ problem: 'its host is not one of myshopify.com' });
  });

  test('gets its token by client credentials, and sends it in the header that takes it', async () => {
    const credentials = { client_id: 'made-up-id', client_secret: 'made-up-secret' };
    const { source, asked } = await of('shopify', { shop_domain: 'lamps.myshopify.com', ...credentials });
    if (asked === undefined || 'problem' in asked) throw new Error('nothing is asked');
    expect(tokenRequestOf(asked, source.settings)).toMatchObject({
      url: 'https://lamps.myshopify.com/admin/oauth/access_token',
      body: 'grant_type=client_credentials&client_id=made-up-id&client_secret=made-up-secret',
    });
    const { headers } = requestOf(asked, source.settings, 'given');
    expect(headers).toEqual({ accept: 'application/json', 'x-shopify-access-token': 'given' });
  });

  test('follows an answer to a page of the same host alone', async () => {
    const { asked } = await of('shopify', { shop_domain: 'lamps.myshopify.com', api_token: 'made-up' });
    if (asked === undefined || 'problem' in asked) throw new Error('nothing is asked');
    const next = 'https://lamps.myshopify.com/admin/api/2026-07/orders.json?page_info=abc';
    expect(askNext(asked, next)).toMatchObject({ url: next });
    for (const elsewhere of ['https://lamps.example/orders', 'http://lamps.myshopify.com/', '/orders.json'])
      expect(askNext(asked, elsewhere)).toEqual({ problem: 'the answer names a next page of another host' });
  });
});
