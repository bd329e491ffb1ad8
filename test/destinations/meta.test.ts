// The Meta destination: the exact request it makes, its events, their ids and their names.
import { describe, expect, it } from 'vitest';
import { meta } from '../../src/destinations/meta.ts';
import type { Event } from '../../src/event.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { bodyOf, NOW, order } from './example.ts';
import { BROWSER, request, sent } from './meta-example.ts';

const WORKED =
  '{"data":[{"event_name":"Purchase","event_time":1795010605,"event_id":"1001","action_source":"phone_call",' +
  '"user_data":{"em":["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],' +
  '"ph":["e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"],' +
  '"fn":["96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a"],' +
  '"ln":["6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd"],' +
  '"ct":["0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685"],' +
  '"st":["6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126"],' +
  '"zp":["b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7"],' +
  '"country":["79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"],' +
  '"external_id":["8a3c5a67cad508582b5edf6b8352cea3ffbad7f44812c1a736b4444c0f5746aa"]},' +
  '"custom_data":{"value":119.9,"currency":"USD","order_id":"1001","content_type":"product","content_ids":["SKU-1"],' +
  '"contents":[{"id":"SKU-1","quantity":2,"item_price":59.95}],"num_items":2}}]}';

const lead = (changes: Partial<Event> = {}) => ({
  ...order({
    name: 'qualify_lead',
    transaction_id: undefined,
    order_id: undefined,
    items: undefined,
    value: undefined,
  }),
  action_source: 'system_generated' as const,
  lead_id: 'deal-7',
  lead_source: 'HubSpot',
  ...changes,
});

describe('a Meta request', () => {
  it('of the worked purchase is byte for byte the documented one', () => {
    const made = request([order()]);
    expect(made.url).toBe('https://graph.facebook.com/v25.0/1234567890/events?access_token=EAAtoken');
    expect(made.headers).toEqual({ 'content-type': 'application/json' });
    expect(made.body).toBe(WORKED);
  });

  it('with an app secret carries the documented proof', () => {
    const url = new URL(request([order()], NOW, { app_secret: 'app_secret_123' }).url);
    expect(url.searchParams.get('appsecret_proof')).toBe(
      'e2f4025c78aeb0a2ca0cdbe1b761e2343d7a8230003895dad6dc39c35c7a0161',
    );
  });

  it('goes to the endpoint and version that are set', () => {
    const { url } = request([order()], NOW, { endpoint: 'http://127.0.0.1:9002', api_version: 'v26.0' });
    expect(url).toBe('http://127.0.0.1:9002/v26.0/1234567890/events?access_token=EAAtoken');
  });

  it('carries many events in their order', () => {
    const events = Array.from({ length: 1000 }, (_, n) => order({ transaction_id: `T${n}` }));
    const ids = bodyOf(request(events)).data.map((event: { event_id: string }) => event.event_id);
    expect(ids).toEqual(events.map((event) => event.transaction_id));
    expect(meta.batch).toBe(1000);
  });

  it('never has a test event code or a partner agent', () => {
    expect(Object.keys(bodyOf(request([order()])))).toEqual(['data']);
  });

  it('dates an event of the future to now', () => {
    expect(sent(order({ event_time: '2026-11-18T14:30:00Z' })).event_time).toBe(NOW / 1000);
  });

  it('names its options for limited data use on each event, located by Meta unless the store says where', () => {
    expect(sent(order(), NOW, { data_processing_options: ['LDU'] })).toMatchObject({
      data_processing_options: ['LDU'],
      data_processing_options_country: 0,
      data_processing_options_state: 0,
    });
    const none = sent(order(), NOW, { data_processing_options: [] });
    expect(none.data_processing_options).toEqual([]);
    expect(none).not.toHaveProperty('data_processing_options_country');
  });
});

