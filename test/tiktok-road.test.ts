// The road to TikTok with real HTTP: signed orders and a phone order in, requests of the website and of phones out, and what people see.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, becomeAdmin } from './support/browser.ts';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from './support/service.ts';

const ENV = { TT_TOKEN: 'secret-token-of-the-pixel', TT_OFFLINE: 'secret-token-of-the-set', OLD_TOKEN: 'expired' };
let rig: Rig;
let admin: Browser;
const web = (more: object = {}) => ({
  pixel_id: 'CTEST0PIXEL0LAMPS000',
  access_token: '${TT_TOKEN}',
  endpoint: rig.standins.tiktok.origin,
  ...more,
});
const offline = () => ({
  ...web({ pixel_id: '7000000000000000001', access_token: '${TT_OFFLINE}' }),
  type: 'tiktok',
  event_source: 'offline',
});
const load = (tiktok: object) =>
  writeStore(rig, { ...storeFile(rig.standins), destinations: { tiktok, tiktok_offline: offline() } });
beforeAll(async () => {
  rig = await startRig(ENV);
  admin = await becomeAdmin(rig);
  await load(web());
});
afterAll(() => rig.close());

const clickedOrder = (id: number, over: object = {}) =>
  lampOrder(id, { landing_site: '/lamps?ttclid=E.C.P.CtEst-1&utm_source=tiktok', ...over });
const send = (...hook: Parameters<typeof fromShopify>) => post(rig.service.url, fromShopify(...hook));
const counted = (id: number) => rig.standins.tiktok.counted.get(`Purchase:${id}`);
const sentOf = (source: string) =>
  rig.standins.received.filter(({ body }) => JSON.stringify(body).includes(`"event_source":"${source}"`));

describe('an order with a click', () => {
  test('arrives at TikTok with its click id, by the pixel alone', async () => {
    await send(clickedOrder(1));
    await eventually(() => counted(1) === 1, 'TikTok has it');
    const [sent, ...others] = sentOf('web');
    expect(sent?.headers['access-token']).toBe(ENV.TT_TOKEN);
    expect(sent?.body).toMatchObject({
      event_source: 'web',
      event_source_id: 'CTEST0PIXEL0LAMPS000',
      data: [{ event: 'Purchase', event_id: '1', user: { ttclid: 'E.C.P.CtEst-1' } }],
    });
    expect([others, sentOf('offline')]).toEqual([[], []]);
  });

  test('that staff entered arrives by the offline event set alone, without the click that it cannot be of', async () => {
    await send(clickedOrder(2, { source_name: 'shopify_draft_order' }));
    await eventually(() => counted(2) === 1, 'TikTok has it');
    const [sent] = sentOf('offline');
    expect(sent?.headers['access-token']).toBe(ENV.TT_OFFLINE);
    expect(sent?.body).toMatchObject({ event_source_id: '7000000000000000001', data: [{ event_id: '2' }] });
    expect(JSON.stringify(sent?.body)).not.toMatch(/ttclid|user_agent|"ip"/);
    expect(sentOf('web')).toHaveLength(1);
  });

  test('shows the request with its token masked, and why the others did not get it', async () => {
    await send(lampRefund(7, 1), 'refunds/create');
    const path = '/orders?store=shop&order=1';
    await eventually(async () => (await admin.get(path)).text.includes('Event refund'), 'the refund is kept');
    const { text } = await admin.get(path);
    expect(text).toContain('E.C.P.CtEst-1');
    expect(text).toContain('TikTok knows no refunds');
    expect(text).toContain('it happened on the website, so it belongs to a pixel');
    for (const secret of Object.values(ENV).slice(0, 2)) {
      expect(text).not.toContain(secret);
      expect(rig.logged.join('\n')).not.toContain(secret);
    }
  });
});

describe('one bad order among many', () => {
  test.each([
    ['that TikTok refuses with all of them', 'whole', 100],
    ['that TikTok leaves out of them', 'partial', 200],
  ])('%s is found, and the others arrive', async (_, token, first) => {
    await load(web({ access_token: token }));
    rig.standins.tiktok.fail({ status: 503, headers: { 'retry-after': '2' } }, { times: 1 });
    const ids = Array.from({ length: 12 }, (_, index) => first + index);
    const bad = first + 5;
    const endless = [{ id: 1, sku: 'x'.repeat(300), title: 'Lamp', price: '60.50', quantity: 2 }];
    const orderOf = (id: number) => clickedOrder(id, id === bad ? { line_items: endless } : {});
    await Promise.all(ids.map((id) => send(orderOf(id))));
    const others = ids.filter((id) => id !== bad);
    await eventually(() => others.every((id) => counted(id) !== undefined), 'the others arrived');
    const path = `/orders?store=shop&order=${bad}`;
    const why = 'TikTok rejects the event (code 40002, field contents, content_id)';
    await eventually(async () => (await admin.get(path)).text.includes(why), 'the trace says why', 10_000);
    expect(counted(bad)).toBeUndefined();
  });
});

describe('a token that TikTok does not accept', () => {
  test('pauses the pixel, says why in words, and sends what waited once somebody gives another one and resumes it', async () => {
    await load(web({ access_token: '${OLD_TOKEN}' }));
    let id = 20;
    // The senders hear of the new file within a second; until then orders still arrive.
    await eventually(async () => {
      id += 1;
      await send(clickedOrder(id));
      return (await admin.get('/destinations')).text.includes('TikTok does not accept the access token');
    }, 'the pixel is paused');
    expect(counted(id)).toBeUndefined();
    await load(web());
    await admin.submit('/destinations/resume', { account: 'tiktok/CTEST0PIXEL0LAMPS000' });
    await eventually(() => counted(id) === 1, 'it arrived after all');
  });

  test('fails the test of the connection in the same words', async () => {
    const given = { store: 'shop', destination: 'tiktok', test_event_code: 'TEST12345' };
    expect((await admin.submit('/destinations/test', given)).text).toContain('TikTok took the event');
    await load(web({ access_token: '${OLD_TOKEN}' }));
    expect((await admin.submit('/destinations/test', given)).text).toContain('does not accept the access token');
  });
});
