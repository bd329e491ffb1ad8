// A person's way through the pages in a real Chromium: log in, find an order, follow its trace, replay, pause and resume.
import axe from 'axe-core';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, type Browser, becomeAdmin, becomeRole, PASSWORD } from '../support/browser.ts';
import { CHROMIUM, logIn, startChromium } from '../support/chromium.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, startRig } from '../support/service.ts';
import { makeDay, traceOf } from '../support/shop.ts';
import { soon } from '../support/soon.ts';

type Found = { violations: { id: string; impact: string; nodes: { html: string }[] }[]; passes: number };

describe.skipIf(CHROMIUM === undefined)(
  `in Chromium${CHROMIUM === undefined ? ' (SKIPPED: none is installed)' : ''}`,
  () => {
    let rig: Rig;
    let person: Browser;
    let chromium: Chromium;
    let page: Page;
    const complaints: string[] = [];
    /** Logs somebody new in, by the page. */
    const enter = async (role: string): Promise<Page> => {
      await becomeRole(rig, person, role);
      const other = await (await chromium.newContext()).newPage();
      await other.goto(`${rig.service.adminUrl}/login`);
      await logIn(other, { email: `${role}@example.com`, password: PASSWORD });
      await other.getByRole('button', { name: 'Log out', exact: true }).waitFor();
      return other;
    };
    const go = (path: string) => page.goto(rig.service.adminUrl + path);
    beforeAll(async () => {
      rig = await startRig();
      person = await becomeAdmin(rig);
      await makeDay(rig, person);
      chromium = await startChromium();
      page = await (await chromium.newContext()).newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
    });
    afterAll(async () => {
      await chromium.close();
      await rig.close();
    });

    test('an admin logs in, finds an order and follows its trace', async () => {
      await go('/');
      await logIn(page, ADMIN);
      await page.getByRole('searchbox').fill('1042');
      await page.getByRole('searchbox').press('Enter');
      await page.getByRole('link', { name: 'Trace' }).first().click();
      await page.getByText('Fields, and where each came from').click();
      expect(await page.getByRole('table', { name: 'Fields of purchase' }).textContent()).toContain('transaction_id');
      expect(await page.locator('time').first().getAttribute('title')).toMatch(/UTC$/);
    });

    test('replays what is stuck after a look at it', async () => {
      await go('/problems');
      await page.getByRole('link', { name: 'Map again…' }).click();
      await page.getByRole('button', { name: 'Map again' }).click();
      expect(await page.getByRole('status').textContent()).toContain('1 is at work again');
      expect(await page.evaluate('document.activeElement.role')).toBe('status');
    });

    test('comes back to a page whose form was answered without being asked to send it again', async () => {
      await go(await traceOf(person, '1044'));
      await page.getByRole('button', { name: 'Show personal data' }).click();
      await page.getByText('it was noted that you looked').waitFor();
      expect(page.url()).toMatch(/\/hooks\/[\w-]+$/);
      await page.getByRole('link', { name: '1044' }).first().click();
      await page.getByRole('heading', { name: 'Order 1044 of shop' }).waitFor();
      await page.goBack();
      await page.getByRole('button', { name: 'Show personal data' }).waitFor();
    });

    test('resumes a paused destination, pauses another and resumes it', async () => {
      await go('/destinations');
      await page.getByRole('button', { name: 'Resume' }).click();
      expect(await page.getByRole('status').textContent()).toContain('Resumed');
      expect(await page.evaluate('document.activeElement.role')).toBe('status');
      await page.getByText('Pause…').first().click();
      await page.getByRole('button', { name: 'Pause' }).click();
      expect(await page.getByRole('status').textContent()).toContain('Paused');
      await page.getByRole('button', { name: 'Resume' }).click();
    });

    test('makes a token, and revokes it after a second look', async () => {
      await go('/tokens');
      await page.getByLabel('What it is for').fill('reporting');
      await page.getByRole('button', { name: 'Make it' }).click();
      expect(await page.getByLabel('The new token').inputValue()).toMatch(/^tagbridge_/);
      await page.getByText('Revoke…').click();
      await page.getByRole('button', { name: 'Revoke' }).click();
      expect(await page.getByRole('status').textContent()).toContain('refused from now on');
    });

    test('the charts tell now from a week before also in the colours that a person has forced', async () => {
      await page.emulateMedia({ forcedColors: 'active' });
      await page.goto(rig.service.adminUrl);
      const markers = page.locator('[data-chart]').first().locator('.u-marker');
      await markers.nth(1).waitFor();
      const colors = await markers.evaluateAll((all) =>
        all.slice(-2).map((one) => one.ownerDocument.defaultView?.getComputedStyle(one).borderTopColor),
      );
      expect(new Set(colors).size).toBe(2);
      await page.emulateMedia({ forcedColors: 'none' });
    });

    test('the overview draws its charts, which lead to the rows of an hour', async () => {
      await go('/');
      expect(await page.getByRole('link', { name: /^Hooks received: \d+$/ }).count()).toBe(1);
      const plot = page.locator('[data-chart]').first().locator('.u-over');
      expect(await page.locator('[data-chart] canvas').count()).toBe(3);
      // A chart that is drawn anew, with wider labels, has another width than the one just measured.
      await soon(async () => {
        const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {};
        await plot.click({ position: { x: width - 4, y: height / 2 }, timeout: 2_000 });
      });
      await page.waitForURL(/\/events\?hour=\d+$/);
      await page.getByText('Only of the hour from').waitFor();
      expect(await page.getByRole('row', { name: /purchase/ }).count()).toBeGreaterThan(0);
    });

    test('the overview renews itself while a table stays open, and asks where it cannot be told', async () => {
      await go('/');
      await page.getByText('As a table').first().click();
      await post(rig.service.url, fromShopify(lampOrder(1099)));
      await page
        .getByRole('link', { name: /EUR\s1,200\.00/ })
        .first()
        .waitFor();
      expect(await page.locator('#table-events[open]').count()).toBe(1);
      const other = await page.context().newPage();
      await other.route('**/live/stream', (route) => route.fulfill({ status: 503 }));
      await other.clock.install();
      await other.goto(`${rig.service.adminUrl}/`);
      const asked = other.waitForResponse((response) => response.url().endsWith('/live'));
      await other.clock.fastForward(16_000);
      expect((await asked).status()).toBe(200);
      await other.close();
    });

    test('a viewer finds an order and follows it, with nothing to press', async () => {
      const other = await enter('viewer');
      await other.getByRole('searchbox').fill('1042');
      await other.getByRole('searchbox').press('Enter');
      await other.getByRole('link', { name: 'Trace' }).first().click();
      expect(await other.getByRole('main').textContent()).toContain('delivered');
      for (const path of [new URL(other.url()).pathname, '/problems', '/destinations', '/sources']) {
        await other.goto(rig.service.adminUrl + path);
        expect([path, await other.getByRole('main').locator('form[method=post]').count()]).toEqual([path, 0]);
      }
      expect(await other.getByRole('link', { name: 'People' }).count()).toBe(0);
      await other.context().close();
    });

    test('sales comes to a page of its own and is led to no other', async () => {
      const other = await enter('sales');
      expect(await other.getByRole('main').textContent()).toMatch(/\w/);
      for (const name of ['Overview', 'Search', 'Hooks', 'People'])
        expect([name, await other.getByRole('link', { name, exact: true }).count()]).toEqual([name, 0]);
      await other.goto(`${rig.service.adminUrl}/hooks`);
      expect(await other.getByRole('main').textContent()).toContain('Not for your role');
      await other.getByRole('button', { name: 'Log out', exact: true }).click();
      await other.getByLabel('Password').waitFor();
      await other.context().close();
    });

    test('an admin sees one kind of lines of the audit, and the console has no complaint', async () => {
      await go('/audit');
      await page.getByLabel('What').selectOption('token made');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.waitForURL(/action=token\+made/);
      expect(complaints).toEqual([]);
    });

    test('axe finds nothing serious on any page, light or dark, and the console no complaint', async () => {
      const trace = await traceOf(person, '1042');
      const paths = [
        '/',
        '/search?q=1042',
        '/hooks',
        '/events',
        '/deliveries',
        '/problems',
        '/sources',
        '/destinations',
        '/alerts',
        '/match',
        '/match/lacking?lacks=client_id',
        '/sources/shop/shopify',
        '/mappings',
        '/mappings/playground',
        '/people',
        '/tokens',
        '/audit',
        '/account',
        '/orders?store=shop&order=1043',
        trace,
      ];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const path of paths) {
          await go(path);
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          // The policy of the pages forbids scripts of others, so axe comes in by the debugger.
          const { violations, passes } = await page.evaluate<Found>(
            `${axe.source}; axe.run().then(({ violations, passes }) => ({ violations, passes: passes.length }))`,
          );
          expect(passes).toBeGreaterThan(10);
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect([path, colorScheme, serious.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([
            path,
            colorScheme,
            [],
          ]);
        }
      }
      expect(complaints).toEqual([]);
    }, 120_000);
  },
);
