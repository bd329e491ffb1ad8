// The GA4 destination: the exact request it makes.
import { describe, expect, it } from 'vitest';
import { ga4 } from '../../src/destinations/ga4.ts';
import type { Event } from '../../src/event.ts';
import { bodyOf, DAY, ga4Settings, NOW, order } from './example.ts';

const request = (event: Event, now = NOW, more: object = {}) => ga4.build([event], ga4Settings(more), now);
const body = (event: Event, now = NOW, more: object = {}) => bodyOf(request(event, now, more));
const params = (event: Event, now = NOW) => body(event, now).events[0].params;

/** As printed in the worked example, in one line. */
const WORKED =
  '{"client_id":"1380133182.1764792191","user_id":"cust-42","timestamp_micros":1795010605000000,' +
  '"consent":{"ad_user_data":"GRANTED","ad_personalization":"GRANTED"},' +
  '"user_data":{"sha256_email_address":["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],' +
  '"sha256_phone_number":["1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8"],' +
  '"address":[{"sha256_first_name":"96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a",' +
  '"sha256_last_name":"6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd",' +
  '"city":"menlo park","region":"california","postal_code":"94025-1234","country":"US"}]},' +
  '"events":[{"name":"purchase","params":{"transaction_id":"1001","currency":"USD","value":119.9,"tax":0,"shipping":10,' +
  '"session_id":"1795009000","engagement_time_msec":1,' +
  '"items":[{"item_id":"SKU-1","item_name":"Widget","price":59.95,"quantity":2}]}}]}';
const WORKED_REFUND =
  '{"name":"refund","params":{"transaction_id":"1001","currency":"USD","value":59.95,' +
  '"items":[{"item_id":"SKU-1","quantity":1,"price":59.95}]}}';

const refund = order({
  name: 'refund',
  event_time: '2026-11-20T09:00:00Z',
  value: 59.95,
  tax: undefined,
  shipping: undefined,
  items: [{ item_id: 'SKU-1', quantity: 1, price: 59.95 }],
});
const NEXT_DAYS = Date.parse('2026-11-20T09:01:00Z');

