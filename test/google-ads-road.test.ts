// The road to Google Ads with real HTTP: a signed order in, a token and the conversion out, and what people see of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, becomeAdmin, becomeRole } from './support/browser.ts';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from './support/service.ts';
import { traceOf } from './support/shop.ts';

const ENV = {
  ADS_SECRET: 'GOCSPX-secret-of-the-client',
  ADS_TOKEN: '1//refresh-token-of-ann',
  OLD_TOKEN: 'expired-token-of-ann',
};
let rig: Rig;
let admin: Browser;
const ads = (more: object = {}) => ({
  customer_id: '123-456-7890',
  conversion_actions: { purchase: '987654321' },
  client_id: 'client.apps.example',
  client_secret: '${ADS_SECRET}',
  refresh_token: '${ADS_TOKEN}',
  endpoint: rig.standins.google_ads.origin,
  token_endpoint: `${rig.standins.google_ads.origin}/token`,
  ...more,
});
const load = (google_ads: object) => writeStore(rig, { ...storeFile(rig.standins), destinations: { google_ads } });
beforeAll(async () => {
  rig = await startRig(ENV);
  admin = await becomeAdmin(rig);
  await load(ads());
});
afterAll(() => rig.close());

const clickedOrder = (id: number) => lampOrder(id, { landing_site: '/lamps?gclid=Cj0KCQiA-test&utm_source=google' });
const send = (...hook: Parameters<typeof fromShopify>) => post(rig.service.url, fromShopify(...hook));
const counted = (id: number) => rig.standins.google_ads.counted.get(`987654321:${id}`);

describe('an order with a click', () => {
  test('arrives at Google Ads with its click id and a token', async () => {
    await send(clickedOrder(1));
    await eventually(() => counted(1) === 1, 'Google Ads has it');
    const sent = rig.standins.received.find(({ path }) => path === '/v1/events:ingest');
    expect(sent?.body).toMatchObject({ events: [{ transactionId: '1', adIdentifiers: { gclid: 'Cj0KCQiA-test' } }] });
    expect(rig.standins.received.filter(({ path }) => path === '/token')).toHaveLength(1);
  });

  test('shows on its trace what Google says became of it, to viewers too', async () => {
    const path = await traceOf(admin, '1');
    const isAskable = async () => (await admin.get(path)).text.includes('Ask what became of it');
    await eventually(isAskable, 'the end of the delivery is kept');
    const { text: trace } = await admin.get(path);
    const [, event, hook = ''] =
      /name="event" value="([^"]+)"><input type="hidden" name="hook" value="([^"]+)"><input type="hidden" name="destination" value="google_ads">/.exec(
        trace,
      ) ?? [];
    const viewer = await becomeRole(rig, admin, 'viewer');
    const { status, text } = await viewer.submit('/deliveries/ask', {
      event: event ?? '',
      hook,
      destination: 'google_ads',
    });
    expect([status, text]).toEqual([200, expect.stringContaining('Google is still at work on it')]);
    expect(text).toContain(`data-of="/hooks/${hook}"`);
    expect(text).toContain(`<a href="/hooks/${hook}">Back to the trace</a>`);
    expect((await viewer.get(`/hooks/${hook}`)).status).toBe(200);
    expect(text).toContain('Conversion action …4321: is still at work on them (1 events)');
  });

  test('of which nothing was taken cannot be asked about', async () => {
    expect((await admin.submit('/deliveries/ask', { event: 'none', destination: 'google_ads' })).status).toBe(404);
  });

  test('shows the request with its token masked, and why a refund is not sent', async () => {
    await send(lampRefund(7, 1), 'refunds/create');
    await eventually(
      async () => (await admin.get('/orders?store=shop&order=1')).text.includes('Event refund'),
      'the refund is kept',
    );
    const { text } = await admin.get('/orders?store=shop&order=1');
    expect(text).toContain('Bearer ***');
    expect(text).toContain('Google Ads knows no refunds');
  });
});

describe('a token that is no longer given', () => {
  test('pauses the account, says why in words, and sends what waited once there is a new one', async () => {
    await load(ads({ refresh_token: '${OLD_TOKEN}' }));
    let id = 20;
    // The senders hear of the new file within a second; until then orders still arrive.
    await eventually(async () => {
      id += 1;
      await send(clickedOrder(id));
      return (await admin.get('/destinations')).text.includes('Google does not take the refresh token');
    }, 'the account is paused');
    expect(counted(id)).toBeUndefined();
    await load(ads());
    await eventually(() => counted(id) === 1, 'it arrived after all');
  });

  test('fails the test of the connection in the same words', async () => {
    await load(ads({ refresh_token: '${OLD_TOKEN}' }));
    const { text } = await admin.submit('/destinations/test', { store: 'shop', destination: 'google_ads' });
    expect(text).toContain('let a person of the Google Ads account log in again');
    await load(ads());
    const again = await admin.submit('/destinations/test', { store: 'shop', destination: 'google_ads' });
    expect(again.text).toContain('takes the credentials and finds nothing wrong');
  });

  test('stands in no log and on no page', async () => {
    const { text } = await admin.get('/destinations');
    for (const secret of [...Object.values(ENV), 'ya29.']) {
      expect(rig.logged.join('\n')).not.toContain(secret);
      expect(text).not.toContain(secret);
    }
  });
});
