// From the ad to the phone in a real Chromium: somebody lands, agrees, reads a code aloud, and the order finds the click.
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { becomeAdmin, becomeRole, PASSWORD } from './support/browser.ts';
import { CHROMIUM, startChromium } from './support/chromium.ts';
import { eventually, type Rig, startRig, storeFile } from './support/service.ts';

const USER_AGENT =
  'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36';
const DENIED =
  "{ ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' }";
const CLIENT_ID = '1380133182.1764792191';
const HOUR = 3600;

/** A shop's page with consent mode, the cookies of its tag, and the code to be said on the phone. */
const shopPage = (script: string, session: number) => `<!doctype html><title>Lamps</title>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag() { dataLayer.push(arguments); }
  gtag('consent', 'default', ${DENIED});
  document.cookie = '_ga=GA1.1.${CLIENT_ID}';
  document.cookie = '_ga_TEST000001=GS2.1.s${session}$o1$g1$t${session}$j0$l0$h0';
</script>
<script src="${script}" async></script>
<p>Ask for code <b data-tagbridge-code></b></p>
<button onclick="gtag('consent', 'update', ${DENIED.replaceAll('denied', 'granted')})">Agree</button>`;

describe.skipIf(CHROMIUM === undefined)('from the ad to the phone (skipped where there is no Chromium)', () => {
  let rig: Rig;
  let shop: Server;
  let origin: string;
  let chromium: Chromium;
  let desk: Page;
  let session = 0;
  const NAMES = ['ga4', 'meta', 'sgtm', 'google_ads'] as const;

  beforeAll(async () => {
    rig = await startRig({ PHONE_UNDO_SECONDS: '0', ADS_SECRET: 'secret-of-the-client', ADS_TOKEN: '1//token-of-ann' });
    shop = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(shopPage(`${rig.service.url}/t/shop.js`, session)),
    );
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const address = shop.address();
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const { google_ads } = rig.standins;
    const { destinations, ...base } = storeFile(rig.standins);
    const store = {
      ...base,
      currency: 'EUR',
      consent: { default: 'denied' },
      visits: { origins: [origin] },
      destinations: {
        ...destinations,
        google_ads: {
          customer_id: '123-456-7890',
          conversion_actions: { purchase: '987654321' },
          client_id: 'client.apps.example',
          client_secret: '${ADS_SECRET}',
          refresh_token: '${ADS_TOKEN}',
          endpoint: google_ads.origin,
          token_endpoint: `${google_ads.origin}/token`,
        },
      },
    };
    const loads = () => rig.logged.filter((line) => line.includes('mappings.loaded')).length;
    const before = loads();
    await writeFile(join(rig.folder, 'mappings/stores/shop.yaml'), JSON.stringify(store));
    await eventually(() => loads() > before, 'the store keeps visits');
    await becomeRole(rig, await becomeAdmin(rig), 'sales');
    chromium = await startChromium();
    desk = await (await chromium.newContext({ viewport: { width: 390, height: 844 }, isMobile: true })).newPage();
    await desk.goto(`${rig.service.adminUrl}/login`);
    await desk.getByLabel('E-mail').fill('sales@example.com');
    await desk.getByLabel('Password').fill(PASSWORD);
    await desk.getByRole('button', { name: 'Log in' }).click();
    await desk.getByRole('heading', { name: 'Phone orders' }).waitFor();
  }, 60_000);
  afterAll(async () => {
    await chromium?.close();
    shop?.close();
    await rig?.close();
  });

  /** Somebody who comes from an ad; `age` is how many seconds ago their session began. */
  const land = async (age: number): Promise<Page> => {
    session = Math.floor(Date.now() / 1000) - age;
    const page = await (await chromium.newContext({ userAgent: USER_AGENT })).newPage();
    await page.goto(`${origin}/lamps?gclid=Cj0K-${age}&fbclid=AbC-${age}`);
    await page.waitForFunction("window.tagbridge && !('q' in window.tagbridge)");
    return page;
  };
  const agree = async (page: Page): Promise<string> => {
    await page.getByRole('button', { name: 'Agree' }).click();
    await page.waitForFunction("document.querySelector('b').textContent !== ''");
    return (await page.textContent('b')) ?? '';
  };
  const sell = async (number: string, customer: Record<string, string>): Promise<void> => {
    await desk.goto(`${rig.service.adminUrl}/phone`);
    for (const [label, text] of Object.entries(customer)) await desk.getByLabel(label, { exact: true }).fill(text);
    await desk.getByLabel('Amount').fill('349,00');
    await desk.getByLabel('Order number').fill(number);
    await desk.getByRole('button', { name: 'Save', exact: true }).click();
    await desk.getByRole('status').getByText(number).waitFor();
  };
  const sentTo = (destination: string, number: string) =>
    rig.standins.received
      .filter((one) => one.destination === destination)
      .map((one) => JSON.stringify(one))
      .find((body) => body.includes(`"${number}"`));

  test('an order with the code has the click, the client id and the session of who said it', async () => {
    const began = Date.now();
    const page = await land(600);
    expect(await page.textContent('b')).toBe('');
    const code = await agree(page);
    const landed = Date.now();
    await sell('A-1', { 'Code on the page': code, Phone: '06 12345678' });
    await eventually(() => NAMES.every((name) => sentTo(name, 'A-1') !== undefined), 'all four have it');
    const [ga4, meta, sgtm, ads] = NAMES.map((name) => sentTo(name, 'A-1') ?? '');
    for (const body of [ga4, sgtm]) {
      expect(body).toContain(CLIENT_ID);
      expect(body).toMatch(new RegExp(`session_id":"?${session}`));
    }
    for (const body of [meta, sgtm]) expect(body).toContain('phone_call');
    const fbc = /fb\.1\.(\d{13})\.AbC-600/.exec(meta ?? '')?.[1];
    expect(Number(fbc)).toBeGreaterThanOrEqual(began - 1_000);
    expect(Number(fbc)).toBeLessThanOrEqual(landed);
    for (const body of [sgtm, ads]) expect(body).toContain('Cj0K-600');
    expect(ads).toContain('"PHONE"');
  });

  test('a session that began more than a day ago goes along no more, the click does', async () => {
    const code = await agree(await land(25 * HOUR));
    await sell('A-2', { 'Code on the page': code });
    await eventually(
      () => sentTo('ga4', 'A-2') !== undefined && sentTo('google_ads', 'A-2') !== undefined,
      'it arrived',
    );
    expect(sentTo('ga4', 'A-2')).toContain(CLIENT_ID);
    expect(sentTo('ga4', 'A-2')).not.toContain('session_id');
    expect(sentTo('google_ads', 'A-2')).toContain(`Cj0K-${25 * HOUR}`);
  });

  test('of who never agreed nothing is known, and nothing that needs a yes leaves', async () => {
    const page = await land(60);
    await page.waitForLoadState('networkidle');
    expect(await page.textContent('b')).toBe('');
    await sell('A-3', { Phone: '06 87654321', 'E-mail': 'bob@example.com' });
    const told = async () => {
      await desk.goto(`${rig.service.adminUrl}/phone`);
      return (await desk.getByRole('listitem').filter({ hasText: 'A-3' }).first().textContent()) ?? '';
    };
    await eventually(async () => /Not joined/.test(await told()), 'it is worked on');
    for (const title of ['Meta Conversions API', 'Google Ads'])
      expect(await told()).toMatch(new RegExp(`Not sent to ${title}[^:]*: no consent`));
    expect([sentTo('meta', 'A-3'), sentTo('google_ads', 'A-3')]).toEqual([undefined, undefined]);
    expect(JSON.stringify(rig.standins.received)).not.toContain('Cj0K-60"');
  });
});
