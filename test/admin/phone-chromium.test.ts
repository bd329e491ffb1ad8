// A phone order in a real Chromium as wide as a phone: typed by thumb, warned, taken back, also where scripts are off.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from '../support/chromium.ts';
import { comeBy } from '../support/phone.ts';
import { field, type PhonePages, save, startPhonePages } from '../support/phone-chromium.ts';

type Found = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

describe.skipIf(CHROMIUM === undefined)('phone orders in Chromium (skipped where there is none)', () => {
  let pages: PhonePages;
  let phone: PhonePages['phone'];
  let enter: PhonePages['enter'];
  let complaints: PhonePages['complaints'];
  let code: string;
  let page: Page;
  beforeAll(async () => {
    pages = await startPhonePages();
    ({ phone, enter, complaints } = pages);
    code = await comeBy(phone.rig, 'ann', { code: true });
    page = await enter({});
  });
  afterAll(() => pages?.close());

  test('the visit shows while the code is typed, and nothing is wider than the phone', async () => {
    expect(await field(page, 'Phone').evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    await field(page, 'Code on the page').pressSequentially(code);
    await page.getByText('Google ad, 3 days ago').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    for (const button of await page.locator('#entry input:visible, #entry select, #entry button').all())
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  });

  test('what is known of the customer is put there once while the rest is typed, and fields are heard with their hints', async () => {
    const other = await enter({});
    await field(other, 'Phone').fill('06 12345678');
    const outlook = other.locator('#outlook');
    await outlook.getByText('No visit of this customer is known').waitFor();
    await outlook.evaluate((part) => part.firstElementChild?.setAttribute('data-old', ''));
    const looked = other.waitForResponse('**/phone/look');
    await field(other, 'Order number').fill('A-1');
    await (await looked).finished();
    await other.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    expect(await outlook.locator('[data-old]').count()).toBe(1);
    const described = (name: string) =>
      field(other, name).evaluate(
        (input) => input.ownerDocument.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent,
      );
    expect(await described('Order number')).toBe('Made by itself where there is none');
    expect(await described('When it was agreed')).toContain('Now, where it stays empty');
    await other.context().close();
  });

  test('an order is saved in its currency where the browser translates the page', async () => {
    const other = await enter({});
    await other.evaluate("for (const one of document.querySelectorAll('option')) one.text += ' (translated)'");
    await field(other, 'Phone').fill('06 12345670');
    await field(other, 'Amount').fill('12');
    await field(other, 'Amount').press('Enter');
    await other.getByRole('status').getByText('EUR 12.00').waitFor();
    await other.context().close();
  });

  test('Save is always to be seen, and covers no field that is typed into', async () => {
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await page.evaluate('scrollTo(0, 0)');
    expect(await save.boundingBox()).toMatchObject({ y: expect.toSatisfy((y: number) => y + 52 <= 844) });
    for (const one of await page.locator('#entry input:visible, #entry select').all()) {
      await one.focus();
      const [typed, button] = [await one.boundingBox(), await save.boundingBox()];
      expect((typed?.y ?? Number.NaN) + (typed?.height ?? Number.NaN)).toBeLessThanOrEqual(button?.y ?? Number.NaN);
    }
  });

  test('an order is saved, warned of the second time, and taken back', async () => {
    await field(page, 'Phone').fill('06 12345678');
    await field(page, 'Amount').fill('1.234,50');
    await field(page, 'Amount').press('Enter');
    await page.getByRole('status').getByText('EUR 1,234.50').waitFor();
    expect(await page.title()).toContain('Saved: Phone orders');
    await field(page, 'Phone').fill('06 12345678');
    await field(page, 'Amount').pressSequentially('1234.50');
    await page.getByText('Is it there already?').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Save it all the same' }).click();
    await page.getByRole('status').getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('Taken back: nothing of it was sent').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Taken back');
    expect(phone.rig.standins.received).toEqual([]);
  });

  test('who is asked about another amount comes by a link to the button that replaces it, which lies below the screen', async () => {
    const other = await enter({});
    for (const amount of ['850', '85']) {
      await field(other, 'Phone').fill('06 12345685');
      await field(other, 'Amount').fill(amount);
      await save(other);
      await other.getByText(amount === '850' ? 'Saved:' : 'Not saved yet').waitFor();
    }
    const replace = other.getByRole('button', { name: /^Save it in place of/ });
    const isSeen = () => replace.evaluate((button) => button.getBoundingClientRect().bottom <= 844);
    expect(await isSeen()).toBe(false);
    await other.getByRole('link', { name: 'in place of the one that it corrects' }).click();
    expect(await isSeen()).toBe(true);
    expect(await replace.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
    await replace.press('Enter');
    await other.getByRole('status').getByText('EUR 85.00').waitFor();
    await other.context().close();
  });

  test('the time it was agreed at is that of the clock on the wall', async () => {
    expect(await page.getByRole('contentinfo').textContent()).toBe('Times are those of America/New_York.');
    await page.getByRole('link', { name: 'begin with an empty form' }).click();
    await field(page, 'E-mail').fill('bob@example.com');
    await field(page, 'Amount').fill('20');
    const inNewYork = new Date(Date.now() - 3_600_000).toLocaleString('sv', { timeZone: 'America/New_York' });
    await field(page, 'When it was agreed').fill(inNewYork.slice(0, 16).replace(' ', 'T'));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('status').getByText('EUR 20.00').waitFor();
    await page.getByRole('status').getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('It stands in the form again').waitFor();
    expect(await field(page, 'When it was agreed').inputValue()).toBe(inNewYork.slice(0, 16).replace(' ', 'T'));
    expect(await field(page, 'Amount').inputValue()).toBe('20');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('status').getByText('EUR 20.00').waitFor();
  });

  test('a lead is moved to its next stage', async () => {
    await page.getByRole('link', { name: 'Leads' }).click();
    await field(page, 'Phone').fill('06 87654321');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Next stage…').click();
    const next = page.locator('details[open]');
    await next.getByLabel('Stage').selectOption('Qualified');
    await next.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').getByText('Qualified', { exact: true }).waitFor();
  });

  test('axe finds nothing serious, light or dark, also in warnings and mistakes', async () => {
    const look = async (what: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        const { violations } = await page.evaluate<Found>(
          `${axe.source}; axe.run().then(({ violations }) => ({ violations }))`,
        );
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect([what, colorScheme, serious.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([
          what,
          colorScheme,
          [],
        ]);
      }
    };
    await look('leads');
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await look('orders');
    await field(page, 'Amount').fill('1.234');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText('two ways').waitFor();
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    await page.getByRole('link', { name: 'Amount 1.234 can be read' }).click();
    expect(await page.evaluate('document.activeElement.id')).toBe('amount');
    await look('mistakes');
    await field(page, 'Amount').fill('1234.50');
    await field(page, 'Phone').fill('06 12345678');
    await field(page, 'When it was agreed').fill('2026-01-02T10:00');
    await page.getByText('Is it there already?').waitFor();
    await look('warnings');
    expect(complaints).toEqual([]);
  });

  test('all of it works without scripts', async () => {
    const plain = await enter({ javaScriptEnabled: false });
    await field(plain, 'Phone').fill('06 12345678');
    await field(plain, 'Amount').fill('1.234,50');
    await plain.getByRole('button', { name: 'Save', exact: true }).click();
    await plain.getByText('This order may be there already').waitFor();
    await plain.getByRole('button', { name: 'Save it all the same' }).click();
    await plain.getByRole('status').getByRole('button', { name: 'Take it back' }).click();
    await plain.getByText('Taken back: nothing of it was sent').waitFor();
    await plain.context().close();
  });
});
