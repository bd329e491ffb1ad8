// Guessing passwords: slowed down per account and per address, and the owner always gets in again.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { user } from '../../src/cli/user.ts';
import { ADMIN, becomeAdmin, createBrowser, PASSWORD } from '../support/browser.ts';
import { type Rig, SECRETS, startRig } from '../support/service.ts';

const GUESSES = 40;
const AT_ONCE = 50;

/** Guesses, all at once in each round; `addressOf` says who claims to ask. Answers how often each status came. */
async function guess(rig: Rig, addressOf: (index: number) => string): Promise<Map<number, number>> {
  const guesser = createBrowser(rig.service.adminUrl);
  const statuses = new Map<number, number>();
  for (let round = 0; round < GUESSES; round++) {
    const pages = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => {
        const fields = { email: ADMIN.email, password: `guess ${round} ${index}` };
        return guesser.post('/login', fields, { 'x-forwarded-for': addressOf(index) });
      }),
    );
    for (const { status, headers } of pages) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  }
  return statuses;
}

/** What the command line says to somebody on the server. */
async function linkFor(rig: Rig, email: string): Promise<string> {
  const said: string[] = [];
  const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
  const out = (text: string) => void said.push(text);
  await user.run(['link', email], { out, err: out, env });
  return new URL(said.join('\n').split('\n').at(-1) ?? '').pathname;
}

let proxied: Rig;
let plain: Rig;
beforeAll(async () => {
  [proxied, plain] = await Promise.all([startRig({ ADMIN_PROXIES: 'loopback' }), startRig()]);
  await Promise.all([becomeAdmin(proxied), becomeAdmin(plain)]);
});
afterAll(() => Promise.all([proxied.close(), plain.close()]));
// No time passes, in which tries would be given back: a busy machine takes more than a minute for so many guesses.
beforeEach(() => void vi.spyOn(Date, 'now').mockReturnValue(Date.now()));
afterEach(() => void vi.restoreAllMocks());

test('S90 2,000 guesses from 50 addresses get ten tries at most, and the owner comes in by a link from the server', async () => {
  const statuses = await guess(proxied, (index) => `203.0.113.${index}`);
  expect([...statuses.keys()].sort()).toEqual([401, 429]);
  expect(statuses.get(401)).toBeLessThanOrEqual(10);
  const owner = createBrowser(proxied.service.adminUrl);
  const here = { 'x-forwarded-for': '203.0.113.200' };
  expect((await owner.post('/login', ADMIN, here)).status).toBe(429);
  const fields = { password: PASSWORD, again: PASSWORD };
  expect((await owner.post(await linkFor(proxied, ADMIN.email), fields, here)).status).toBe(303);
  await owner.submit('/logout');
  expect((await owner.post('/login', { email: ADMIN.email, password: PASSWORD }, here)).status).toBe(303);
});

test('S101 without a configured proxy nobody is believed to be somebody else', async () => {
  const guesser = createBrowser(plain.service.adminUrl);
  const pages = await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const fields = { email: `nobody${index}@example.com`, password: 'a guess' };
      return guesser.post('/login', fields, { 'x-forwarded-for': `203.0.113.${index}` });
    }),
  );
  expect(pages.filter(({ status }) => status === 429).length).toBeGreaterThan(20);
});
