// Makes pictures of all pages in light, dark and at the width of a phone: `node test/screenshots.ts FOLDER`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN, becomeAdmin } from './support/browser.ts';
import { startChromium } from './support/chromium.ts';
import { startRig } from './support/service.ts';
import { makeDay, traceOf } from './support/shop.ts';

const [folder = 'screenshots'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const rig = await startRig({ LOG_LEVEL: 'info', PUBLIC_URL: 'https://hooks.lamps.example' });
const browser = await startChromium();
try {
  const person = await becomeAdmin(rig);
  await makeDay(rig, person);
  const trace = await traceOf(person, '1042');
  const paths: Record<string, string> = {
    overview: '/',
    search: '/search?q=1042',
    trace,
    order: '/orders?store=shop&order=1043',
    hooks: '/hooks',
    deliveries: '/deliveries?kind=delivered',
    problems: '/problems',
    sources: '/sources',
    destinations: '/destinations',
    people: '/people',
    account: '/account',
  };
  const sizes = [
    { name: 'light', colorScheme: 'light', viewport: { width: 1200, height: 800 } },
    { name: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
    { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 800 } },
  ] as const;
  for (const { name, ...options } of sizes) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(`${rig.service.adminUrl}/login`);
    await page.screenshot({ path: join(folder, `login-${name}.png`) });
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    for (const [file, path] of Object.entries(paths)) {
      await page.goto(rig.service.adminUrl + path);
      await page.screenshot({ path: join(folder, `${file}-${name}.png`), fullPage: true });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await rig.close();
}
