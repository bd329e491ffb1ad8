// The script in a real Chromium: nothing before consent, then what the browser knows, the code on the page, and nothing left after a no.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, startChromium } from './support/chromium.ts';
import { eventually, type Rig, startRig, storeFile, writeStore } from './support/service.ts';

const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36';
const LANDING = '/lamps?gclid=Cj0K-1&fbclid=AbC-1&utm_source=google&secret=1';
const DENIED =
  "{ ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' }";
const GRANTED = DENIED.replaceAll('denied', 'granted');

/** Ways to ask for consent: what the page does before the script comes, and what happens once the visitor agrees. */
const ASKING: [string, string, string][] = [
  ['Google consent mode', `gtag('consent', 'default', ${DENIED});`, `gtag('consent', 'update', ${GRANTED})`],
  [
    'a consent mode that knows regions',
    `gtag('consent', 'default', { ...${GRANTED}, region: ['US'] }); gtag('consent', 'default', ${DENIED});`,
    `gtag('consent', 'update', ${GRANTED})`,
  ],
  [
    'a banner of the IAB framework (TCF)',
    `const asked = { eventStatus: 'cmpuishown', gdprApplies: true, purpose: { consents: {} } };
     window.__tcfapi = (command, version, listen) => { window.listen = listen; listen(asked, true); };`,
    `listen({ eventStatus: 'useractioncomplete', gdprApplies: true, purpose: { consents: { 1: true, 3: true, 4: true, 7: true } } }, true)`,
  ],
  [
    'the WP Consent API',
    'window.wp_has_consent = () => window.agreed === true;',
    `window.agreed = true; document.dispatchEvent(new CustomEvent('wp_listen_for_consent_change'))`,
  ],
  ['a banner of the shop’s own', '', `tagbridge('consent', ${GRANTED})`],
];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A shop's page: consent mode, then the script, then a call that was made before the script was there. */
const shopPage = (script: string, before: string) => `<!doctype html><title>Lamps</title>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag() { dataLayer.push(arguments); }
  window.tagbridge = window.tagbridge || function () { (tagbridge.q = tagbridge.q || []).push(arguments); };
  document.cookie = '_ga=GA1.1.1380133182.1764792191';
  ${before}
</script>
<script src="${script}" async></script>
<p>Ask for code <b data-tagbridge-code></b></p>`;

