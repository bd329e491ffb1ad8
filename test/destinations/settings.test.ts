// Settings of destinations: what may be written, and what people are told when it is wrong.
import { describe, expect, it } from 'vitest';
import { destinations } from '../../src/destinations/index.ts';
import { GOOGLE_PERSON } from './example.ts';

const GOOD: Record<string, object> = {
  ga4: { measurement_id: 'G-ABC', api_secret: 's' },
  meta: { pixel_id: '1234567890', access_token: 't' },
  sgtm: { url: 'https://sst.shop.example/data' },
  google_ads: { customer_id: '123-456-7890', conversion_actions: { purchase: '9' }, ...GOOGLE_PERSON },
  tiktok: { pixel_id: 'CTEST0PIXEL0LAMPS000', access_token: 't' },
};
/** Without the person of the example. */
const NOBODY = { client_id: undefined, client_secret: undefined, refresh_token: undefined };
const named = (name: string) => {
  const found = destinations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no destination ${name}`);
  return found;
};
const complaints = (name: string, changes: object) => {
  const result = named(name).settings.safeParse({ ...GOOD[name], ...changes });
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
};

describe('settings', () => {
  it.each(destinations.map(({ name }) => name))('of %s need no more than the account', (name) => {
    expect(complaints(name, {})).toEqual([]);
  });

  it.each([
    ['ga4', { measurement_id: '12345' }, /^measurement_id must look like G-ABC123; it is shown in GA4/],
    ['ga4', { api_secret: '' }, /^api_secret is empty; create one/],
    ['ga4', { region: 'us' }, /^region is eu/],
    ['ga4', { endpoint: 'ftp://x.example' }, /^endpoint must be a web address/],
    ['ga4', { endpoint: 'https://x.example/mp/collect' }, /^endpoint must end after the host/],
    ['ga4', { without_client_id: 'guess' }, /^without_client_id is derive/],
    ['ga4', { user_data: 'yes' }, /^user_data is true or false/],
    ['ga4', { mesurement_id: 'G-1' }, /mesurement_id/],
    ['meta', { pixel_id: 'my pixel' }, /^pixel_id is the number shown in Events Manager/],
    ['meta', { pixel_id: true }, /^pixel_id is the number shown in Events Manager/],
    ['meta', { access_token: '' }, /^access_token is empty/],
    ['meta', { api_version: '25' }, /^api_version must look like v25.0/],
    ['meta', { test_event_code: 'TEST1' }, /test_event_code/],
    ['meta', { data_processing_options: ['LDW'] }, /LDU/],
    ['meta', { data_processing_options_state: 1000 }, /^data_processing_options_state needs/],
    ['sgtm', { url: 'sst.shop.example' }, /^url must be a web address/],
    ['sgtm', { url: 'https://me:pw@sst.shop.example/data' }, /^url must be a web address/],
    ['sgtm', { format: 'measurement_protocol' }, /^measurement_id is needed/],
    ['sgtm', { api_secret: 's' }, /^api_secret is only for format: measurement_protocol/],
    ['sgtm', { headers: { 'X-Token': 'a\r\nb' } }, /^headers.X-Token must be one line/],
    ['sgtm', { headers: { Host: 'other.example' } }, /^headers.Host is set by tagbridge/],
    [
      'google_ads',
      { customer_id: undefined },
      /^customer_id is missing; it is the number shown at the top right of Google Ads/,
    ],
    ['google_ads', { customer_id: '12345' }, /^customer_id is the number shown at the top right of Google Ads/],
    ['google_ads', { login_customer_id: 'my manager' }, /^login_customer_id is the number shown/],
    ['google_ads', { conversion_actions: {} }, /^conversion_actions names 1 to 10 events/],
    [
      'google_ads',
      { conversion_actions: { purchase: 'Purchase' } },
      /^conversion_actions.purchase is the number behind ctId=/,
    ],
    ['google_ads', { conversion_actions: { purchases: '9' } }, /^conversion_actions.purchases is no standard event/],
    ['google_ads', { refresh_token: undefined }, /^service_account is missing; give the key of a service account, or/],
    ['google_ads', { refresh_token: '' }, /^refresh_token is empty/],
    ['google_ads', { ...NOBODY, service_account: '{"type":"service_account"}' }, /^service_account is no key file/],
    ['google_ads', { ...NOBODY, service_account: 'my key' }, /^service_account is no key file/],
    ['google_ads', { service_account: '***' }, /^service_account takes no client_id, client_secret and refresh_token/],
    ['google_ads', { user_data: 'yes' }, /^user_data is true or false/],
    ['tiktok', { pixel_id: 'my pixel' }, /^pixel_id is the ID that Events Manager shows/],
    ['tiktok', { pixel_id: 2 ** 62 }, /^pixel_id is the ID .* put it in quotes$/],
    ['tiktok', { access_token: '' }, /^access_token is empty/],
    [
      'tiktok',
      { event_source: 'crm', limited_data_use: true },
      /^limited_data_use is for event_source: web alone.*, so take it out$/,
    ],
    ['tiktok', { access_token: 'abc def' }, /^access_token has a character that no token has/],
    ['tiktok', { access_token: 'CTEST0PIXEL0LAMPS000' }, /^access_token is the pixel id/],
    ['tiktok', { event_source: 'website' }, /^event_source is web, offline or crm/],
    ['tiktok', { names: 'old' }, /^names is current or former/],
    ['tiktok', { limited_data_use: 'LDU' }, /^limited_data_use is true or false/],
    ['tiktok', { test_event_code: 'TEST1' }, /test_event_code/],
  ])('of %s with %o are refused in words a marketer can act on', (name, changes, message) => {
    expect(complaints(name, changes)).toEqual([expect.stringMatching(message)]);
  });

  it('take a pixel id written as a number', () => {
    expect(named('meta').settings.parse({ ...GOOD.meta, pixel_id: 1234567890 })).toMatchObject({
      pixel_id: '1234567890',
    });
  });

  it('name the account without secrets', () => {
    for (const [name, settings] of Object.entries({ ...GOOD, sgtm: { url: 'https://sst.shop.example/s3cret-path' } })) {
      const destination = named(name);
      const account = destination.account(destination.settings.parse(settings));
      expect(account).toMatch(
        /^(G-ABC|1234567890|sst\.shop\.example|google_ads\/1234567890|tiktok\/CTEST0PIXEL0LAMPS000)$/,
      );
    }
  });

  it('name as secret everything that is one', () => {
    expect(Object.fromEntries(destinations.map(({ name, secrets }) => [name, secrets]))).toEqual({
      ga4: ['api_secret', 'service_account'],
      meta: ['access_token', 'app_secret'],
      sgtm: ['api_secret', 'headers', 'service_account'],
      google_ads: ['service_account', 'client_secret', 'refresh_token'],
      tiktok: ['access_token'],
    });
  });
});
