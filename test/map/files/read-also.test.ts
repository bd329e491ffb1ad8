// `read_also`: ids that other apps left on an order, behind those the platform finds itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMappings, type Texts } from '../../../src/map/files/files.ts';
import { loadMappings } from '../../../src/map/files/load.ts';
import { mapHook } from '../../../src/map/map.ts';
import { mappingParts } from '../../../src/mapping-parts.ts';
import { lampOrder } from '../../support/hooks.ts';
import { MAPPINGS } from '../../support/stores.ts';

type Attribute = { name: string; value: unknown };
const NOW = Date.now();
const parts = mappingParts({});
const texts = await readMappings(MAPPINGS);
const file = (name: string, value: unknown) => ({
  file: name,
  text: typeof value === 'string' ? value : JSON.stringify(value),
});

function load(read_also: string[], over: { source?: object; apps?: Texts['apps'] } = {}) {
  const sources = {
    shopify: { platform: 'shopify', secrets: ['x'], ...over.source },
    woo: { platform: 'woocommerce', secrets: ['x'] },
  };
  const store = file('stores/shop.yaml', { store: 'shop', read_also, sources, destinations: {} });
  return loadMappings({ ...texts, apps: over.apps ?? texts.apps ?? [], stores: [store] }, parts);
}

async function eventOf(read_also: string[], attributes: Attribute[], over: Parameters<typeof load>[1] = {}) {
  const { stores, problems } = load(read_also, over);
  expect(problems).toEqual([]);
  const source = stores.get('shop')?.sources.get('shopify');
  if (source === undefined) throw new Error('no source');
  const order = lampOrder(1, { note_attributes: attributes, landing_site: '/' });
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' };
  const result = await mapHook(source, { headers, body: Buffer.from(JSON.stringify(order)), received_at: NOW });
  return result.events[0]?.event;
}
const pairs = (table: Record<string, unknown>) => Object.entries(table).map(([name, value]) => ({ name, value }));

