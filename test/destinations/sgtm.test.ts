// The sGTM destination: one JSON object for the Data Client.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/event.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { bodyOf, DAY, HOUR, NOW, order, PLACED } from './example.ts';
import { request } from './sgtm-example.ts';

const sent = (event: Event, more: object = {}, now = NOW) => bodyOf(request(event, more, now));

const web = order({
  action_source: 'website',
  ip_override: '203.0.113.7',
  user_agent: 'Mozilla/5.0',
  language: 'en',
  page_location: 'https://shop.example.com/?utm_source=fb&fbclid=AbCd&x=1',
  fbc: 'fb.1.1554763741205.AbCd',
  fbp: 'fb.1.1558571054389.1098115397',
  gclid: 'CjwK',
  provenance: { gclid: { from: 'capture', seen_at: '2025-11-26T20:03:11Z' } },
  consent: {
    ad_storage: 'granted',
    ad_user_data: 'granted',
    ad_personalization: 'denied',
    analytics_storage: 'unknown',
  },
});

describe('a Data Client request', () => {
  it('of a web order is the documented superset', () => {
    const made = request(web);
    expect(made.url).toBe('https://sst.shop.example/data');
    expect(made.headers).toEqual({ 'content-type': 'application/json' });
    expect(bodyOf(made)).toEqual({
      event_name: 'purchase',
      event_id: '1001',
      event_time: 1795010605,
      timestamp: 1795010605,
      conversion_happened_at: 1795010605_000,
      action_source: 'website',
      client_id: '1380133182.1764792191',
      ga_session_id: '1795009000',
      user_id: 'cust-42',
      external_id: 'cust-42',
      page_location: 'https://shop.example.com/?utm_source=fb&x=1',
      page_hostname: 'shop.example.com',
      ip_override: '203.0.113.7',
      user_agent: 'Mozilla/5.0',
      language: 'en',
      transaction_id: '1001',
      order_id: '1001',
      value: 119.9,
      currency: 'USD',
      tax: 0,
      shipping: 10,
      items: [{ item_id: 'SKU-1', item_name: 'Widget', price: 59.95, quantity: 2 }],
      user_data: {
        email_address: 'john_smith@gmail.com',
        phone_number: '+16505551212',
        sha256_email_address: '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
        sha256_phone_number: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
        address: {
          first_name: 'john',
          last_name: 'smith',
          city: 'menlo park',
          region: 'ca',
          postal_code: '94025',
          country: 'us',
        },
      },
      common_cookie: {
        _fbc: 'fb.1.1554763741205.AbCd',
        _fbp: 'fb.1.1558571054389.1098115397',
        _gcl_aw: 'GCL.1764187391.CjwK',
      },
      'x-fb-ck-fbc': 'fb.1.1554763741205.AbCd',
      'x-fb-ck-fbp': 'fb.1.1558571054389.1098115397',
      gclid: 'CjwK',
      consent_state: { ad_storage: true, ad_user_data: true, ad_personalization: false },
      'x-ga-gcs': 'G11-',
    });
  });

  it('always says who the visitor was not, so that the container does not take this server for them', () => {
    expect(sent(order())).toMatchObject({ ip_override: '0.0.0.0', user_agent: 'tagbridge' });
  });

  it('says the time in milliseconds too, for the LinkedIn tag that takes seconds for a day of 1970', () => {
    const { event_time, conversion_happened_at } = sent(order({ event_time: '2026-11-18T14:03:25.250Z' }));
    expect([event_time, conversion_happened_at]).toEqual([1795010605, 1795010605_250]);
  });

  it('names the order as the browser did under both names, because tags for Google Ads read order_id first', () => {
    const renamed = order({ order_id: '700', transaction_id: '000000700' });
    expect(sent(renamed)).toMatchObject({ transaction_id: '000000700', order_id: '000000700' });
    const deal = order({ name: 'close_convert_lead', order_id: '700', transaction_id: undefined });
    expect(sent(deal)).toMatchObject({ order_id: '700' });
    expect(sent(deal)).not.toHaveProperty('transaction_id');
  });

  it.each([
    ['granted', 'granted', 'G111'],
    ['denied', 'granted', 'G101'],
    ['granted', 'denied', 'G110'],
    ['denied', 'denied', 'G100'],
    ['denied', 'unknown', 'G10-'],
    ['unknown', undefined, undefined],
  ] as const)('with ads %s and analytics %s says the consent as a browser would: %s', (ads, analytics, expected) => {
    const event = order({ consent: { ad_storage: ads, analytics_storage: analytics } });
    expect(sent(event)['x-ga-gcs']).toBe(expected);
  });

  it('without a client id has the derived one, the same for every event of a customer', () => {
    const { client_id } = sent(order({ client_id: undefined }));
    expect(client_id).toMatch(/^\d+\.\d+$/);
    expect(sent(order({ client_id: undefined, name: 'refund' })).client_id).toBe(client_id);
  });

  it('leaves out what is not known', () => {
    const bare = sent({ name: 'generate_lead', event_time: PLACED });
    expect(bare.action_source).toBe('other');
    expect(Object.keys(bare).sort()).toEqual([
      'action_source',
      'client_id',
      'conversion_happened_at',
      'event_name',
      'event_time',
      'ip_override',
      'timestamp',
      'user_agent',
    ]);
  });

  it('has a session id only while it can be true', () => {
    expect(sent(order(), {}, 1795009000_000 + DAY)).toHaveProperty('ga_session_id');
    expect(sent(order(), {}, 1795009000_000 + DAY + 1)).not.toHaveProperty('ga_session_id');
  });

  it('of an event that tells of several streams has the latest session, or that of the stream it is said to be for', () => {
    const event = order({ session_id: '1795009001', session_ids: 'ABC=1795009000,OTHER1=1795009001' });
    expect(sent(event).ga_session_id).toBe('1795009001');
    const made = request(event, { measurement_id: 'G-ABC' });
    expect(bodyOf(made).ga_session_id).toBe('1795009000');
    expect(made.url).toBe('https://sst.shop.example/data');
  });

  it.each([
    ['https://shop.example.com/?fbclid=AbCd', 'https://shop.example.com/'],
    ['https://shop.example.com/?fbclid=AbCd#top', 'https://shop.example.com/#top'],
    ['https://shop.example.com/?a=1&fbclid=AbCd', 'https://shop.example.com/?a=1'],
    ['https://shop.example.com/?fbclid=AbCd&a=1', 'https://shop.example.com/?a=1'],
    ['https://shop.example.com/?a=1', 'https://shop.example.com/?a=1'],
    ['https://shop.example.com/?fbclid=AbCd&fbclid=EfGh', 'https://shop.example.com/'],
    ['https://shop.example.com/?fbclid=AbCd&fbclid=EfGh&a=1#top', 'https://shop.example.com/?a=1#top'],
  ])('with a click id sends the page %s as %s', (page_location, expected) => {
    expect(sent(order({ fbc: 'fb.1.1554763741205.AbCd', page_location })).page_location).toBe(expected);
  });

  it('has no click of the future, where the clock of a sender runs ahead', () => {
    const ahead = new Date(NOW + HOUR).toISOString();
    const { common_cookie } = sent(order({ event_time: ahead, gclid: 'Cj0K', fbclid: 'IwAR0' }));
    expect(common_cookie).toEqual({ _fbc: `fb.1.${NOW}.IwAR0`, _gcl_aw: `GCL.${NOW / 1000}.Cj0K` });
  });

  it('of value 0 has no prices, because the client would add them up', () => {
    const free = sent(order({ value: 0 }));
    expect(free.value).toBe(0);
    expect(free.items).toEqual([{ item_id: 'SKU-1', item_name: 'Widget', quantity: 2 }]);
  });

  it('has only items with an id or a name, and none that were removed', () => {
    const items = [
      { price: 10, quantity: 2 },
      { item_id: 'A', quantity: 0 },
      { item_name: 'Bulb', quantity: 0.5 },
    ];
    expect(sent(order({ items })).items).toEqual([{ item_name: 'Bulb', quantity: 0.5 }]);
    expect(sent(order({ items: [{ price: 10 }] }))).not.toHaveProperty('items');
  });

  it('names the CRM’s lead id differently from Meta’s, which tags would mix up', () => {
    const lead = order({ name: 'generate_lead', lead_id: 'deal-7', meta_lead_id: '123456789012345' });
    expect(sent(lead)).toMatchObject({ lead_id: '123456789012345', crm_lead_id: 'deal-7' });
    expect(sent(order({ name: 'generate_lead', lead_id: 'deal-7' }))).not.toHaveProperty('lead_id');
  });

  it('gives each refund of an order an id of its own', () => {
    const first = sent(order({ name: 'refund' })).event_id;
    const second = sent(order({ name: 'refund', event_time: '2026-11-18T14:04:00Z' })).event_id;
    expect(first).not.toBe(second);
    expect(sent(order({ name: 'refund', event_id: 'refund-9' })).event_id).toBe('refund-9');
  });

  it('carries the store’s own parameters, which replace nothing', () => {
    const made = sent(order({ custom: { margin: 5, value: 1, ip_override: '198.51.100.1', empty: '' } }));
    expect(made).toMatchObject({ margin: 5, value: 119.9, ip_override: '0.0.0.0' });
    expect(made).not.toHaveProperty('empty');
  });

  it('with hashed user data has no plain person in it', () => {
    const event = order({ custom: { note: 'for john_smith@gmail.com' }, user_id: 'john_smith@gmail.com' });
    const made = request(event, { user_data: 'hashed' });
    expect(made.body).not.toMatch(/john|smith|650555/i);
    expect(bodyOf(made).user_data).toMatchObject({
      sha256_email_address: '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
      sha256_phone_number: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
      phone_number: sha256('16505551212'),
      address: { sha256_first_name: sha256('john'), city: 'menlo park', country: 'US' },
    });
  });

  it('has the store’s headers, for a secret or the preview', () => {
    const headers = { 'X-Bridge-Token': 'abc', 'X-Gtm-Server-Preview': 'ZW52LTF8' };
    expect(request(order(), { headers }).headers).toEqual({ ...headers, 'content-type': 'application/json' });
  });

  it('goes to /data when the URL has no path, and keeps any other path and query', () => {
    expect(request(order(), { url: 'https://sst.shop.example' }).url).toBe('https://sst.shop.example/data');
    expect(request(order(), { url: 'https://sst.shop.example/s3cret?v=2' }).url).toBe(
      'https://sst.shop.example/s3cret?v=2',
    );
  });
});
