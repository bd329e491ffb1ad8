// What shops post of visits from their own places, a checkout pixel and a plugin, is what the bridge takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { VisitPost } from '../src/receive/visit-post.ts';
import { COOKIES, runInPage } from './support/page.ts';
import { MAPPINGS } from './support/stores.ts';

const template = (name: string) => readFileSync(join(MAPPINGS, 'templates', name), 'utf8');
const NOW = Date.now();
const OURS = `_tb=visitor-one.${NOW - 60_000}.${NOW}; _tb_c=${encodeURIComponent(`{"gclid":["Cj0K-1",${NOW - 60_000}]}`)}`;

/** As much of a pixel's sandbox as ours uses. Answers what it posted when `event` happened. */
async function runPixel(event: string, privacy: object, cookies: string) {
  const jar = new Map(
    cookies.split('; ').map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const listeners = new Map<string, (event: object) => Promise<void>>();
  const posted: unknown[] = [];
  const context = createContext({
    init: {
      customerPrivacy: privacy,
      context: { document: { location: { href: 'https://shop.example/checkouts/cn/c1?x=1' } } },
    },
    api: { customerPrivacy: { subscribe: () => {} } },
    analytics: { subscribe: (name: string, run: (event: object) => Promise<void>) => listeners.set(name, run) },
    browser: {
      cookie: { get: async (name: string) => jar.get(name) ?? '', set: async (text: string) => jar.set('set', text) },
    },
    fetch: (_: string, { body }: { body: string }) => void posted.push(JSON.parse(body)),
    crypto,
    URL,
  });
  runInContext(template('shopify-pixel.js').replace('_ga_ABC1234567', '_ga_TEST000001'), context);
  const order = { id: 'gid://shopify/OrderIdentity/5001' };
  await listeners.get(event)?.({
    data: { checkout: { token: 'c1', ...(event === 'checkout_completed' && { order }) } },
  });
  return { posted, set: jar.get('set') };
}
const ALL = { marketingAllowed: true, analyticsProcessingAllowed: true };

describe('the pixel of a checkout', () => {
  test('tells token, order and ids of the visit that the script knows', async () => {
    const { posted, set } = await runPixel('checkout_completed', ALL, `${COOKIES}; ${OURS}`);
    const [post] = posted;
    expect(VisitPost.parse(post)).toMatchObject({
      visitor: 'visitor-one',
      visit: String(NOW - 60_000),
      checkout: 'c1',
      order: '5001',
      clicks: { gclid: ['Cj0K-1', expect.any(Number)] },
      cookies: { _ga: 'GA1.1.1380133182.1764792191', _ga_TEST000001: 'GS2.1.s1794992000$o5$g1' },
      page: 'https://shop.example/checkouts/cn/c1',
      partial: true,
    });
    expect(set).toBeUndefined();
  });
  test('makes a visitor where the script has not run', async () => {
    const { posted, set } = await runPixel('checkout_started', ALL, COOKIES);
    const { visitor } = VisitPost.parse(posted[0]);
    expect(set).toContain(`_tb=${visitor}.`);
  });
  test('tells no ids of ads to whom agreed to analytics alone, and nothing to whom agreed to nothing', async () => {
    const analytics = await runPixel('checkout_started', { ...ALL, marketingAllowed: false }, `${COOKIES}; ${OURS}`);
    const { cookies, clicks, consent } = VisitPost.parse(analytics.posted[0]);
    expect([Object.keys(cookies), clicks, consent.ad_storage]).toEqual([['_ga', '_ga_TEST000001'], {}, 'denied']);
    const nothing = await runPixel('checkout_started', {}, `${COOKIES}; ${OURS}`);
    expect([nothing.posted, nothing.set]).toEqual([[], undefined]);
  });
});

test('the theme snippet writes the visitor of the visit script into the cart', async () => {
  const { posted } = await runInPage(template('shopify-theme.html'), { cookie: `${COOKIES}; ${OURS}` });
  expect(JSON.parse(posted[0]?.body ?? '{}').attributes._tb).toBe('visitor-one');
});