describe('every app of the repository', () => {
  test.each([
    'elevar',
    'stape',
    'rudderstack',
    'littledata',
    'pixelyoursite',
    'pixel-manager',
    'monsterinsights',
    'google-analytics-pro',
  ])('%s is known and without mistakes', (name) => {
    expect(load([name]).problems).toEqual([]);
    expect(readFileSync(join(MAPPINGS, `read_also/${name}.yaml`), 'utf8')).toContain(`read_also: ${name}\n`);
  });

  test.each([
    [
      'elevar',
      { _elevar__ga: 'GA1.1.11.22', _elevar__fbp: 'fb.1.1700000000000.5' },
      { client_id: '11.22', fbp: 'fb.1.1700000000000.5' },
    ],
    [
      'elevar',
      { _elevar_visitor_info: '{"_ga":"GA1.1.11.22","gclid":"Cj0K","_ga_AB":"GS1.1.33.1.1"}' },
      { client_id: '11.22', gclid: 'Cj0K', session_id: '33' },
    ],
    [
      'elevar',
      {
        _elevar_visitor_info: JSON.stringify({
          utm_term: 'lamp',
          utm_content: 'ad-3',
          referrer: 'https://news.example/lamps',
          consent_v2: {
            ad_storage: { default: false, update: true },
            analytics_storage: { default: true },
            ad_user_data: { default: true, update: false },
            ad_personalization: { default: false },
          },
        }),
      },
      {
        utm_term: 'lamp',
        utm_content: 'ad-3',
        page_referrer: 'https://news.example/lamps',
        consent: {
          ad_storage: 'granted',
          analytics_storage: 'granted',
          ad_user_data: 'denied',
          ad_personalization: 'denied',
        },
      },
    ],
    [
      'stape',
      { _stape_ga: 'GA1.1.11.22', _stape_gcl_aw: 'GCL.1700000000.Cj0K' },
      { client_id: '11.22', gclid: 'Cj0K' },
    ],
    ['rudderstack', { rudderAnonymousId: '6c1b' }, { external_id: '6c1b' }],
    ['littledata', { 'google-clientID': '11.22' }, { client_id: '11.22' }],
    [
      'littledata',
      {
        '_google-clientID': '11.22',
        '_ga4session-clientID': '1794992000',
        '_fbp-clientID': 'fb.1.1700000000000.5',
        '_fbc-clientID': 'fb.1.1700000000000.AbC',
        '_ttclid-clientID': 'E.C.P.x',
      },
      {
        client_id: '11.22',
        session_id: '1794992000',
        fbp: 'fb.1.1700000000000.5',
        fbc: 'fb.1.1700000000000.AbC',
        ttclid: 'E.C.P.x',
      },
    ],
    ['littledata', { '_ga4session-clientID': 's1794992000$o5$g1$t1794993100$j60$l0$h0' }, { session_id: '1794992000' }],
    [
      'pixelyoursite',
      {
        pys_ga_cookie: {
          clientId: '11.22',
          sessions: { AB: { session_id: 1700000001 }, CD: { session_id: 1700000002 } },
        },
        pys_fb_cookie: { fbc: 'fb.1.1700000000000.AbC', fbp: 'fb.1.1700000000000.5' },
      },
      {
        client_id: '11.22',
        session_id: '1700000002',
        session_ids: 'AB=1700000001,CD=1700000002',
        fbc: 'fb.1.1700000000000.AbC',
        fbp: 'fb.1.1700000000000.5',
      },
    ],
    [
      'pixelyoursite',
      { pys_ga_cookie: { clientId: '11.22', sessions: { AB: { session_id: '1700000001' } } } },
      { client_id: '11.22', session_id: '1700000001', session_ids: 'AB=1700000001' },
    ],
    [
      'pixel-manager',
      {
        'google_cid_G-AB': { client_id: '11.22', session_id: '1700000001' },
        facebook_user_identifiers_123: { fbp: 'fb.1.1700000000000.5', fbc: 'fb.1.1700000000000.AbC' },
      },
      { client_id: '11.22', session_id: '1700000001', fbc: 'fb.1.1700000000000.AbC', fbp: 'fb.1.1700000000000.5' },
    ],
    ['pixel-manager', { 'google_cid_G-AB': '11.22' }, { client_id: '11.22' }],
    [
      'monsterinsights',
      {
        _yoast_gau_uuid: '11.22',
        _monsterinsights_cookie: 'GA1.2.11.22',
        _monsterinsights_ga_session_id: '1700000001',
      },
      { client_id: '11.22', session_id: '1700000001' },
    ],
    ['monsterinsights', { _yoast_gau_uuid: '11.22', _monsterinsights_cookie: 'FCE' }, { client_id: '11.22' }],
    [
      'google-analytics-pro',
      {
        _wc_google_analytics_pro_identity: '11.22',
        _wc_google_analytics_pro_session_params: { session_id: '1700000001', session_number: '2' },
      },
      { client_id: '11.22', session_id: '1700000001' },
    ],
  ])('%s: %j', async (name, attributes, expected) => {
    expect(await eventOf([name], pairs(attributes))).toMatchObject(expected);
    const without = await eventOf([], pairs(attributes));
    for (const field of Object.keys(expected)) expect(without).not.toHaveProperty(field);
  });
});

