// What a shop says of its webhooks, on the page of its source at the width of a phone, in a real Chromium.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, becomeAdmin } from './support/browser.ts';
import { CHROMIUM, logIn, startChromium } from './support/chromium.ts';
import { runHere } from './support/cli.ts';
import { type Rig, SECRETS, startRig } from './support/service.ts';
import { startWooWebhooks, type WooWebhooks, wooWebhooksAt } from './support/woo-webhooks.ts';

const PUBLIC_URL = 'https://hooks.kaffeeroesterei-und-feinkosthandlung-muenchen.example';
const LONG = 'action.woocommerce_some_plugin_with_a_very_long_name_did_something';

describe.skipIf(CHROMIUM === undefined)('on a narrow screen (skipped where there is no Chromium)', () => {
  let shop: WooWebhooks;
  let rig: Rig;
  let chromium: Browser;
  let page: Page;
  beforeAll(async () => {
    shop = await startWooWebhooks();
    const woo = { platform: 'woocommerce', secrets: ['${WOO_SECRET}'], ...wooWebhooksAt(shop) };
    rig = await startRig({ PUBLIC_URL }, { sources: { woo } });
    await becomeAdmin(rig);
    const here = { delivery_url: `${PUBLIC_URL}/hooks/shop/woo?key=hidden-key` };
    const astray = { delivery_url: `${PUBLIC_URL.replace('hooks.', 'old-hooks.')}/hooks/shop/woo` };
    shop.webhooks = [
      { id: 1, topic: 'order.updated', status: 'disabled', ...here },
      { id: 2, topic: 'order.created', status: 'active', ...here },
      { id: 3, topic: LONG, status: 'paused', ...here },
      { id: 4, topic: 'order.updated', status: 'active', ...astray },
    ];
    await runHere(['webhooks'], {
      ...{ ...SECRETS, PUBLIC_URL, ALLOW_PRIVATE_DESTINATIONS: 'true' },
      ...{ DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') },
    });
    chromium = await startChromium();
    page = await (await chromium.newContext({ viewport: { width: 390, height: 844 } })).newPage();
    await page.goto(`${rig.service.adminUrl}/login`);
    await logIn(page, ADMIN);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });
  afterAll(async () => {
    await chromium.close();
    await rig.close();
    await shop.close();
  });

  test('it is read without moving sideways, and says what to do', async () => {
    await page.goto(`${rig.service.adminUrl}/sources/shop/woo`);
    await page.getByText('WooCommerce does not send all that counts, because a webhook is off. In WordPress').waitFor();
    await page.getByText('(disabled)').waitFor();
    await page.getByText('at another host').waitFor();
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(wide).toBe(0);
    expect(await page.content()).not.toContain('hidden-key');
    await page.goto(rig.service.adminUrl);
    await page.getByText('shop/woo: WooCommerce does not send all that counts').waitFor();
  });
});
