// Makes pictures of all pages in light, dark and at the width of a phone: `node test/screenshots.ts FOLDER`; those in the
// README are `node test/screenshots.ts .github/screenshots readme`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { hourOf, MATCH_KEYS } from '../src/keep/questions/hours.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import type { SqlValue } from '../src/types.ts';
import { ADMIN, becomeAdmin } from './support/browser.ts';
import { logIn, startChromium } from './support/chromium.ts';
import { comeBy, takeVisits } from './support/phone.ts';
import { type Rig, startRig } from './support/service.ts';
import { makeDay, traceOf } from './support/shop.ts';

const SIZES = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 800 } },
] as const;
type Size = (typeof SIZES)[number]['name'];
/** What the README shows, each from the top of its page. */
const SHOWN: Record<string, readonly Size[]> = { overview: ['light'], trace: ['light'], 'phone-order': ['phone'] };

/** Sums of eight days, so that the charts have something to draw: few orders at night, most in the evening. */
async function makeWeek({ folder }: Rig): Promise<void> {
  const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
  const last = hourOf(Date.now());
  const events: SqlValue[][] = [];
  const hooks: SqlValue[][] = [];
  for (let hour = last - 8 * 24; hour < last; hour++) {
    const orders = Math.round(14 + 12 * Math.sin(((hour % 24) - 13) / 3.8) + ((hour * 7919) % 5));
    const known = MATCH_KEYS.map((_, index) => Math.round(orders * (0.95 - index * 0.09)));
    events.push([hour, 'shop', 'purchase', 'EUR', 0, orders, orders * 87.5, ...known]);
    hooks.push([hour, 'shop', 'shopify', orders * 3, 0]);
  }
  const marks = (from: number, count: number) => Array.from({ length: count }, (_, index) => `$${from + index}`).join();
  const names = ['hour', 'store', 'name', 'currency', 'shard', 'events', 'value', ...MATCH_KEYS];
  await db.transaction([
    { sql: `insert into event_hours (${names.join()}) values (${marks(1, names.length)})`, rows: events },
    { sql: 'insert into hook_hours (hour, store, source, hooks, refused) values ($1, $2, $3, $4, $5)', rows: hooks },
  ]);
  await close();
}

const [folder = 'screenshots', only] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const rig = await startRig({ LOG_LEVEL: 'info', PUBLIC_URL: 'https://hooks.lamps.example' });
const browser = await startChromium();
try {
  const person = await becomeAdmin(rig);
  await makeWeek(rig);
  await makeDay(rig, person);
  await takeVisits(rig);
  const code = await comeBy(rig, 'ann', { code: true });
  const sold = { store: 'shop', phone: '06 12345678', amount: '349,00', currency: 'EUR', name: 'Ann van Dyk' };
  await person.submit('/phone/orders', { ...sold, key: 'one' });
  await person.submit('/phone/leads', { ...sold, key: 'two', stage: 'qualify_lead' });
  const paths: Record<string, string> = {
    overview: '/',
    search: '/search?q=1042',
    trace: await traceOf(person, '1044'),
    order: '/orders?store=shop&order=1043',
    hooks: '/hooks',
    events: '/events',
    deliveries: '/deliveries?kind=delivered',
    problems: '/problems',
    sources: '/sources',
    source: '/sources/shop/shopify',
    destinations: '/destinations',
    mappings: '/mappings',
    playground: '/mappings/playground',
    alerts: '/alerts',
    match: '/match',
    people: '/people',
    tokens: '/tokens',
    audit: '/audit',
    account: '/account',
    'phone-order': '/phone',
    'phone-leads': '/phone/leads',
  };
  /** What is typed before the picture is made. */
  const typed: Record<string, (page: Page) => Promise<void>> = {
    'phone-order': async (page) => {
      await page.getByLabel('Code on the page').fill(code);
      await page.getByLabel('Amount').fill('1.234,50');
      await page.getByText('A visit is known').waitFor();
    },
  };
  for (const { name, ...options } of SIZES) {
    const { width, height } = options.viewport;
    const viewport = { width, height: only === undefined ? height : 1140 };
    const context = await browser.newContext({ ...options, viewport });
    const page = await context.newPage();
    await page.goto(`${rig.service.adminUrl}/login`);
    if (only === undefined) await page.screenshot({ path: join(folder, `login-${name}.png`) });
    await logIn(page, ADMIN);
    for (const [file, path] of Object.entries(paths)) {
      if (only !== undefined && SHOWN[file]?.includes(name) !== true) continue;
      await page.goto(rig.service.adminUrl + path);
      await typed[file]?.(page);
      await page.screenshot({ path: join(folder, `${file}-${name}.png`), fullPage: only === undefined });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await rig.close();
}