describe('an id of an app', () => {
  test('that it made up where there was no cookie is none, and its empty tables do not stop the order', async () => {
    const made = { clientId: '0b1f6ad1-2f4b-4c3d-9a11-0123456789ab', sessions: [] };
    const event = await eventOf(
      ['pixelyoursite'],
      pairs({ pys_ga_cookie: made, pys_fb_cookie: { fbc: null, fbp: '' } }),
    );
    expect(event?.order_id).toBeDefined();
    for (const field of ['client_id', 'session_id', 'session_ids', 'fbc', 'fbp'])
      expect(event).not.toHaveProperty(field);
  });

  test.each([
    [
      'monsterinsights',
      { _yoast_gau_uuid: '0b1f6ad1-2f4b-4c3d-9a11-0123456789ab', _monsterinsights_ga_session_id: '' },
    ],
    [
      'google-analytics-pro',
      {
        _wc_google_analytics_pro_identity: '0b1f6ad1-2f4b-4c3d-9a11-0123456789ab',
        _wc_google_analytics_pro_session_params: [],
      },
    ],
  ])('is none where %s made it up, and the order counts', async (name, attributes) => {
    const event = await eventOf([name], pairs(attributes));
    expect(event?.order_id).toBeDefined();
    for (const field of ['client_id', 'session_id']) expect(event).not.toHaveProperty(field);
  });

  test('stands behind what the platform finds, and behind apps named before', async () => {
    const attributes = pairs({ _ga: 'GA1.1.1.1', _elevar__ga: 'GA1.1.2.2', 'google-clientID': '3.3' });
    expect((await eventOf(['elevar', 'littledata'], attributes))?.client_id).toBe('1.1');
    expect((await eventOf(['elevar', 'littledata'], attributes.slice(1)))?.client_id).toBe('2.2');
    expect((await eventOf(['littledata', 'elevar'], attributes.slice(1)))?.client_id).toBe('3.3');
  });

  test('says in the event where it came from', async () => {
    const event = await eventOf(['littledata'], pairs({ 'google-clientID': '3.3' }));
    expect(event?.provenance?.client_id).toEqual({ from: "$ga_client_id($attr($attributes, 'google-clientID'))" });
  });

  test('may ask for what not every platform has', async () => {
    const fields = { gclid: "$exists($lookup.order) ? $lookup.order.gclid : $attr($attributes, 'click')" };
    const apps = [file('read_also/own.yaml', { read_also: 'own', title: 'Our own', fields })];
    expect((await eventOf(['own'], pairs({ click: 'Cj0K' }), { apps }))?.gclid).toBe('Cj0K');
  });

  test('never replaces a constant of the store', async () => {
    const source = { events: { purchase: { set: { external_id: 'ours' } } } };
    expect((await eventOf(['rudderstack'], pairs({ rudderAnonymousId: '6c1b' }), { source }))?.external_id).toBe(
      'ours',
    );
  });

  test('is found under the names of each platform', async () => {
    const source = load(['littledata', 'pixel-manager']).stores.get('shop')?.sources.get('woo');
    if (source === undefined) throw new Error('no source');
    const order = {
      id: 7,
      number: 'A-1007',
      status: 'processing',
      currency: 'EUR',
      total: '10.00',
      date_paid_gmt: new Date(NOW - 60_000).toISOString().slice(0, 19),
      created_via: 'checkout',
      line_items: [{ name: 'Bread', quantity: 1, total: '10.00', product_id: 1 }],
      meta_data: [
        { id: 1, key: 'google-clientID', value: '3.3' },
        { id: 2, key: 'facebook_user_identifiers_123', value: { fbp: 'fb.1.1700000000000.5' } },
      ],
    };
    const headers = { 'content-type': 'application/json', 'x-wc-webhook-topic': 'order.updated' };
    const result = await mapHook(source, { headers, body: Buffer.from(JSON.stringify(order)), received_at: NOW });
    expect(result.events[0]?.event).toMatchObject({ client_id: '3.3', transaction_id: 'A-1007', event_id: '7' });
  });
});

describe('mistakes', () => {
  test('an app nobody knows is told at its place, with the one that is meant', () => {
    const { problems, stores } = load(['elevar', 'litledata']);
    expect(problems).toEqual([
      expect.objectContaining({
        file: 'stores/shop.yaml',
        code: 'UNKNOWN_APP',
        message: 'there is no file read_also/litledata.yaml',
        hint: 'did you mean littledata?',
      }),
    ]);
    expect(stores.size).toBe(0);
  });

  test('a mistake in an app’s file is told once, in that file, and the store works without it', () => {
    const fields = { client_id: '$nothing', gclyd: 'x' };
    const broken = [file('read_also/own.yaml', { read_also: 'own', title: 'Own', fields })];
    const { problems, stores } = load(['own'], { apps: broken });
    expect(problems.map(({ file: where, message }) => [where, message])).toEqual([
      ['read_also/own.yaml', 'fields.gclyd: unknown field gclyd'],
    ]);
    expect(stores.size).toBe(1);
    const wrong = [file('read_also/own.yaml', { read_also: 'own', title: 'Own', fields: { client_id: '$nothing' } })];
    expect(load(['own'], { apps: wrong }).problems).toMatchObject([
      { file: 'read_also/own.yaml', code: 'UNKNOWN_VARIABLE' },
    ]);
  });

  test('two files of one app are told', () => {
    const one = { read_also: 'own', title: 'Own', fields: {} };
    expect(load([], { apps: [file('read_also/a.yaml', one), file('read_also/b.yaml', one)] }).problems).toMatchObject([
      { file: 'read_also/b.yaml', message: 'own is also in read_also/a.yaml' },
    ]);
  });
});
