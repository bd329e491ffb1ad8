// Lists as CSV and the audit page: whole, masked, inert in a spreadsheet, and for whom they are.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, makeToken } from '../support/api.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { type Rig, startRig } from '../support/service.ts';
import { makeDay, traceOf, untilFound } from '../support/shop.ts';

const EVIL = '=1+1@evil.example';
let rig: Rig;
let admin: Browser;
let viewer: Browser;
let sales: Browser;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  viewer = await becomeRole(rig, admin, 'viewer');
  sales = await becomeRole(rig, admin, 'sales');
  await makeDay(rig, admin);
  await post(rig.service.url, fromShopify(lampOrder(2001, { email: EVIL, phone: '06-12 34 20 01' })));
  await untilFound(admin, '2001');
});
afterAll(() => rig.close());

const LISTS = ['hooks', 'events', 'deliveries', 'attempts', 'problems', 'search'];
const lines = (text: string) => text.trimEnd().split('\r\n');

describe('a list as CSV', () => {
  test.each(LISTS)('of %s has a header and its rows, for admin and viewer alone', async (name) => {
    const path = `/export/${name}.csv?q=1042`;
    const page = await viewer.get(path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(page.headers.get('content-disposition')).toBe(`attachment; filename=tagbridge-${name}.csv`);
    expect(page.headers.get('cache-control')).toBe('no-store');
    const [header = '', ...rows] = lines(page.text);
    expect(header).toMatch(/"hook_id"$/);
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((row) => row.replace(/"[^"]*"/g, '').split(',').length)).size).toBe(1);
    expect((await sales.get(path)).status).toBe(403);
  });

  test('has only what was chosen on the page', async () => {
    const { text } = await viewer.get('/export/events.csv?store=shop&name=refund');
    expect(lines(text)).toHaveLength(2);
    expect(text).toContain('"refund","1043"');
  });

  test('is linked from the page of each list with what is chosen there', async () => {
    for (const [path, to] of [
      ['/hooks?state=stuck', '/export/hooks.csv?state=stuck'],
      ['/events?store=shop', '/export/events.csv?store=shop'],
      ['/deliveries?kind=dead', '/export/deliveries.csv?kind=dead'],
      ['/problems', '/export/problems.csv'],
      ['/search?q=1042', '/export/search.csv?q=1042'],
      ['/alerts', '/export/alerts.csv'],
    ] as const)
      expect((await viewer.get(path)).text).toContain(`href="${to}" download`);
    expect((await admin.get('/audit?action=login')).text).toContain('href="/export/audit.csv?action=login" download');
  });

  test('S97 hides e-mail and phone but from admins who ask, which is noted', async () => {
    for (const browser of [admin, viewer]) {
      const { text } = await browser.get('/export/events.csv');
      expect(text).toMatch(/"\*\*\* \(17 characters\)"/);
      expect(text).not.toMatch(/evil.example|612342001/);
    }
    expect((await viewer.get('/events')).text).not.toContain('Download with e-mail');
    expect((await viewer.submit('/export/events.csv')).status).toBe(403);
    expect((await sales.submit('/export/events.csv')).status).toBe(403);
    const { text } = await admin.submit('/export/events.csv', { store: 'shop' });
    expect(text).toContain(`"'${EVIL}","'+31612342001"`);
    expect((await admin.get('/audit?action=personal+data+exported')).text).toContain('list of events store=shop');
  });

  test('S95 has no cell that is a formula', async () => {
    for (const name of LISTS) {
      const { text } = await admin.get(`/export/${name}.csv?q=2001`);
      expect(text).not.toMatch(/(^|,)"?[=+@\t]/m);
      expect(text).not.toMatch(/(^|,)"-/m);
    }
    const { text } = await admin.submit('/export/events.csv');
    expect(text).not.toMatch(/(^|,)"?[=+@\t]/m);
  });

  test('begins for spreadsheets with the mark of UTF-8', async () => {
    const cookie = [...viewer.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(`${rig.service.adminUrl}/export/hooks.csv`, { headers: { cookie } });
    expect(
      Buffer.from(await reply.arrayBuffer())
        .subarray(0, 4)
        .toString('hex'),
    ).toBe('efbbbf22');
  });

  test('through the API is the same without the mark for spreadsheets, personal data by scope', async () => {
    const client = createClient(rig, await makeToken(admin, { scopes: ['read', 'personal_data'] }));
    const masked = await client.get('/export/events?name=refund');
    expect(masked.text).toBe((await admin.get('/export/events.csv?name=refund')).text);
    expect((await client.get('/export/events?unmasked=true')).text).toContain(EVIL);
    expect((await client.get('/export/audit')).status).toBe(403);
  });
});

describe('the audit page', () => {
  test('shows admins who did what, newest first, chosen by person, deed and store', async () => {
    const trace = await traceOf(admin, '1042');
    await admin.submit(`${trace}/unmask`);
    const { text } = await admin.get('/audit?action=personal+data+shown');
    expect(text).toContain(ADMIN.email);
    expect(text).toContain(`<a href="${trace}">hook ${trace.slice('/hooks/'.length)}</a>`);
    const deeds = [...text.matchAll(/<td data-label="What">([^<]*)<\/td>/g)].map(([, deed]) => deed);
    expect(new Set(deeds)).toEqual(new Set(['personal data shown']));
    expect((await admin.get('/audit?store=other')).text).toContain('There are none.');
    expect((await admin.get(`/audit?actor=${encodeURIComponent("' or 1=1--")}`)).text).toContain('There are none.');
  });

  test('goes on where a page ends', async () => {
    for (let count = 0; count < 60; count++) await viewer.get('/people');
    const first = await admin.get('/audit?actor=viewer%40example.com');
    const next = /href="(\/audit\?[^"]*before=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const rows = (text: string) => text.match(/refused: get \/people<\/td>/g)?.length ?? 0;
    expect(rows(first.text)).toBe(50);
    expect(rows((await admin.get(next)).text)).toBeGreaterThanOrEqual(10);
  });

  test('S97 is for admins alone', async () => {
    for (const path of ['/audit', '/export/audit.csv'])
      for (const browser of [viewer, sales]) expect((await browser.get(path)).status).toBe(403);
    expect(lines((await admin.get('/export/audit.csv?action=password+set+by+link')).text)).toHaveLength(4);
  });
});
