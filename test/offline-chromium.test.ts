// What the product is for, in a real Chromium: somebody clicks an ad, agrees, and buys on the phone; the order goes out with the click.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStandins, type Standins } from '../src/demo/standins.ts';
import { type Bridge, startBridge } from './faults/bridge.ts';
import { createClock } from './faults/world.ts';
import { becomeAdmin, becomeRole, PASSWORD } from './support/browser.ts';
import { CHROMIUM, logIn, startChromium } from './support/chromium.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { freePort } from './support/port.ts';
import { eventually, SECRETS, storeFile, writeMappings } from './support/service.ts';

const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36';
const LANDING = '/lamps?gclid=Cj0K-1&fbclid=AbC-1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PLACES = ['ga4', 'meta', 'sgtm', 'google_ads'];
const CLIENT_ID = '1380133182.1764792191';
const session = String(Math.floor(Date.now() / 1000));

/** A page of the shop whose banner asks; tags set their cookies only after a yes, and tell Google's consent mode. */
const shopPage = (script: string) => `<!doctype html><title>Lamps</title>
<script>
  window.dataLayer = [];
  function gtag() { dataLayer.push(arguments); }
  const all = (state) => ({ ad_storage: state, analytics_storage: state, ad_user_data: state, ad_personalization: state });
  gtag('consent', 'default', all('denied'));
  function agree() {
    for (const cookie of ['_ga=GA1.1.${CLIENT_ID}', '_ga_TEST000001=GS2.1.s${session}$o1$g1$t${session}$j0$l0$h0'])
      document.cookie = cookie;
    gtag('consent', 'update', all('granted'));
  }
</script>
<script src="${script}" async></script>
<p>Order by phone. Ask for code <b data-tagbridge-code></b></p>
<button onclick="agree()">Agree</button>`;

type Sent = {
  client_id?: string;
  events?: { params: Record<string, unknown>; transactionId?: string }[];
  data?: { event_id: string; user_data: Record<string, unknown> }[];
};

