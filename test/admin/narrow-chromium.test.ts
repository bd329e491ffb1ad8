// The pages at the width of a phone and of a small tablet, in a real Chromium, with names and amounts as long as they come.
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, type Browser, becomeAdmin } from '../support/browser.ts';
import { CHROMIUM, logIn, startChromium } from '../support/chromium.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';
import { makeDay, traceOf, untilFound } from '../support/shop.ts';

const LONG = 'kaffeeroesterei-und-feinkosthandlung-muenchen';
const PATHS = [
  '/',
  '/search?q=1042',
  '/hooks',
  '/events',
  '/deliveries',
  '/deliveries?kind=dead',
  '/problems',
  '/match',
  '/match/lacking?lacks=client_id',
  '/sources',
  '/destinations',
  '/mappings',
  `/mappings/merged?store=shop`,
  '/mappings/playground',
  '/alerts',
  '/phone',
  '/people',
  '/tokens',
  '/audit',
  '/orders?store=shop&order=1043',
];

describe.skipIf(CHROMIUM === undefined)('on a narrow screen (skipped where there is no Chromium)', () => {
  let rig: Rig;
  let person: Browser;
  let chromium: Chromium;
  let page: Page;
  let trace: string;
  const go = (path: string) => page.goto(rig.service.adminUrl + path);
  beforeAll(async () => {
    rig = await startRig();
    person = await becomeAdmin(rig);
    await makeDay(rig, person);
    await writeMapping(rig, 'stores/long.yaml', JSON.stringify({ ...storeFile(rig.standins), store: LONG }));
    const order = fromShopify(
      lampOrder(1070, { total_price: '98765432109.99', line_items: [], note_attributes: [], landing_site: '/' }),
    );
    await post(rig.service.url, { ...order, path: `/hooks/${LONG}/shopify` });
    await untilFound(person, '1070');
    const sold = { store: 'shop', key: 'one', phone: '06 12345678', amount: '349,00', currency: 'EUR' };
    await person.submit('/phone/orders', { ...sold, name: 'Ann Wolfeschlegelsteinhausenbergerdorff-van-Dyk' });
    trace = await traceOf(person, '1044');
    chromium = await startChromium();
    page = await (await chromium.newContext({ viewport: { width: 390, height: 844 } })).newPage();
    await go('/login');
    await logIn(page, ADMIN);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });
  afterAll(async () => {
    await chromium.close();
    await rig.close();
  });

  test.each([320, 390, 768, 1280])(
    'nothing lies outside of %d pixels, neither of a page nor of a list',
    async (width) => {
      await page.setViewportSize({ width, height: 844 });
      for (const path of [...PATHS, trace]) {
        await go(path);
        await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true");
        const beside = await page.evaluate<string[]>(`
        [document.documentElement, ...document.querySelectorAll('.scroll')]
          .filter((one) => one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.getAttribute('aria-label') ?? 'the page')`);
        expect([path, width, beside]).toEqual([path, width, []]);
      }
    },
  );

  test('a page is as large as the text size of the browser asks for', async () => {
    await page.setViewportSize({ width: 1280, height: 844 });
    for (const path of PATHS) {
      await go(path);
      await page.evaluate("document.documentElement.style.fontSize = '32px'");
      expect([path, await page.evaluate('getComputedStyle(document.body).fontSize')]).toEqual([path, '32px']);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 1280]);
    }
  });

  test('with text twice as large nothing lies beside a page on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of [...PATHS, trace]) {
      await go(path);
      await page.evaluate("document.documentElement.style.fontSize = '32px'");
      await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true");
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
    }
  });

  test('on paper a trace is whole, and phone orders are their list without the form', async () => {
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await go(trace);
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true");
    const cut = `[...document.querySelectorAll('pre, .scroll')].filter((one) => one.scrollHeight > one.clientHeight + 1).length`;
    expect(await page.locator('pre').count()).toBeGreaterThan(1);
    expect(await page.evaluate(cut)).toBe(0);
    await go('/phone');
    expect(await page.getByRole('listitem').filter({ hasText: 'EUR 349.00' }).isVisible()).toBe(true);
    expect(await page.locator('input, select, button').filter({ visible: true }).count()).toBe(0);
    await page.emulateMedia({ media: null });
  });

  test('a list stays a table with heads, rows and cells for who hears it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await go('/hooks');
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const roles = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => `${role?.value} ${name?.value}`);
    expect(roles).toContain('table Hooks');
    expect(roles).toContain('columnheader State');
    const rows = roles.filter((role) => role.startsWith('row ')).length;
    expect(rows).toBeGreaterThan(10);
    expect(roles.filter((role) => role.startsWith('cell ')).length).toBeGreaterThan(3 * rows);
    expect(await page.getByRole('cell').filter({ hasText: 'ignored' }).first().getAttribute('data-label')).toBe(
      'State',
    );
  });

  test('the place in the navigation is in sight', async () => {
    await go('/audit');
    const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Audit' });
    const box = await link.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  });
});
