// The TikTok destination: the exact requests it makes, its events, their ids and their names.
import { describe, expect, it } from 'vitest';
import { tiktok } from '../../src/destinations/tiktok.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { bodyOf, HOUR, NOW, order } from './example.ts';
import { deal, request, sent, webOrder } from './tiktok-example.ts';

const PERSON =
  '"email":"62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",' +
  '"phone":"1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8",' +
  '"first_name":"96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a",' +
  '"last_name":"6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd",' +
  '"city":"menlopark","state":"ca",' +
  '"zip_code":"b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7","country":"us"';
const BOUGHT =
  '"properties":{"value":119.9,"currency":"USD","order_id":"1001","content_type":"product",' +
  '"contents":[{"content_id":"SKU-1","quantity":2,"price":59.95}]}';
const body = (source: string, event: string) =>
  `{"event_source":"${source}","event_source_id":"CTEST0PIXEL0LAMPS000","data":[${event}]}`;

describe('a TikTok request', () => {
  it('of an order of the website is this one, with click, browser and page', () => {
    const made = request([webOrder()]);
    expect(made.url).toBe('https://business-api.tiktok.com/open_api/v1.3/event/track/');
    expect(made.headers).toEqual({ 'access-token': 'tiktok-token', 'content-type': 'application/json' });
    expect(made.body).toBe(
      body(
        'web',
        `{"event":"Purchase","event_time":1795010605,"event_id":"1001","user":{${PERSON},` +
          '"external_id":"8a3c5a67cad508582b5edf6b8352cea3ffbad7f44812c1a736b4444c0f5746aa",' +
          '"ttclid":"E.C.P.AbCd-1_2","ip":"203.0.113.7","user_agent":"Mozilla/5.0","locale":"nl-NL"},' +
          `${BOUGHT},"page":{"url":"https://lamps.example/thanks?x=1","referrer":"https://lamps.example/cart"}}`,
      ),
    );
  });

  it('of an order by phone is this one, for an offline event set, without any browser', () => {
    const called = webOrder({ action_source: 'phone_call' });
    expect(request([called], NOW, { event_source: 'offline' }).body).toBe(
      body('offline', `{"event":"Purchase","event_time":1795010605,"event_id":"1001","user":{${PERSON}},${BOUGHT}}`),
    );
  });

  it('of a deal is this one, for a CRM event set, under the name that the CRM has for its stage', () => {
    expect(request([deal()], NOW, { event_source: 'crm' }).body).toBe(
      body('crm', `{"event":"Offer made","event_time":1795010605,"event_id":"deal-7.qualify_lead","user":{${PERSON}}}`),
    );
  });

  it('goes to the endpoint that is set', () => {
    expect(request([webOrder()], NOW, { endpoint: 'http://127.0.0.1:9002' }).url).toBe(
      'http://127.0.0.1:9002/open_api/v1.3/event/track/',
    );
  });

  it('carries many events in their order', () => {
    const events = Array.from({ length: tiktok.batch }, (_, n) => webOrder({ transaction_id: `T${n}` }));
    const ids = bodyOf(request(events)).data.map((event: { event_id: string }) => event.event_id);
    expect(ids).toEqual(events.map((event) => event.transaction_id));
  });

  it('never has a test event code, and limited data use only where the store says so', () => {
    expect(request([webOrder()]).body).not.toMatch(/test_event_code|limited_data_use/);
    expect(sent(webOrder(), NOW, { limited_data_use: true }).limited_data_use).toBe(true);
    expect(sent(webOrder(), NOW, { limited_data_use: false }).limited_data_use).toBe(false);
  });

  it('dates an event of the future to now', () => {
    expect(sent(webOrder({ event_time: '2026-11-18T14:30:00Z' })).event_time).toBe(NOW / 1000);
  });
});