describe('a GA4 request', () => {
  it('of the worked purchase is byte for byte the documented one', () => {
    const made = request(order());
    expect(made.url).toBe('https://www.google-analytics.com/mp/collect?measurement_id=G-ABC&api_secret=SECRET');
    expect(made.headers).toEqual({ 'content-type': 'application/json' });
    expect(made.body).toBe(WORKED);
  });

  it('has the measurement id as Google writes it, because Google says 2xx to an unknown one, too', () => {
    expect(request(order(), NOW, { measurement_id: 'g-abc' }).url).toBe(request(order()).url);
  });

  it('of the worked refund carries byte for byte the documented event', () => {
    const made = request(refund, NEXT_DAYS);
    expect(JSON.stringify(bodyOf(made).events[0])).toBe(WORKED_REFUND);
  });

  it('goes to the EU host when the region is eu', () => {
    expect(request(order(), NOW, { region: 'eu' }).url).toMatch(
      /^https:\/\/region1\.google-analytics\.com\/mp\/collect\?/,
    );
  });

  it('goes to the endpoint with the usual path when one is set', () => {
    expect(request(order(), NOW, { endpoint: 'http://127.0.0.1:9001/', region: 'eu' }).url).toBe(
      'http://127.0.0.1:9001/mp/collect?measurement_id=G-ABC&api_secret=SECRET',
    );
  });

  it('escapes the API secret in the URL', () => {
    expect(new URL(request(order(), NOW, { api_secret: 'a+b&c=d' }).url).searchParams.get('api_secret')).toBe(
      'a+b&c=d',
    );
  });

  it('of an order without items has an empty list of items', () => {
    expect(params(order({ items: undefined })).items).toEqual([]);
  });

  it('of a lead has no items and no transaction id', () => {
    const lead = order({
      name: 'disqualify_lead',
      transaction_id: undefined,
      items: undefined,
      tax: undefined,
      shipping: undefined,
      session_id: undefined,
      lead_source: 'Newsletter',
      lead_status: 'Cold',
      disqualified_lead_reason: 'No budget',
      unconvert_lead_reason: 'Too expensive',
    });
    expect(params(lead)).toEqual({
      currency: 'USD',
      value: 119.9,
      lead_source: 'Newsletter',
      lead_status: 'Cold',
      disqualified_lead_reason: 'No budget',
      unconvert_lead_reason: 'Too expensive',
      engagement_time_msec: 1,
    });
  });

  it('of a lead whose value has no currency goes without the value', () => {
    const made = params(order({ name: 'generate_lead', currency: undefined }));
    expect(made).not.toHaveProperty('value');
    expect(made).not.toHaveProperty('currency');
    expect(made).not.toHaveProperty('tax');
  });

  it('dates an event of the future to now', () => {
    expect(body(order({ event_time: '2026-11-18T14:30:00Z' })).timestamp_micros).toBe(NOW * 1000);
  });

  it('has the buyer’s address and browser only when they are known', () => {
    expect(body(order())).not.toHaveProperty('ip_override');
    expect(body(order())).not.toHaveProperty('user_agent');
    const known = body(order({ ip_override: '203.0.113.7', user_agent: 'Mozilla/5.0' }));
    expect(known).toMatchObject({ ip_override: '203.0.113.7', user_agent: 'Mozilla/5.0' });
    expect(body(order({ user_agent: 'Seeker/1.0; bot@seeker.example' }))).not.toHaveProperty('user_agent');
  });

  it('leaves out what is no IP address', () => {
    expect(body(order({ ip_override: '203.0.113.7, 10.0.0.1' }))).not.toHaveProperty('ip_override');
  });

  it('says DENIED for denied consent and nothing for unknown consent', () => {
    const consent = { ad_user_data: 'denied', ad_personalization: 'unknown' } as const;
    expect(body(order({ consent })).consent).toEqual({ ad_user_data: 'DENIED' });
    expect(body(order({ consent: undefined }))).not.toHaveProperty('consent');
  });

  it('carries no user data when that or ads are denied, or user_data is off', () => {
    expect(body(order({ consent: { ad_user_data: 'denied' } }))).not.toHaveProperty('user_data');
    expect(body(order({ consent: { ad_storage: 'denied' } }))).not.toHaveProperty('user_data');
    expect(body(order({ consent: { ad_storage: 'denied', ad_user_data: 'granted' } }))).not.toHaveProperty('user_data');
    expect(body(order({ consent: { ad_personalization: 'denied' } }))).toHaveProperty('user_data');
    expect(body(order(), NOW, { user_data: false })).not.toHaveProperty('user_data');
  });

  it('leaves out a user id that is an e-mail address or longer than 256 characters', () => {
    expect(body(order({ user_id: 'jane@example.com' }))).not.toHaveProperty('user_id');
    expect(body(order({ user_id: 'x'.repeat(257) }))).not.toHaveProperty('user_id');
  });

  it('carries utm fields and click ids nowhere', () => {
    const made = request(order({ utm_source: 'spring-mail', gclid: 'CjwKexample' })).body;
    expect(made).not.toContain('spring-mail');
    expect(made).not.toContain('CjwKexample');
  });
});

describe('a GA4 session id', () => {
  const START = 1795009000 * 1000;

  it('goes along until 24 hours after the session began, and not later', () => {
    expect(params(order(), START + DAY).session_id).toBe('1795009000');
    expect(params(order(), START + DAY + 1)).not.toHaveProperty('session_id');
  });

  it('stays away from an event that happened before the session', () => {
    expect(params(order({ event_time: new Date(START - 1).toISOString() }))).not.toHaveProperty('session_id');
  });

  const streams = (sessions: string) => ({ session_id: '1795009001', session_ids: sessions });

  it('of an event that tells of several streams is that of its own stream', () => {
    const made = params(order(streams('ABC=1795009000,OTHER1=1795009001')));
    expect(made.session_id).toBe('1795009000');
    const lower = ga4.build(
      [order(streams('ABC=1795009000,OTHER1=1795009001'))],
      ga4Settings({ measurement_id: 'g-abc' }),
      NOW,
    );
    expect(lower.body).toContain('"session_id":"1795009000"');
  });

  it.each([
    ['its own is too old', 'ABC=1794500000,OTHER1=1795009001'],
    ['all are of others', 'OTHER2=1795009000,OTHER1=1795009001'],
  ])('stays away where %s', (_, sessions) => {
    expect(params(order(streams(sessions)))).not.toHaveProperty('session_id');
  });

  it('that the store’s own mapping chose goes before those of the streams', () => {
    const chosen = { session_ids: 'ABC=1795009000,OTHER1=1795009001' };
    expect(params(order({ ...chosen, session_id: '1795009002' })).session_id).toBe('1795009002');
    expect(params(order({ ...chosen, session_id: undefined }))).not.toHaveProperty('session_id');
  });

  it('stays away when it is no time', () => {
    expect(params(order({ session_id: '42' }))).not.toHaveProperty('session_id');
    expect(params(order({ session_id: 'abc' }))).not.toHaveProperty('session_id');
  });
});

