// The playground in a real Chromium: a mapping is mended in the page, and the event changes with it.
import axe from 'axe-core';
import type { Browser as Chromium, Dialog, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { timeOf } from '../../src/lib/id.ts';
import { ADMIN, type Browser, becomeAdmin } from '../support/browser.ts';
import { CHROMIUM, logIn, startChromium } from '../support/chromium.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';
import { traceOf, untilFound } from '../support/shop.ts';

type Found = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

describe.skipIf(CHROMIUM === undefined)(
  `the playground in Chromium${CHROMIUM === undefined ? ' (SKIPPED: none is installed)' : ''}`,
  () => {
    let rig: Rig;
    let person: Browser;
    let chromium: Chromium;
    let page: Page;
    const complaints: string[] = [];
    const go = (path: string) => page.goto(rig.service.adminUrl + path);
    beforeAll(async () => {
      rig = await startRig();
      person = await becomeAdmin(rig);
      const store = storeFile(rig.standins);
      const shopify = { ...store.sources.shopify, events: { purchase: { fields: { transaction_id: 'nmae' } } } };
      await writeMapping(rig, 'stores/shop.yaml', stringify({ ...store, sources: { ...store.sources, shopify } }));
      await post(rig.service.url, fromShopify(lampOrder(1042)));
      await untilFound(person, '1042');
      chromium = await startChromium();
      page = await chromium.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await go('/');
      await logIn(page, ADMIN);
    });
    afterAll(async () => {
      await chromium.close();
      await rig.close();
    });

    const editor = () => page.getByRole('textbox', { name: 'Text of stores/shop.yaml' });
    const field = (name: string) => page.locator('#result tr', { hasText: name }).first();

    test('a mapping is mended, and the event, the requests and the diff follow at once', async () => {
      await go('/mappings');
      await page.getByRole('link', { name: 'Try a change' }).click();
      await page.getByRole('button', { name: 'Load it', exact: true }).click();
      await page.getByText('1 event, 3 requests').waitFor();
      await field('transaction_id').getByText('"1042"').waitFor();
      await editor().getByText('nmae').dblclick();
      await page.keyboard.type('name');
      await page.locator('#patch').waitFor();
      await field('transaction_id').getByText('"#1042"').waitFor();
      expect(await page.locator('#result .patch').textContent()).toContain('+          transaction_id: name');
      expect(await page.locator('#result').textContent()).toContain('"order_id": "#1042"');
    });

    test('a mistake is marked in its line, and gone when it is mended', async () => {
      await editor().click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('contry: NL');
      await page.locator('#result').getByText('unknown key contry').waitFor();
      expect(await page.locator('.cm-lint-marker-error').count()).toBe(1);
      for (const _ of 'contry: NL') await page.keyboard.press('Backspace');
      await page.getByText('The draft has no mistakes').waitFor();
      expect(await page.locator('.cm-lint-marker-error').count()).toBe(0);
    });

    test('keys are completed by the schema', async () => {
      await page.keyboard.type('curr');
      await page.locator('.cm-tooltip-autocomplete').getByText('currency').click();
      expect(await page.locator('#play-text').inputValue()).toMatch(/currency: $/);
      for (const _ of 'currency: ') await page.keyboard.press('Backspace');
    });

    test('a page with an edited file is not left without a question', async () => {
      const leave = (answer: 'accept' | 'dismiss'): Promise<string> =>
        new Promise((resolve, reject) => {
          page.once('dialog', (dialog) => {
            dialog[answer]().then(() => resolve(dialog.type()), reject);
          });
          page.getByRole('link', { name: 'Hooks', exact: true }).click().catch(reject);
        });
      expect(await leave('dismiss')).toBe('beforeunload');
      expect(page.url()).toContain('/mappings/playground');
      await page.locator('#patch').waitFor();
    });

    test('the edited file is downloaded, and what it would change is shown', async () => {
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download the file' }).click();
      expect((await waiting).suggestedFilename()).toBe('shop.yaml');
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByRole('heading', { name: '1 purchase would change' }).waitFor();
      expect(await page.locator('[data-editor]').inputValue()).toContain('transaction_id: name');
    });

    test('a page whose file was downloaded is left without a question', async () => {
      const asked: string[] = [];
      const onDialog = (dialog: Dialog) => {
        asked.push(dialog.type());
        void dialog.accept();
      };
      page.on('dialog', onDialog);
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download the file' }).click();
      await waiting;
      await page.locator('#patch').waitFor();
      await page.getByRole('link', { name: 'Hooks', exact: true }).click();
      await page.waitForURL((url) => !url.pathname.startsWith('/mappings'));
      expect(asked).toEqual([]);
      page.off('dialog', onDialog);
    });

    test.each([1280, 390])('at a width of %i where each field came from is in sight beside it', async (width) => {
      await page.setViewportSize({ width, height: 844 });
      await go(`/mappings/playground?hook=${(await traceOf(person, '1042')).slice('/hooks/'.length)}`);
      await page.getByText('1 event, 3 requests').waitFor();
      const table = page.locator('#result .scroll').first();
      expect(await table.locator('th').last().textContent()).toBe('Where it came from');
      const [shown = 0, needed = 0] = await table.evaluate((scroll) => [scroll.clientWidth, scroll.scrollWidth]);
      expect(needed).toBe(shown);
    });

    test('kept hooks and their arrival are told in the zone of whoever looks', async () => {
      const context = await chromium.newContext({
        storageState: await page.context().storageState(),
        timezoneId: 'Asia/Kolkata',
        locale: 'en-GB',
      });
      const other = await context.newPage();
      await other.goto(`${rig.service.adminUrl}/mappings/playground?store=shop`);
      const came = timeOf((await traceOf(person, '1042')).slice('/hooks/'.length));
      const hour = new Date(came + 5.5 * 3_600_000).toISOString().slice(0, 13);
      expect(await other.getByLabel('A kept hook').innerText()).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d, shopify, /);
      await other.getByRole('button', { name: 'Load it', exact: true }).click();
      const arrived = await other.getByLabel('Arrives at').inputValue();
      expect([arrived.slice(0, 13), arrived.slice(-6)]).toEqual([hour, '+05:30']);
      await other.getByText('1 event, 3 requests').waitFor();
      await context.close();
    });

    test('no page is wider than a phone, axe finds nothing serious, and the console has no complaint', async () => {
      const hook = (await traceOf(person, '1042')).slice('/hooks/'.length);
      const paths = [
        '/mappings',
        '/mappings/file?file=stores/shop.yaml',
        '/mappings/merged?store=shop',
        `/mappings/playground?hook=${hook}`,
      ];
      await page.setViewportSize({ width: 390, height: 844 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const path of paths) {
          await go(path);
          if (path.includes('hook=')) await page.getByText('1 event, 3 requests').waitFor();
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          const { violations } = await page.evaluate<Found>(`${axe.source}; axe.run()`);
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect([path, serious.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([path, []]);
          expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 390]);
        }
      }
      expect(complaints).toEqual([]);
    });
  },
);