describe('TikTok event names', () => {
  it.each([
    ['purchase', 'Purchase', 'CompletePayment'],
    ['generate_lead', 'Lead', 'SubmitForm'],
    ['begin_checkout', 'InitiateCheckout', 'InitiateCheckout'],
    ['own_event', 'own_event', 'own_event'],
    ['constructor', 'constructor', 'constructor'],
  ])('%s is %s, and %s for pixels of before', (name, current, former) => {
    expect(sent(webOrder({ name })).event).toBe(current);
    expect(sent(webOrder({ name }), NOW, { names: 'former' }).event).toBe(former);
  });

  it.each(['Purchase', 'complete payment', 'PlaceAnOrder', '3', 'jane@example.com', undefined])(
    'of a stage called %s are the event’s own',
    (lead_stage) => {
      expect(sent(deal({ lead_stage })).event).toBe('qualify_lead');
    },
  );
});

describe('TikTok event ids', () => {
  it('are the pixel’s where it is known, else the transaction id', () => {
    expect([sent(webOrder({ event_id: 'evt-1' })).event_id, sent(webOrder()).event_id]).toEqual(['evt-1', '1001']);
  });

  it('make a second copy of what happened on the website harmless for two days, and of nothing else', () => {
    expect(tiktok.deduplicates(webOrder())).toBe(true);
    expect(tiktok.deduplicatesFor).toBe(47 * HOUR);
    expect(tiktok.deduplicates(order())).toBe(false);
    expect(tiktok.deduplicates(deal())).toBe(false);
  });
});

describe('what TikTok is told of the buyer', () => {
  const user = (changes: Parameters<typeof webOrder>[0]) => sent(webOrder(changes)).user;

  it('has the click of the page where the order has none, and only what looks like one', () => {
    const page_location = 'https://lamps.example/?a=1&ttclid=E.C.P.Zz#top';
    expect(user({ ttclid: undefined, page_location }).ttclid).toBe('E.C.P.Zz');
    expect(user({ ttclid: 'null', page_location: undefined })).not.toHaveProperty('ttclid');
    expect(user({ ttclid: 'jane@example.com' })).not.toHaveProperty('ttclid');
  });

  it('has the browser’s id only where it looks like one', () => {
    expect(user({ ttp: '2AbCdEfGh.tt.1' }).ttp).toBe('2AbCdEfGh.tt.1');
    expect(user({ ttp: 'jane@example.com' })).not.toHaveProperty('ttp');
  });

  it('has the user id as external id when there is no other', () => {
    expect(user({ external_id: undefined, user_id: 'Cust 7' }).external_id).toBe(sha256('cust 7'));
  });

  it('has no browser that names a person, no language that is none, and no page with an e-mail address', () => {
    const bot = { user_agent: 'Seeker/1.0 (bot@seeker.example)', language: 'call me' };
    expect(Object.keys(user(bot))).not.toContain('user_agent');
    expect(Object.keys(user(bot))).not.toContain('locale');
    const event = sent(webOrder({ page_location: 'https://lamps.example/thanks?mail=jane%40example.com' }));
    expect(event.page.url).toBe('https://lamps.example/thanks');
    expect(sent(webOrder({ page_location: 'https://lamps.example/jane@example.com' }))).not.toHaveProperty('page');
  });
});

describe('TikTok contents', () => {
  it('leave out what was removed or has no id, or one with an e-mail address, and count whole pieces', () => {
    const items = [
      { item_id: 'A', quantity: 1.5, price: 2 },
      { item_id: 'B', quantity: 0, price: 3 },
      { item_name: 'No id', quantity: 4 },
      { item_id: 'C', content_id: 'catalog-C' },
      { item_id: 'gift for jane@example.com' },
    ];
    expect(sent(webOrder({ items })).properties.contents).toEqual([
      { content_id: 'A', quantity: 2, price: 2 },
      { content_id: 'catalog-C', quantity: 1 },
    ]);
    expect(sent(webOrder({ items: undefined })).properties).toEqual({
      value: 119.9,
      currency: 'USD',
      order_id: '1001',
    });
  });

  it('go without the store’s own parameters, of which nobody says what TikTok makes of them', () => {
    expect(sent(webOrder({ custom: { margin: 12.5 } })).properties).not.toHaveProperty('margin');
  });
});