describe.skipIf(CHROMIUM === undefined)('a click, a call and an order (skipped where there is no Chromium)', () => {
  let folder: string;
  let clock: ReturnType<typeof createClock>;
  let standins: Standins;
  let shop: Server;
  let origin: string;
  let bridge: Bridge;
  let adminUrl: string;
  let chromium: Chromium;
  let sales: Page;
  let code = '';
  /** Between which times somebody landed, by the bridge's clock, which hears of it as late as the post takes. */
  const landed = { from: 0, until: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-offline-'));
    clock = createClock(join(folder, 'clock'));
    standins = await createStandins({ clock: () => Date.now() + clock.now() });
    const [port, adminPort, shopPort] = [await freePort(), await freePort(), await freePort()];
    adminUrl = `http://127.0.0.1:${adminPort}`;
    origin = `http://127.0.0.1:${shopPort}`;
    shop = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(shopPage(`http://127.0.0.1:${port}/t/shop.js`)),
    );
    await new Promise<void>((resolve) => shop.listen(shopPort, '127.0.0.1', resolve));
    const store = storeFile(standins);
    const google_ads = {
      customer_id: '123-456-7890',
      conversion_actions: { purchase: '987654321' },
      client_id: 'client',
      client_secret: '${ADS_SECRET}',
      refresh_token: '${ADS_TOKEN}',
      endpoint: standins.google_ads.origin,
      token_endpoint: `${standins.google_ads.origin}/token`,
    };
    const mappings = await writeMappings(folder, {
      ...store,
      currency: 'EUR',
      // Who is not known to have agreed has not. The store's own container gets what it may have only with a yes, too.
      consent: { default: 'denied', require: { sgtm: ['ad_user_data'] } },
      visits: { origins: [origin] },
      destinations: { ...store.destinations, google_ads },
    });
    const log = join(folder, 'bridge.log');
    bridge = await startBridge({
      env: {
        ...SECRETS,
        ...clock.env,
        ADS_SECRET: 'secret-of-ads',
        ADS_TOKEN: '1//token-of-ads',
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        HOST: '127.0.0.1',
        ALLOW_PRIVATE_DESTINATIONS: 'true',
        MAPPINGS_DIR: mappings,
        DATA_DIR: join(folder, 'data'),
      },
      preload: ['clock'],
      log,
    });
    await eventually(async () => (await readFile(log, 'utf8')).includes('service.ready'), 'the first link is told');
    const pages = { service: { adminUrl }, logged: [await readFile(log, 'utf8')] };
    await becomeRole(pages, await becomeAdmin(pages), 'sales');
    chromium = await startChromium();
    sales = await (await chromium.newContext()).newPage();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await bridge?.end('SIGTERM');
    shop?.close();
    await standins?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Somebody comes from an ad; the requests their browser makes to the bridge are noted. */
  async function visitor(): Promise<{ page: Page; context: BrowserContext; asked: string[] }> {
    const context = await chromium.newContext({ userAgent: USER_AGENT });
    const page = await context.newPage();
    await page.clock.install();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(bridge.url)) asked.push(request.method());
    });
    await page.goto(`${origin}${LANDING}`);
    await page.waitForFunction("window.tagbridge && !('q' in window.tagbridge)");
    return { page, context, asked };
  }
  async function logInAsSales(): Promise<void> {
    await sales.goto(`${adminUrl}/login`);
    await logIn(sales, { email: 'sales@example.com', password: PASSWORD });
    await sales.getByRole('heading', { name: 'Phone orders' }).waitFor();
  }
  async function enter(fields: Record<string, string>): Promise<void> {
    await sales.goto(`${adminUrl}/phone`);
    for (const [label, value] of Object.entries(fields)) await sales.getByLabel(label, { exact: true }).fill(value);
    await sales.getByRole('button', { name: /^Save/ }).click();
    await sales.getByText('Saved:').waitFor();
  }
  const sentTo = (place: string, number: string): Sent | undefined =>
    standins.received.find(({ destination, body }) => destination === place && JSON.stringify(body)?.includes(number))
      ?.body as Sent | undefined;
  const conversion = (number: string) =>
    sentTo('google_ads', number)?.events?.find(({ transactionId }) => transactionId === number);
  const untilSent = (places: string[], number: string) =>
    eventually(() => places.every((place) => sentTo(place, number) !== undefined), `${number} is sent`);

  test('before a yes nothing is stored and nothing is sent, and there is no code', async () => {
    const { page, context, asked } = await visitor();
    expect(asked).toEqual(['GET']);
    expect(await context.cookies()).toEqual([]);
    expect(await page.textContent('b')).toBe('');
    await context.close();
  });

  test('after a yes the page shows the code', async () => {
    landed.from = Date.now();
    const { page } = await visitor();
    landed.until = Date.now();
    // The banner is answered after a while on the page.
    await page.clock.fastForward(5 * MINUTE);
    clock.set(5 * MINUTE);
    const agreed = Date.now();
    await page.getByRole('button', { name: 'Agree' }).click();
    await page.waitForFunction("document.querySelector('b').textContent !== ''");
    landed.until += Date.now() - agreed;
    code = (await page.textContent('b')) ?? '';
    expect(code).toMatch(/^[A-Z0-9]{4}$/);
  });

  test('the salesperson sees that an ad led to the call, saves the order, and nothing is sent for five minutes', async () => {
    await logInAsSales();
    await sales.getByLabel('Code on the page').fill(code);
    await sales.getByLabel('Amount').fill('1.234,50');
    await sales
      .locator('#outlook')
      .getByText(/Google/)
      .waitFor();
    await enter({ 'Code on the page': code, Amount: '1.234,50', 'Order number': 'CALL-1' });
    clock.set(9 * MINUTE);
    // An order of the shop that comes now, and is sent, shows that what is due is being sent.
    await post(bridge.url, fromShopify(lampOrder(9001)));
    await untilSent(['ga4'], '"9001"');
    expect(PLACES.filter((place) => sentTo(place, 'CALL-1') !== undefined)).toEqual([]);
  });

  test('then every destination gets it with the ids of the click, as a phone call', async () => {
    clock.set(11 * MINUTE);
    await untilSent(PLACES, 'CALL-1');
    const ga4 = sentTo('ga4', 'CALL-1');
    expect(ga4).toMatchObject({
      client_id: CLIENT_ID,
      events: [{ name: 'purchase', params: { transaction_id: 'CALL-1', value: 1234.5, session_id: session } }],
    });
    const purchase = sentTo('meta', 'CALL-1')?.data?.find(({ event_id }) => event_id === 'CALL-1');
    expect(purchase).toMatchObject({ event_name: 'Purchase', action_source: 'phone_call' });
    const [, , at, clicked] = String(purchase?.user_data.fbc).split('.');
    expect(clicked).toBe('AbC-1');
    // When they landed, not when they agreed, which was five minutes later.
    expect(Number(at)).toBeGreaterThanOrEqual(landed.from);
    expect(Number(at)).toBeLessThanOrEqual(landed.until);
    const sgtm = JSON.stringify(sentTo('sgtm', 'CALL-1'));
    for (const text of ['"phone_call"', 'Cj0K-1', CLIENT_ID]) expect(sgtm).toContain(text);
    expect(conversion('CALL-1')).toMatchObject({
      eventSource: 'PHONE',
      adIdentifiers: { gclid: 'Cj0K-1' },
      conversionValue: 1234.5,
      consent: { adUserData: 'CONSENT_GRANTED' },
    });
  });

  test('a call of the day after has the same ids and no session', async () => {
    clock.set(30 * HOUR);
    await logInAsSales();
    await enter({ 'Code on the page': code, Amount: '50', 'Order number': 'CALL-2' });
    clock.set(30 * HOUR + 6 * MINUTE);
    await untilSent(PLACES, 'CALL-2');
    const ga4 = sentTo('ga4', 'CALL-2');
    expect(ga4).toMatchObject({ client_id: CLIENT_ID });
    expect(ga4?.events?.[0]?.params).not.toHaveProperty('session_id');
    expect(JSON.stringify(sentTo('sgtm', 'CALL-2'))).not.toContain(session);
    expect(conversion('CALL-2')).toMatchObject({ adIdentifiers: { gclid: 'Cj0K-1' } });
  });

  test('of a caller who agreed to nothing nothing leaves, and the page says why', async () => {
    await enter({ Phone: '06 55501423', Amount: '70', 'Order number': 'CALL-3' });
    clock.set(30 * HOUR + 13 * MINUTE);
    const fate = async () => {
      await sales.goto(`${adminUrl}/phone`);
      return sales.locator('.entries .card').first().innerText();
    };
    await eventually(async () => (await fate()).split('no consent').length === PLACES.length + 1, 'nobody gets it');
    expect(PLACES.filter((place) => sentTo(place, 'CALL-3') !== undefined)).toEqual([]);
    expect(standins.received.filter(({ text }) => text.includes('55501423'))).toEqual([]);
  });
});