describe('a Meta event from a website', () => {
  it('with the visitor’s browser stays a website event with its page', () => {
    const event = sent(
      order({ ...BROWSER, action_source: 'website', page_location: 'https://shop.example.com/thanks?x=1' }),
    );
    expect(event).toMatchObject({ action_source: 'website', event_source_url: 'https://shop.example.com/thanks?x=1' });
    expect(event.user_data).toMatchObject({ client_ip_address: '203.0.113.7', client_user_agent: 'Mozilla/5.0' });
  });

  it('without the visitor’s browser is sent as other, without the page', () => {
    const event = sent(order({ action_source: 'website', page_location: 'https://shop.example.com/thanks' }));
    expect(event.action_source).toBe('other');
    expect(event).not.toHaveProperty('event_source_url');
  });

  it('loses the query of a page that carries an e-mail address', () => {
    const page = (page_location: string) => sent(order({ ...BROWSER, action_source: 'website', page_location }));
    expect(page('https://shop.example.com/thanks?mail=jane%40example.com').event_source_url).toBe(
      'https://shop.example.com/thanks',
    );
    expect(page('https://shop.example.com/?to=%2Faccount%3Fmail%3Djane%2540example.com').event_source_url).toBe(
      'https://shop.example.com/',
    );
    expect(page('https://shop.example.com/jane@example.com')).not.toHaveProperty('event_source_url');
  });

  it('has no page that is none, and no browser that names a person', () => {
    const event = (over: object) => sent(order({ ...BROWSER, action_source: 'website', ...over }));
    for (const page_location of ['localhost', 'https://shop.example USD', 'javascript:alert(1)'])
      expect(event({ page_location })).not.toHaveProperty('event_source_url');
    const bot = event({ user_agent: 'Mozilla/5.0 (compatible; Seeker/1.0; bot@seeker.example)' });
    expect(bot.action_source).toBe('other');
    expect(bot.user_data).not.toHaveProperty('client_user_agent');
  });
});

describe('Meta event ids', () => {
  it('are the pixel’s where it is known, else the transaction id', () => {
    expect(sent(order({ event_id: 'evt-1' })).event_id).toBe('evt-1');
    expect(sent(order()).event_id).toBe('1001');
    expect(sent(order({ transaction_id: undefined })).event_id).toBe('1001');
  });

  it('of leads are their CRM’s id and what became of them', () => {
    expect(sent(lead()).event_id).toBe('deal-7.qualify_lead');
  });

  it('of events of the store’s own are those they are kept with, or of the order; of one kept without any a second copy would count', () => {
    const shipped = order({ name: 'order_shipped', transaction_id: undefined });
    expect([sent(shipped).event_id, meta.deduplicates(shipped)]).toEqual([undefined, false]);
    expect(sent({ ...shipped, event_id: '1001.order_shipped' }).event_id).toBe('1001.order_shipped');
    expect(sent(order({ name: 'order_shipped', transaction_id: 'T-1' })).event_id).toBe('T-1');
  });

  it('that contain an e-mail address go as a hash', () => {
    expect(sent(lead({ lead_id: 'jane@example.com' })).event_id).toBe(sha256('jane@example.com.qualify_lead'));
  });

  it('make a second copy harmless, and only they do', () => {
    expect(meta.deduplicates(order())).toBe(true);
    expect(meta.deduplicates(lead({ lead_id: undefined } as Partial<Event>))).toBe(false);
  });
});

describe('Meta event names', () => {
  it.each([
    ['purchase', 'Purchase'],
    ['generate_lead', 'Lead'],
    ['begin_checkout', 'InitiateCheckout'],
    ['own_event', 'own_event'],
    ['constructor', 'constructor'],
  ])('%s is %s', (name, expected) => {
    expect(sent(order({ name })).event_name).toBe(expected);
  });

  it('of CRM stages are the CRM’s, with the CRM as source', () => {
    const event = sent(lead({ lead_stage: 'Marketing Qualified Lead' }));
    expect(event.event_name).toBe('Marketing Qualified Lead');
    expect(event.custom_data).toEqual({ currency: 'USD', event_source: 'crm', lead_event_source: 'HubSpot' });
  });

  it.each(['Purchase', 'purchase'])(
    'of a CRM stage called %s is the event’s: Meta would count a purchase, or refuse one without value',
    (lead_stage) => {
      expect(sent(lead({ lead_stage })).event_name).toBe('qualify_lead');
    },
  );

  it('of CRM stages name the CRM, where it is known, rather than where the lead came from', () => {
    const event = sent(lead({ lead_source: 'Fair', lead_event_source: 'Own CRM' }));
    expect(event.custom_data).toMatchObject({ lead_event_source: 'Own CRM' });
  });

  it.each([
    ['without a name', undefined],
    ['known by a number', '3'],
    ['known by a UUID', '1f0e2c1d-5a3b-4f65-9d6e-0c0a5f0d7e11'],
  ])('of CRM stages %s are the event’s own', (_, stage) => {
    expect(sent(lead(stage === undefined ? {} : { lead_stage: stage })).event_name).toBe('qualify_lead');
  });

  it('of leads from elsewhere say nothing of a CRM', () => {
    const event = sent(lead({ name: 'generate_lead', action_source: 'phone_call' }));
    expect(event.event_name).toBe('Lead');
    expect(event.custom_data).toEqual({ currency: 'USD' });
  });
});
