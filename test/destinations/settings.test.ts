// Settings of destinations: what may be written, and what people are told when it is wrong.
import { describe, expect, it } from 'vitest';
import { destinations } from '../../src/destinations/index.ts';

const GOOD: Record<string, object> = {
  ga4: { measurement_id: 'G-ABC', api_secret: 's' },
  meta: { pixel_id: '1234567890', access_token: 't' },
  sgtm: { url: 'https://sst.shop.example/data' },
};
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
  it.each(['ga4', 'meta', 'sgtm'])('of %s need no more than the account', (name) => {
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
    ['sgtm', { measurement_id: 'G-ABC' }, /only for format: measurement_protocol/],
    ['sgtm', { headers: { 'X-Token': 'a\r\nb' } }, /^headers.X-Token must be one line/],
    ['sgtm', { headers: { Host: 'other.example' } }, /^headers.Host is set by tagbridge/],
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
      expect(account).toMatch(/^(G-ABC|1234567890|sst\.shop\.example)$/);
    }
  });

  it('name as secret everything that is one', () => {
    expect(Object.fromEntries(destinations.map(({ name, secrets }) => [name, secrets]))).toEqual({
      ga4: ['api_secret'],
      meta: ['access_token', 'app_secret'],
      sgtm: ['api_secret', 'headers'],
    });
  });
});
