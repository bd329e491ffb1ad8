// What was typed for a phone order, in a real Chromium: there again after a logout, a lost answer or a reload, and sent once.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, PASSWORD } from '../support/browser.ts';
import { CHROMIUM, logIn } from '../support/chromium.ts';
import { field, type PhonePages, save, startPhonePages } from '../support/phone-chromium.ts';

describe.skipIf(CHROMIUM === undefined)('phone orders in Chromium (skipped where there is none)', () => {
  let pages: PhonePages;
  let phone: PhonePages['phone'];
  let enter: PhonePages['enter'];
  beforeAll(async () => {
    pages = await startPhonePages();
    ({ phone, enter } = pages);
  });
  afterAll(() => pages?.close());

  /** Each amount is of a customer of its own. */
  const type = async (on: Page, amount: string) => {
    await field(on, 'Phone').fill(`06 333456${amount.slice(0, 2)}`);
    await field(on, 'Amount').fill(amount);
    await on.getByText('Name, items').click();
    await field(on, 'Name').fill('Ann van Dyk');
  };
  const again = async (on: Page, amount: string) => {
    await on.getByRole('alert').getByText('press Save once more').waitFor();
    expect(await field(on, 'Name').inputValue()).toBe('Ann van Dyk');
    await save(on);
    await on.getByRole('status').getByText(`EUR ${amount}`).waitFor();
    expect(await on.getByRole('list', { name: 'Phone orders' }).getByText(`EUR ${amount}`).count()).toBe(1);
    await on.getByRole('link', { name: 'Orders', exact: true }).click();
    expect(await field(on, 'Name').inputValue()).toBe('');
    expect(await on.evaluate('sessionStorage.length')).toBe(0);
  };

  test('what was typed is there again after the session ended, before it was saved or while it was typed', async () => {
    const other = await enter({});
    for (const [amount, told] of [
      ['71.00', 'Save'],
      ['72.00', 'the look'],
    ] as const) {
      await type(other, amount);
      await other.context().clearCookies();
      if (told === 'Save') await save(other);
      else
        await field(other, 'Phone')
          .press('End')
          .then(() => field(other, 'Phone').pressSequentially(' '));
      await other.getByRole('link', { name: 'Log in again' }).click();
      await logIn(other, { email: 'sales@example.com', password: PASSWORD });
      await again(other, amount);
    }
    await other.context().close();
  });

  test('an order whose answer was lost is there again, and counts once', async () => {
    const other = await enter({});
    for (const [amount, arrives] of [
      ['73.00', false],
      ['74.00', true],
    ] as const) {
      await type(other, amount);
      await other.route('**/phone/orders', async (route) => {
        if (arrives) await route.fetch({ maxRedirects: 0 });
        await route.abort('connectionreset');
      });
      await save(other);
      await other.waitForURL('chrome-error://**');
      await other.unroute('**/phone/orders');
      await other.goBack();
      await again(other, amount);
    }
    await other.context().close();
  });

  test('what is wrong, and what a person leaves, is not brought back', async () => {
    const other = await enter({});
    await type(other, '1.234');
    await save(other);
    await other.getByRole('alert').getByText('two ways').waitFor();
    await other.getByRole('link', { name: 'Orders', exact: true }).click();
    expect(await field(other, 'Name').inputValue()).toBe('');
    await other.context().close();
  });

  test('what was typed and not sent yet is there again where the phone loads the page anew, also after the login', async () => {
    const other = await enter({});
    const isBack = async (amount: string) => {
      await other.getByRole('alert').getByText('Here is what you typed. It is not saved yet.').waitFor();
      expect(await field(other, 'Amount').inputValue()).toBe(amount);
      expect(await field(other, 'Name').inputValue()).toBe('Ann van Dyk');
    };
    await type(other, '76.00');
    await other.reload();
    await isBack('76.00');
    await other.context().clearCookies();
    await other.reload();
    await logIn(other, { email: 'sales@example.com', password: PASSWORD });
    await isBack('76.00');
    await save(other);
    await other.getByRole('status').getByText('EUR 76.00').waitFor();
    await other.reload();
    expect(await field(other, 'Amount').inputValue()).toBe('');
    await type(other, '77.00');
    await other.getByRole('link', { name: 'Leads' }).click();
    await other.getByRole('link', { name: 'Orders', exact: true }).click();
    expect(await field(other, 'Amount').inputValue()).toBe('');
    await type(other, '78.00');
    await other.getByRole('button', { name: 'Log out' }).click();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await other.evaluate('sessionStorage.length')).toBe(0);
    await other.context().close();
  });

  test('what was typed is there again where the browser comes back to the page as it was, its fields emptied', async () => {
    const other = await enter({});
    await type(other, '80.00');
    // As Safari does it, one after the other.
    await other.evaluate(`
      const turn = (hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      };
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      turn(true);
      for (const one of document.querySelectorAll('#entry input:not([type=hidden])')) one.value = '';
      turn(false);
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    `);
    await other.getByRole('alert').getByText('Here is what you typed. It is not saved yet.').waitFor();
    expect(await field(other, 'Amount').inputValue()).toBe('80.00');
    await other.context().close();
  });

  test('what was typed is not left in the tab for the next person of the team, who logs in after the session ended', async () => {
    const other = await enter({});
    await type(other, '79.00');
    await other.context().clearCookies();
    await other.reload();
    await logIn(other, ADMIN);
    await other.getByRole('heading', { name: 'Phone orders' }).waitFor();
    expect(await field(other, 'Amount').inputValue()).toBe('');
    expect(await other.evaluate('sessionStorage.length')).toBe(0);
    await other.context().close();
  });

  test('who goes back to what was refused comes to the form, and is not asked to send it again', async () => {
    for (const [path, title, elsewhere] of [
      ['/phone', 'Phone orders', '/phone/leads'],
      ['/phone/leads', 'Phone leads', '/phone'],
    ] as const) {
      const other = await enter({});
      await other.goto(phone.rig.service.adminUrl + path);
      await field(other, 'Phone').fill('1');
      await save(other);
      await other.getByText('Not saved yet').waitFor();
      await other.goto(phone.rig.service.adminUrl + elsewhere);
      await other.goBack();
      await other.getByRole('heading', { name: title }).waitFor();
      expect(await other.title()).toMatch(new RegExp(`^${title}`));
      await other.context().close();
    }
  });

  test('a form that is pressed twice is sent once, and the button says that it is on its way', async () => {
    const other = await enter({});
    await type(other, '75.00');
    const labels: string[] = [];
    await other.exposeFunction('told', (label: string) => void labels.push(label));
    const button = other.locator('#entry > .primary');
    await other.evaluate(
      "document.addEventListener('click', ({ target }) => setTimeout(() => window.told(target.textContent)))",
    );
    const { x = 0, y = 0 } = (await button.boundingBox()) ?? {};
    const press = () => other.mouse.click(x + 20, y + 20);
    let posts = 0;
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    await other.route('**/phone/orders', async (route) => {
      posts++;
      await held;
      await route.continue();
    });
    const sent = other.waitForRequest('**/phone/orders');
    await press();
    await sent;
    await press();
    letGo();
    await other.getByRole('status').getByText('EUR 75.00').waitFor();
    expect(posts).toBe(1);
    expect(labels[0]).toBe('One moment…');
    await other.context().close();
  });
});
