// Personal data and secrets: in no log, no metric and no file where they do not belong, whatever goes wrong.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStandins, type Standins } from '../src/demo/standins.ts';
import { runHere } from './support/cli.ts';
import { filesWith } from './support/files.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { type Served, serve } from './support/serve.ts';
import { eventually, SECRETS, storeFile, writeMappings } from './support/service.ts';

const KEY = Buffer.alloc(32, 'k').toString('base64');
const BUYER = {
  email: 'canary.person@example.com',
  phone: '+31 6 98765432',
  street: 'Canarystraat 12345',
  name: 'Canarison',
  ip: '203.0.113.77',
};
/** As they may be written in a log, an address or an error. */
const PERSONAL = [...Object.values(BUYER), '98765432', 'canary.person', 'Canary', encodeURIComponent(BUYER.email)];
const TOKENS = { META_TOKEN: 'EAAJcanary0token1234567890abcdefghijkl', GA4_SECRET: 'canarySecret_0123456789abcdef' };
const HIDDEN = [...Object.values(TOKENS), SECRETS.SHOP_SECRET, KEY, 'canary-of-the-header', 'canary-of-prometheus'];

const order = (id: number, over: object = {}) =>
  lampOrder(id, {
    email: BUYER.email,
    phone: BUYER.phone,
    browser_ip: BUYER.ip,
    client_details: { browser_ip: BUYER.ip, user_agent: `Mozilla/5.0 ${BUYER.name}` },
    landing_site: `/?email=${encodeURIComponent(BUYER.email)}&gclid=Click123`,
    billing_address: { first_name: BUYER.name, last_name: BUYER.name, address1: BUYER.street, country_code: 'NL' },
    ...over,
  });
const found = (text: string, words: readonly string[]) => words.filter((word) => text.includes(word));

describe('S76 S77 a service on which everything goes wrong that can', () => {
  let folder: string;
  let standins: Standins;
  let served: Served;
  let env: Record<string, string>;
  const send = (body: object, topic?: string) => post(served.url, fromShopify(body, topic));
  const attempts = (outcome: string) => served.printed().split(`"outcome":"${outcome}"`).length - 1;
  const echo = (error: string) =>
    `${error} ${BUYER.email} "phone":"${BUYER.phone}" ${BUYER.ip} access_token=${TOKENS.META_TOKEN}&api_secret=${TOKENS.GA4_SECRET}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-privacy-'));
    standins = await createStandins();
    env = {
      ...SECRETS,
      ...TOKENS,
      LOG_LEVEL: 'trace',
      ALLOW_PRIVATE_DESTINATIONS: 'true',
      METRICS_TOKEN: 'canary-of-prometheus',
      ENCRYPTION_KEY: KEY,
      MAPPINGS_DIR: await writeMappings(folder, storeFile(standins)),
      DATA_DIR: join(folder, 'data'),
    };
    served = await serve(env);
    await send(order(1));
    await eventually(() => attempts('delivered') === 3, 'one order is delivered');
    standins.sgtm.fail({ status: 400, body: echo('bad request of') });
    standins.ga4.fail('reset');
    standins.meta.fail({
      status: 400,
      body: JSON.stringify({
        error: { message: echo('Invalid OAuth access token'), type: 'OAuthException', code: 190 },
      }),
    });
    await send(order(2));
    await eventually(() => served.printed().includes('account.paused') && attempts('rejected') > 0, 'all of them fail');
    const hook = fromShopify(order(3));
    const secret = { authorization: 'Bearer canary-of-the-header', cookie: 'session=canary-of-the-header' };
    await post(served.url, { ...hook, headers: { ...hook.headers, ...secret } });
    await post(served.url, hook);
    await post(served.url, { ...hook, body: hook.body.replace('121.00', '1.00') });
    await post(served.url, {
      ...hook,
      path: `/hooks/shop/shopify?email=${encodeURIComponent(BUYER.email)}`,
      body: '{',
    });
    await send(order(4, { total_price: BUYER.email, currency: BUYER.email }));
    await post(served.url, { ...fromShopify({}), path: `/hooks/${encodeURIComponent(BUYER.email)}/shopify` });
    await send({ note: BUYER.email }, `orders/${BUYER.name}`.toLowerCase());
    await send({ note: 'whose topic is an address' }, BUYER.email);
    await send({ note: 'whose topic is a number' }, BUYER.phone);
    await send(order(6, { total_price: BUYER.phone }));
    await eventually(() => served.printed().split('"hook.received"').length > 11, 'all of it is logged');
  });
  afterAll(async () => {
    await served.stop();
    await standins.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('S76 logs nothing of the buyer', () => {
    expect(served.printed().split('\n').length).toBeGreaterThan(10);
    expect(found(served.printed(), PERSONAL)).toEqual([]);
  });

  test('S76 shows nothing of the buyer in the metrics', async () => {
    const headers = { authorization: `Bearer ${env.METRICS_TOKEN}` };
    const text = await (await fetch(`${served.adminUrl}/metrics`, { headers })).text();
    expect(text).toContain('tagbridge_hooks_received_total');
    expect(found(text, [...PERSONAL, ...HIDDEN])).toEqual([]);
  });

  test('S77 logs no secret', () => {
    expect(found(served.printed(), HIDDEN)).toEqual([]);
  });

  test('S77 prints no secret from any command', async () => {
    const commands = [
      ['check'],
      ['check', '--json'],
      ['stats', '--json'],
      ['resume'],
      ['replay', '--dry-run'],
      ['audit'],
    ];
    for (const words of commands) {
      const { out, err } = await runHere(words, env);
      expect(found(out + err, HIDDEN)).toEqual([]);
    }
  });

  test('S77 S78 keeps neither secrets nor, with a key, anything of the buyer in its files', async () => {
    expect(await filesWith(join(folder, 'data'), ...HIDDEN, ...PERSONAL)).toEqual([]);
  });

  test('S82 lets nobody else read its files and has no secret among its arguments', async () => {
    const data = join(folder, 'data');
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(data))
      expect([name, (await stat(join(data, name))).mode & 0o777]).toEqual([name, 0o600]);
    expect(found(served.child.spawnargs.join(' '), HIDDEN)).toEqual([]);
  });

  test('S83 opens no debugger when it is asked to', async () => {
    served.child.kill('SIGUSR1');
    await eventually(() => served.printed().includes('debugger.refused'), 'it says so');
    expect(served.printed()).not.toContain('Debugger listening');
  });

  test('S85 writes one line of JSON for each thing, whatever senders write into ids', async () => {
    const count = () => served.printed().split('"hook.received"').length;
    const before = count();
    await send(order(5), 'orders/\u009b31mpaid');
    await eventually(() => count() > before, 'it is logged');
    const lines = served.printed().split('\n').slice(0, -1);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(served.printed()).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
