// A file of phone orders on the page, in a real Chromium: chosen, understood, put right, imported, and imported again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser as Chromium, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../support/browser.ts';
import { CHROMIUM, logIn, startChromium } from '../support/chromium.ts';
import { type PhoneRig, startPhone } from '../support/phone.ts';
import { eventually } from '../support/service.ts';

const today = new Date().toISOString().slice(0, 10).split('-').reverse().join('-');
const HEAD = 'Bestelnummer;Datum;Telefoon;Mobiel;Bedrag;Valuta\n';
const row = (number: number, amount = '12,50', date = today) => `${number};${date};;0612345678;${amount};EUR\n`;

describe.skipIf(CHROMIUM === undefined)('the import of phone orders (skipped where there is no Chromium)', () => {
  let phone: PhoneRig;
  let chromium: Chromium;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    phone = await startPhone(0);
    chromium = await startChromium();
    page = await (await chromium.newContext({ timezoneId: 'Europe/Amsterdam' })).newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${phone.rig.service.adminUrl}/login`);
    await logIn(page, { email: 'sales@example.com', password: PASSWORD });
    await page.getByRole('link', { name: 'From a file' }).click();
  });
  afterAll(async () => {
    await chromium.close();
    await phone.close();
  });
  const choose = async (text: string | Buffer) => {
    const path = join(phone.rig.folder, 'orders.csv');
    await writeFile(path, text);
    await page.getByLabel('File').setInputFiles([]);
    await page.getByLabel('File').setInputFiles(path);
  };
  const says = (text: string | RegExp) => page.locator('#found').getByText(text).first().waitFor();
  const sentTo = (name: string, number: number) =>
    phone.rig.standins.received.filter(
      ({ destination, body }) => destination === name && JSON.stringify(body).includes(`"${number}"`),
    );

  test('reads a file that was chosen before the script of the page had come', async () => {
    const held = Promise.withResolvers<void>();
    await page.route('**/assets/import.js?*', async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.reload({ waitUntil: 'commit' });
    await choose(HEAD + row(8009));
    held.resolve();
    await says('“Telefoon”, “Mobiel” could each be the Phone; choose one');
    await page.unroute('**/assets/import.js?*');
  });

  test('asks which of two columns it is, and in what order day and month are', async () => {
    await choose(HEAD + row(8001) + row(8002) + row(8003, '1.234,50') + row(8004, 'free'));
    await says('“Telefoon”, “Mobiel” could each be the Phone; choose one');
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
    await page.locator('#column_phone').selectOption('Mobiel');
    await says('0 orders can be imported, 4 lines are left out.');
    await says(/has day and month in an order nobody chose/);
    await page.locator('#dates').selectOption('day_month');
    await says('3 orders can be imported, 1 line is left out.');
    const bad = page.getByRole('table', { name: 'Lines that are left out' });
    expect(await bad.locator('tbody').innerText()).toMatch(/^5\s+Bedrag\s+is no amount/);
    expect(await page.getByRole('table', { name: 'The first orders' }).innerText()).toContain('1,234.50');
    expect(sentTo('ga4', 8001)).toEqual([]);
  });

  test('has nothing that keeps anybody from using it', async () => {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] };
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  test('imports what is good, and nothing again', async () => {
    await page.getByRole('button', { name: 'Import 3 orders' }).click();
    await says('Done: 3 imported, 1 left out.');
    await eventually(() => sentTo('ga4', 8003).length === 1, 'the orders are sent');
    await choose(HEAD + row(8001) + row(8002) + row(8003, '1.234,50') + row(8005));
    await page.locator('#column_phone').selectOption('Mobiel');
    await page.getByRole('button', { name: 'Import 4 orders' }).click();
    await says('Done: 1 imported, 3 had been imported before, 0 left out.');
    await eventually(() => sentTo('ga4', 8005).length === 1, 'the new one is sent');
    expect([8001, 8002, 8003].map((number) => sentTo('ga4', number).length)).toEqual([1, 1, 1]);
  });

  test('goes on where it was interrupted', async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => row(20_000 + index)).join('');
    await choose(HEAD + many);
    await page.locator('#column_phone').selectOption('Mobiel');
    let steps = 0;
    await page.route('**/phone/import/step', (route) => (++steps === 2 ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Import 1,500 orders' }).click();
    await says('Interrupted after line 1000 of 1500. Nothing is lost: go on when the connection is back.');
    await page.getByRole('button', { name: 'Go on' }).click();
    await says('Done: 1500 imported, 0 left out.');
    complaints.splice(0);
  });

  test('says one mistake of many lines once', async () => {
    await choose(HEAD + Array.from({ length: 40 }, (_, index) => row(30_000 + index, 'free')).join('') + row(1));
    await page.locator('#column_phone').selectOption('Mobiel');
    await says('1 order can be imported, 40 lines are left out.');
    const bad = page.getByRole('table', { name: 'Lines that are left out' }).locator('tbody');
    expect(await bad.innerText()).toMatch(/^40 lines: 2–41\s+Bedrag\s+is no amount[^\n]*$/);
  });

  test('says what is wrong with a file, and shows what is in it as text', async () => {
    await choose(Buffer.from('PK\u0003\u0004 workbook'));
    await says(/It cannot be read: this is a workbook/);
    await choose(`phone,amount,currency,name\n0612345678,5,EUR,"<img src=x onerror=alert(1)>"\n`);
    await says('<img src=x onerror=alert(1)>');
    await page.locator('#zone').fill('Mars/Base');
    await page.locator('#zone').press('Tab');
    await says(/no time zone of this name/);
    await choose('');
    await says('This file is empty.');
    expect(complaints).toEqual([]);
  });
});