describe.skipIf(CHROMIUM === undefined)('the visit script (skipped where there is no Chromium)', () => {
  let rig: Rig;
  let shop: Server;
  let origin: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let before = `gtag('consent', 'default', ${DENIED});`;
  const posts: Record<string, unknown>[] = [];

  beforeAll(async () => {
    rig = await startRig();
    shop = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(shopPage(`${rig.service.url}/t/shop.js`, before)),
    );
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const address = shop.address();
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const store = { ...storeFile(rig.standins), visits: { origins: [origin] } };
    await writeStore(rig, store);
    browser = await startChromium();
    context = await browser.newContext({ userAgent: USER_AGENT });
    page = await context.newPage();
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(JSON.parse(request.postData() ?? ''));
    });
  });
  afterAll(async () => {
    await browser?.close();
    shop?.close();
    await rig?.close();
  });
  const ours = async () => (await context.cookies()).map(({ name }) => name).filter((name) => name.startsWith('_tb'));
  const isLoaded = () => page.waitForFunction("window.tagbridge && !('q' in window.tagbridge)");

  test('stores nothing and sends nothing before consent', async () => {
    await page.goto(`${origin}${LANDING}`);
    await isLoaded();
    await page.evaluate("tagbridge('identify', { email: 'ann@example.com' })");
    await page.waitForLoadState('load');
    expect(posts).toEqual([]);
    expect(await ours()).toEqual([]);
  });

  test('tells what the browser knows once there is consent, and shows the code', async () => {
    await page.evaluate(`gtag('consent', 'update', ${GRANTED})`);
    await page.waitForFunction("document.querySelector('b').textContent !== ''");
    expect(await page.textContent('b')).toMatch(/^[A-Z0-9]{4}$/);
    expect(posts.at(-1)).toMatchObject({
      clicks: { gclid: ['Cj0K-1', expect.any(Number)], fbclid: ['AbC-1', expect.any(Number)] },
      cookies: { _ga: 'GA1.1.1380133182.1764792191' },
      utm: { utm_source: 'google' },
      page: `${origin}/lamps`,
      email: sha256('ann@example.com'),
    });
    expect(JSON.stringify(posts)).not.toMatch(/ann@|secret/);
    expect((await ours()).sort()).toEqual(['_tb', '_tb_c']);
  });

  test('knows the visitor, the visit and its clicks on the next page, and hashes a phone with its country', async () => {
    before = `gtag('consent', 'default', ${GRANTED}); tagbridge('identify', { phone: '06 1234 5678' });`;
    const [first] = posts;
    await page.goto(`${origin}/cart`);
    await eventually(() => posts.at(-1)?.phone !== undefined, 'the phone was told');
    const last = posts.at(-1);
    expect(last).toMatchObject({ visitor: first?.visitor, visit: first?.visit, phone: sha256('+31612345678') });
    expect(last).toMatchObject({ clicks: { gclid: ['Cj0K-1', expect.any(Number)] }, utm: {} });
  });

  test('tells a visit once where the script is on the page twice, and what is new where it is loaded later', async () => {
    before = `gtag('consent', 'default', ${GRANTED});`;
    const script = `${rig.service.url}/t/shop.js`;
    const again = () =>
      page.evaluate(
        `new Promise((done) => document.head.append(Object.assign(document.createElement('script'), { src: '${script}', onload: done })))`,
      );
    await page.goto(`${origin}/cart?twice`);
    await isLoaded();
    // What is told after a while has been told by then, or will not be.
    await page.evaluate("tagbridge('identify', { email: 'bob@example.com' })");
    await eventually(() => posts.at(-1)?.email === sha256('bob@example.com'), 'the page was told');
    const count = posts.length;
    await again();
    await page.evaluate("tagbridge('order', '17')");
    await eventually(() => posts.at(-1)?.order === '17', 'the order was told');
    expect(posts.slice(count)).toEqual([expect.objectContaining({ email: sha256('bob@example.com'), order: '17' })]);
    await page.evaluate("history.pushState({}, '', '/thanks')");
    await again();
    await eventually(() => posts.at(-1)?.page === `${origin}/thanks`, 'the next page was told');
    expect(posts.length).toBe(count + 2);
  });

  test('begins another visit with another click', async () => {
    const visit = posts.at(-1)?.visit;
    await page.goto(`${origin}/lamps?gclid=Cj0K-2`);
    await eventually(() => posts.at(-1)?.visit !== visit, 'another visit began');
    expect(posts.at(-1)).toMatchObject({
      visitor: posts[0]?.visitor,
      clicks: { gclid: ['Cj0K-2', expect.any(Number)] },
    });
  });

  test('leaves nothing behind when consent is taken back', async () => {
    await isLoaded();
    await page.evaluate(`gtag('consent', 'update', ${DENIED})`);
    // Chromium keeps its cookies in another process, which hears of it a moment later.
    await eventually(async () => (await ours()).length === 0, 'no cookie is left');
    expect(await page.evaluate('document.cookie')).not.toContain('_tb');
  });

  /** What a browser lacks, or does not let the page do. */
  const LACKING: [string, string, number][] = [
    ['randomUUID, as one of before 2022 and a page without https', 'delete Crypto.prototype.randomUUID', 1],
    ['a place for cookies', "Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} })", 1],
    [
      'the right to ask for cookies',
      "Object.defineProperty(document, 'cookie', { get: () => { throw new DOMException('no', 'SecurityError'); } })",
      0,
    ],
  ];
  test.each(LACKING)(
    'a browser that lacks %s lets the shop tell its tags of the consent, and is one visitor on one visit',
    async (_, lack, visitors) => {
      before = `gtag('consent', 'default', ${DENIED});`;
      const fresh = await browser.newContext({ userAgent: USER_AGENT });
      const visitor = await fresh.newPage();
      await visitor.clock.install();
      await visitor.addInitScript(lack);
      const sent: string[] = [];
      visitor.on('request', (request) => {
        if (request.method() !== 'POST') return;
        const { visitor: who, visit } = JSON.parse(request.postData() ?? '');
        sent.push(`${who} ${visit}`);
      });
      await visitor.goto(`${origin}${LANDING}`);
      await visitor.waitForFunction("window.tagbridge && !('q' in window.tagbridge)");
      await visitor.evaluate(`gtag('consent', 'update', ${GRANTED})`);
      // What is asked for once the tags have set their cookies is no news because the code came meanwhile.
      if (visitors > 0) await visitor.waitForFunction("document.querySelector('b').textContent !== ''");
      await visitor.clock.fastForward(60_000);
      await visitor.evaluate("tagbridge('cart', 'C1')");
      expect(await visitor.evaluate('dataLayer.length')).toBe(2);
      expect(sent).toHaveLength(2 * visitors);
      expect(new Set(sent).size).toBe(visitors);
      await fresh.close();
    },
  );

  /** What a page may have before the script comes. */
  const ODD: [string, string, string][] = [
    ['is null where the layer of its tags will be', LANDING, 'window.dataLayer = null;'],
    ['has a parameter that every object knows', '/lamps?toString=1', ''],
  ];
  test.each(ODD)('a page that %s tells of the visit all the same', async (_, path, odd) => {
    before = `${odd} tagbridge('consent', ${GRANTED});`;
    const fresh = await browser.newContext({ userAgent: USER_AGENT });
    const visitor = await fresh.newPage();
    await visitor.goto(`${origin}${path}`);
    await visitor.waitForFunction("document.querySelector('b').textContent !== ''", null, { timeout: 5_000 });
    await fresh.close();
  });

  test.each(ASKING)('stores and sends nothing before %s says yes, and then it does', async (_, ask, agree) => {
    before = ask;
    const fresh = await browser.newContext({ userAgent: USER_AGENT });
    const visitor = await fresh.newPage();
    await visitor.clock.install();
    const sent: string[] = [];
    visitor.on('request', (request) => {
      if (request.url().startsWith(rig.service.url)) sent.push(request.method());
    });
    await visitor.goto(`${origin}${LANDING}`);
    await visitor.waitForFunction("window.tagbridge && !('q' in window.tagbridge)");
    await visitor.evaluate("tagbridge('identify', { email: 'ann@example.com' })");
    await visitor.clock.fastForward(60_000);
    const stored = 'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])';
    expect(await visitor.evaluate(stored)).toBe('["_ga=GA1.1.1380133182.1764792191",{},{}]');
    expect(sent).toEqual(['GET']);
    await visitor.evaluate(agree);
    await visitor.waitForFunction("document.querySelector('b').textContent !== ''");
    expect(await visitor.evaluate('document.cookie')).toContain('_tb=');
    expect(sent).toContain('POST');
    await fresh.close();
  });
});
