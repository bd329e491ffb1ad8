// The phone order of the fact sheet's worked examples, and settings for each destination.
import { ga4 } from '../../src/destinations/ga4.ts';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { meta } from '../../src/destinations/meta.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { Event } from '../../src/event.ts';

export const PLACED = '2026-11-18T14:03:25Z';
export const NOW = Date.parse('2026-11-18T14:10:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An order of Meta's and Google's documentation customer, by phone, with the ids of an earlier visit. */
export const phoneOrder: Event = {
  name: 'purchase',
  event_time: PLACED,
  action_source: 'phone_call',
  transaction_id: '1001',
  order_id: '1001',
  currency: 'USD',
  value: 119.9,
  tax: 0,
  shipping: 10,
  items: [{ item_id: 'SKU-1', item_name: 'Widget', price: 59.95, quantity: 2 }],
  user_data: {
    email_address: '  John_Smith@gmail.com ',
    phone_number: '+1 (650) 555-1212',
    address: {
      first_name: 'John',
      last_name: 'Smith',
      city: 'Menlo Park',
      region: 'California',
      postal_code: '94025-1234',
      country: 'US',
    },
  },
  user_id: 'cust-42',
  external_id: 'cust-42',
  client_id: '1380133182.1764792191',
  session_id: '1795009000',
  consent: { ad_user_data: 'granted', ad_personalization: 'granted' },
};

/** A copy of the phone order with other fields; a field set to undefined is left out. */
export function order(changes: { [K in keyof Event]?: Event[K] | undefined } = {}): Event {
  const changed = Object.entries({ ...phoneOrder, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(changed) as Event;
}

export const ga4Settings = (more: object = {}) =>
  ga4.settings.parse({ measurement_id: 'G-ABC', api_secret: 'SECRET', ...more });
export const metaSettings = (more: object = {}) =>
  meta.settings.parse({ pixel_id: '1234567890', access_token: 'EAAtoken', ...more });
export const sgtmSettings = (more: object = {}) =>
  sgtm.settings.parse({ url: 'https://sst.shop.example/data', ...more });
export const tiktokSettings = (more: object = {}) =>
  tiktok.settings.parse({ pixel_id: 'CTEST0PIXEL0LAMPS000', access_token: 'tiktok-token', ...more });
/** Who the bridge is to Google; nobody has this token. */
export const GOOGLE_PERSON = { client_id: 'client', client_secret: 'client-secret', refresh_token: '1//refresh-token' };
export const googleAdsSettings = (more: object = {}) =>
  googleAds.settings.parse({
    customer_id: '123-456-7890',
    conversion_actions: { purchase: '987654321', generate_lead: '22', close_convert_lead: '33' },
    ...GOOGLE_PERSON,
    ...more,
  });

/** The only event's body, parsed, as tests look at it. */
// biome-ignore lint/suspicious/noExplicitAny: tests read deep into JSON that they are about to check
export const bodyOf = (request: { body: string }): any => JSON.parse(request.body);