describe('GA4 client ids', () => {
  it('that are missing are derived alike for every event of a customer', () => {
    const first = body(order({ client_id: undefined }));
    const second = body(order({ client_id: undefined, order_id: '1002', transaction_id: '1002' }));
    expect(first.client_id).toMatch(/^\d{1,10}\.1[5-6]\d{8}$/);
    expect(second.client_id).toBe(first.client_id);
  });

  it('that are missing are derived from the order when nobody is known', () => {
    const stranger = { client_id: undefined, external_id: undefined, user_id: undefined, user_data: undefined };
    const first = body(order(stranger)).client_id;
    expect(body(order({ ...stranger, name: 'refund' })).client_id).toBe(first);
    expect(body(order({ ...stranger, order_id: '1002' })).client_id).not.toBe(first);
  });

  it('that are missing make the event skipped where the store wants that', () => {
    const skip = ga4Settings({ without_client_id: 'skip' });
    expect(ga4.wants(order({ client_id: undefined }), skip, NOW)?.reason).toContain('client id');
    expect(ga4.wants(order(), skip, NOW)).toBeUndefined();
  });

  it('with spaces or an e-mail address are not taken', () => {
    expect(body(order({ client_id: 'jane@example.com' })).client_id).toMatch(/^\d+\.\d+$/);
    expect(body(order({ client_id: 'a b' })).client_id).toMatch(/^\d+\.\d+$/);
  });
});

describe('GA4 limits', () => {
  it('cut texts to 100 characters, longer ones of pages to theirs, and no character in half', () => {
    const long = 'x'.repeat(2000);
    const made = params(
      order({
        coupon: long,
        custom: { note: `${'y'.repeat(99)}😀`, page_title: long, page_referrer: long, page_location: long },
      }),
    );
    expect(made.coupon).toHaveLength(100);
    expect(made.note).toBe('y'.repeat(99));
    expect(made.page_title).toHaveLength(300);
    expect(made.page_referrer).toHaveLength(420);
    expect(made.page_location).toHaveLength(1000);
  });

  it('keep 25 parameters, the store’s own last', () => {
    const custom = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`own_${n}`, n]));
    const made = params(order({ custom }));
    expect(Object.keys(made).length).toBeLessThanOrEqual(25);
    expect(made.value).toBe(119.9);
    expect(made.own_0).toBe(0);
  });

  it('keep reserved, malformed and already used names out', () => {
    const custom = {
      _x: 1,
      ga_x: 1,
      google_x: 1,
      firebase_x: 1,
      'gtag.x': 1,
      firebase_conversion: 1,
      'a-b': 1,
      value: 7,
      items: 'x',
      fine: 1,
    };
    const made = params(order({ custom }));
    expect(Object.keys(made).sort()).toEqual(Object.keys({ ...params(order()), fine: 1 }).sort());
    expect(made.value).toBe(119.9);
  });

  it('turn true and false into text', () => {
    expect(params(order({ custom: { gift: true } })).gift).toBe('true');
  });

  it('keep texts with an e-mail address out', () => {
    const made = params(order({ coupon: 'for jane@example.com', custom: { note: 'mail jane%40example.com' } }));
    expect(made).not.toHaveProperty('coupon');
    expect(made).not.toHaveProperty('note');
  });

  it('keep 200 items, and only those with an id or a name', () => {
    const items = [{ price: 1 }, ...Array.from({ length: 300 }, (_, n) => ({ item_name: `n${n}` }))];
    expect(params(order({ items })).items).toHaveLength(199);
  });

  it('keep items that were removed out, which Google may take for one piece', () => {
    const items = [{ item_id: 'A', quantity: 0, price: 5 }, { item_id: 'B', quantity: -1 }, { item_id: 'C' }];
    expect(params(order({ items })).items).toEqual([{ item_id: 'C' }]);
  });

  it('keep a body of 200 long items under 130 kB', () => {
    const long = '漢'.repeat(100);
    const items = Array.from({ length: 200 }, () => ({
      item_id: long,
      item_name: long,
      item_brand: long,
      item_category: long,
    }));
    const made = request(order({ items }));
    expect(Buffer.byteLength(made.body)).toBeLessThan(130_000);
    expect(bodyOf(made).events[0].params.items.length).toBeGreaterThan(50);
  });
});
