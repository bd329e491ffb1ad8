// `npm run bench -- --pages`: how long every page and every read of the API takes with a million hooks, over HTTP.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, type Browser, createBrowser } from '../support/browser.ts';
import { freePort } from '../support/port.ts';
import { makeHistory } from './history.ts';
import { createOrders, PATH, shopifyHeaders } from './orders.ts';
import { stopAll } from './processes.ts';
import { machine } from './report.ts';
import { destinationsAt, SHOP, serve } from './service.ts';
import { median } from './stats.ts';

const HOOKS = 1_000_000;
const ROUNDS = 15;
const MUST_MS = 150;
/** Nobody listens there. */
const DOWN = 'http://127.0.0.1:9';

type Taken = { path: string; first: number; median: number; worst: number; bytes: number };

/** Programs are held to one request in 50 ms, so there is a rest between two. */
const REST_MS = 55;

async function timed(path: string, ask: () => Promise<{ status: number; text: string }>): Promise<Taken> {
  const took: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const { status, text } = await ask();
    took.push(performance.now() - began);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    bytes = Buffer.byteLength(text);
    await sleep(REST_MS);
  }
  const [first = 0, ...later] = took;
  return { path, first, median: median(later), worst: Math.max(...later), bytes };
}

/** The one-time link of the first start is in the log, soon after the service is ready. */
async function linkIn(folder: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const link = /"link":"([^"]+)"/.exec(await readFile(join(folder, 'service.log'), 'utf8'))?.[1];
    if (link !== undefined) return link;
    await sleep(50);
  }
  throw new Error('the service has logged no link');
}

async function logIn(folder: string, origin: string): Promise<Browser> {
  const link = await linkIn(folder);
  const browser = createBrowser(origin);
  await browser.post(new URL(link).pathname, { ...ADMIN, again: ADMIN.password });
  return browser;
}

/** One hook that came like any other, so that there is a body to look at. */
async function sendHook(port: number): Promise<void> {
  const body = createOrders(Date.now()).next();
  const url = `http://127.0.0.1:${port}${PATH}`;
  const { status } = await fetch(url, { method: 'POST', headers: shopifyHeaders(body), body: new Uint8Array(body) });
  if (status !== 200) throw new Error(`the hook was answered ${status}`);
}

async function tokenOf(browser: Browser): Promise<string> {
  const { text } = await browser.submit('/tokens', { name: 'bench', scope: 'read', days: '90' });
  const token = /readonly value="([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error('the page showed no token');
  return token;
}

const ms = (value: number): string => value.toFixed(0);

export async function benchPages(say: (text: string) => void, dir: string = tmpdir()): Promise<void> {
  const folder = await mkdtemp(join(dir, 'tagbridge-bench-'));
  try {
    const down = destinationsAt({ ga4: DOWN, meta: DOWN, sgtm: DOWN });
    const accounts = { ga4: down.ga4.measurement_id, meta: down.meta.pixel_id, sgtm: new URL(DOWN).host };
    say(`making ${HOOKS.toLocaleString('en-US')} hooks …`);
    const { email, order } = await makeHistory(folder, SHOP.store, accounts, HOOKS);
    const admin = await freePort();
    const { port } = await serve(folder, [{ ...SHOP, destinations: down }], { ADMIN_PORT: String(admin) });
    const origin = `http://127.0.0.1:${admin}`;
    const browser = await logIn(folder, origin);
    await sendHook(port);
    await sleep(1_000);
    const trace = /href="(\/hooks\/[0-9a-f-]{36})"/.exec((await browser.get('/hooks')).text)?.[1] ?? '';
    const token = await tokenOf(browser);

    const find = (text: string) => `/search?q=${encodeURIComponent(text)}`;
    const pages = [
      ...[
        '/',
        '/live',
        '/search',
        find(order),
        find(`T${order}`),
        find(email),
        find('+31655500142'),
        find('no such thing'),
      ],
      ...['/hooks', '/hooks?state=stuck', '/hooks?store=shop&source=shopify', '/events', '/events?name=purchase'],
      ...['/deliveries', '/deliveries?kind=waiting', '/deliveries?kind=dead', '/deliveries?kind=delivered', trace],
      ...['/problems', '/sources', '/sources/shop/shopify', '/destinations', '/mappings', '/mappings/playground'],
      ...['/alerts', '/people', '/tokens', '/audit', '/account'],
    ];
    const reads = [
      ...['/api/overview', '/api/hooks', '/api/events', '/api/deliveries', '/api/attempts', '/api/problems'],
      ...['/api/sources', '/api/destinations', '/api/alerts', `/api${find(order)}`, `/api${find(email)}`],
    ];
    const taken: Taken[] = [];
    for (const path of pages) taken.push(await timed(path, () => browser.get(path)));
    const headers = { authorization: `Bearer ${token}` };
    for (const path of reads) taken.push(await timed(path, () => browser.get(path, headers)));

    say('\n| page | first | median | worst | bytes |\n|---|---:|---:|---:|---:|');
    for (const { path, first, median: middle, worst, bytes } of taken)
      say(`| ${path} | ${ms(first)} ms | ${ms(middle)} ms | ${ms(worst)} ms | ${bytes.toLocaleString('en-US')} |`);
    const slow = taken.filter(({ first, worst }) => Math.max(first, worst) > MUST_MS);
    say(
      `\n${slow.length === 0 ? `Every answer took under ${MUST_MS} ms.` : `Over ${MUST_MS} ms: ${slow.map(({ path }) => path).join(', ')}`}`,
    );
    say(`Load of the machine: ${machine().load.toFixed(1)}`);
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}
