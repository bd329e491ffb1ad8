// Visits from the script to the destinations, over real HTTP: what is taken in, from whom, and what it does to an order.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { becomeAdmin } from '../support/browser.ts';
import { runHere } from '../support/cli.ts';
import { filesWith } from '../support/files.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeStore } from '../support/service.ts';
import { traceOf } from '../support/shop.ts';
import { FIREFOX, GRANTED } from '../support/visitor.ts';

const ORIGIN = 'https://lamps.example';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let rig: Rig;
const now = Date.now();
const session = Math.floor(now / 1000) - 600;
beforeAll(async () => {
  rig = await startRig();
  await setWait('2s');
});
afterAll(() => rig.close());

/** How long an order waits for its visit. */
const setWait = (wait: string) =>
  writeStore(rig, { ...storeFile(rig.standins), visits: { origins: [ORIGIN, 'sandbox'], wait } });

const visit = (visitor: string, over: object = {}) => ({
  visitor: `visitor-${visitor}`,
  visit: '1795009000000',
  age: 600_000,
  consent: GRANTED,
  cookies: {
    _ga: 'GA1.1.1380133182.1764792191',
    _ga_TEST000001: `GS2.1.s${session}$o1$g1$t${session + 60}$j0$l0$h0`,
    _ga_OTHER00001: 'GS2.1.s1700000000$o1',
    _fbp: 'fb.1.1764792190054.11',
  },
  clicks: { gclid: ['Click-1', 3 * 86_400_000], fbclid: ['AbC-1', 600_000] },
  utm: { utm_source: 'google' },
  page: `${ORIGIN}/lamps`,
  ...over,
});
const send = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${rig.service.url}/t/shop`, {
    method: 'POST',
    headers: { origin: ORIGIN, 'user-agent': FIREFOX, 'content-type': 'text/plain', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
/** An order that carries nothing of its visit but what is given. */
const bareOrder = (id: number, over: object) =>
  lampOrder(id, { note_attributes: [], landing_site: null, browser_ip: null, client_details: null, ...over });
const received = (destination: string, id: number) =>
  rig.standins.received.find((one) => one.destination === destination && JSON.stringify(one.body).includes(`"${id}"`))
    ?.body;
const order = async (id: number, over: object) => {
  await post(rig.service.url, fromShopify(bareOrder(id, over)));
  await eventually(
    () => ['ga4', 'meta', 'sgtm'].every((name) => received(name, id) !== undefined),
    `order ${id} arrived`,
  );
};

const withDatabase = <Found>(use: (db: DatabaseSync) => Found): Found => {
  const db = new DatabaseSync(join(rig.folder, 'data/tagbridge.db'), { timeout: 10_000 });
  try {
    return use(db);
  } finally {
    db.close();
  }
};
const waiting = () =>
  withDatabase((db) =>
    db.prepare("select waits_for, due_at - received_at as patience from hooks where state = 'waiting'").all(),
  );
/** As if those who wait had done so for as long as they may. */
const endWaiting = () => withDatabase((db) => db.exec("update hooks set due_at = received_at where state = 'waiting'"));

describe('an order', () => {
  test('that carries only a checkout token has the client id, session and clicks of its visit', async () => {
    expect((await send(visit('one', { checkout: 'checkout-1' }))).status).toBe(204);
    const landed = Date.now() - 600_000;
    await order(5001, { checkout_token: 'checkout-1' });
    expect(received('ga4', 5001)).toMatchObject({
      client_id: '1380133182.1764792191',
      events: [{ params: { session_id: String(session) } }],
    });
    const { data } = received('meta', 5001) as { data: { user_data: { fbc: string; fbp: string } }[] };
    expect(data[0]?.user_data.fbp).toBe('fb.1.1764792190054.11');
    const [, , ms, id] = data[0]?.user_data.fbc.split('.') ?? [];
    expect(id).toBe('AbC-1');
    expect(Math.abs(Number(ms) - landed)).toBeLessThan(30_000);
    expect(JSON.stringify(received('sgtm', 5001))).toContain('Click-1');
  });

  test('shows on its trace from which visit it came', async () => {
    const browser = await becomeAdmin(rig);
    const { text } = await browser.get(await traceOf(browser, '5001'));
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /joined by its <code>checkout_token<\/code> to a visit with a Google click id, 3 d/,
    );
    expect(text).toContain('visit by checkout_token');
  });

  test('of somebody who was identified is joined by e-mail, and later ones by what that order taught', async () => {
    await send(visit('two', { email: sha256('ann@example.com'), clicks: { gclid: ['Click-2', 1_000] } }));
    await order(5002, { email: 'Ann@Example.com', contact_email: null, phone: '+31 6 12345678' });
    expect(JSON.stringify(received('sgtm', 5002))).toContain('Click-2');
    await order(5003, { email: null, contact_email: null, customer: null, phone: '+31 6 12345678' });
    expect(JSON.stringify(received('sgtm', 5003))).toContain('Click-2');
  });

  test('waits a moment for a visit that comes after it', async () => {
    // The moment is over when the visit is there, however late that is.
    await setWait('1h');
    await post(rig.service.url, fromShopify(bareOrder(5004, { cart_token: 'cart-4?key=secret' })));
    await eventually(() => waiting().length === 1, 'the order waits');
    await send(visit('four', { cart: 'cart-4', clicks: { gclid: ['Click-4', 1_000] } }));
    endWaiting();
    await eventually(() => received('sgtm', 5004) !== undefined, 'the order is sent');
    expect(JSON.stringify(received('sgtm', 5004))).toContain('Click-4');
  });

  test('whose visit never comes is sent all the same, and a later hook of it waits only once', async () => {
    await setWait('2s');
    await order(5005, { checkout_token: 'nobody' });
    await setWait('1h');
    await post(rig.service.url, fromShopify(bareOrder(5005, { checkout_token: 'nobody', note: 'packed' })));
    await eventually(() => waiting().length === 1, 'the second hook waits');
    expect(waiting()).toEqual([{ waits_for: null, patience: 3_600_000 }]);
    endWaiting();
    await setWait('2s');
  });
});

describe('a visit', () => {
  test('without consent leaves nothing, where the store requires it', async () => {
    const denied = { ...GRANTED, ad_storage: 'denied', analytics_storage: 'denied' };
    expect((await send(visit('none', { consent: denied, checkout: 'c-none' }))).status).toBe(204);
    expect((await send(visit('none', { consent: {}, checkout: 'c-none' }))).status).toBe(204);
    await order(5006, { checkout_token: 'c-none' });
    expect(
      JSON.stringify(rig.standins.received.filter(({ body }) => JSON.stringify(body).includes('"5006"'))),
    ).not.toMatch(/Click-1|AbC-1|1380133182/);
  });

  test('with consent to analytics alone gives no click and no person', async () => {
    const consent = { ...GRANTED, ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };
    await send(visit('half', { consent, checkout: 'c-half', email: sha256('half@example.com') }));
    await post(rig.service.url, fromShopify(bareOrder(5007, { checkout_token: 'c-half', email: 'half@example.com' })));
    await eventually(() => received('ga4', 5007) !== undefined, 'GA4 has it');
    expect(received('ga4', 5007)).toMatchObject({ client_id: '1380133182.1764792191' });
    expect(JSON.stringify(received('ga4', 5007))).not.toContain('Click-1');
    expect(received('meta', 5007)).toBeUndefined();
  });

  test('of a bot is dropped without a word', async () => {
    const bot = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' };
    const reply = await send(visit('bot', { code: true }), bot);
    expect([reply.status, await reply.text()]).toEqual([204, '']);
  });

  test('gets a code that is short, its own, and the same when it asks again', async () => {
    const ask = async (visitor: string) =>
      (await (await send(visit(visitor, { code: true }))).json()) as { code: string };
    const [first, again, other] = [await ask('code-a'), await ask('code-a'), await ask('code-b')];
    expect(first.code).toMatch(/^[34679ACDEFGHJKMNPQRTWXY]{4}$/);
    expect(again).toEqual(first);
    expect(other.code).not.toBe(first.code);
  });
});

describe('a person', () => {
  test('gets their visits, and when erased leaves nothing of them in the files', async () => {
    const data = join(rig.folder, 'data');
    const canaries = ['Canary-click-0001', 'Canary-browser-0001'];
    const [click = '', browser = ''] = canaries;
    const clicks = { gclid: [click, 1_000] };
    await send(visit('canary', { email: sha256('canary@example.com'), cart: 'canary-cart-0001', clicks }), {
      'user-agent': `${FIREFOX} ${browser}`,
    });
    expect(await filesWith(data, ...canaries)).not.toEqual([]);
    expect(await filesWith(data, 'canary@example.com', 'canary-cart-0001', sha256('canary@example.com'))).toEqual([]);
    const env = { ...SECRETS, DATA_DIR: data, MAPPINGS_DIR: join(rig.folder, 'mappings') };
    const exported = JSON.parse((await runHere(['export', '--email', 'canary@example.com'], env)).out);
    expect(exported.visits).toMatchObject([{ fields: { gclid: click, page_location: `${ORIGIN}/lamps` } }]);
    const { out } = await runHere(['erase', '--email', 'Canary@example.com'], env);
    expect(out).toContain('1 visits');
    expect(await filesWith(data, ...canaries)).toEqual([]);
  });
});

describe('a person who is known by the id of their account alone', () => {
  test('gets the visits that their orders found, which erasing takes along', async () => {
    await send(visit('account', { checkout: 'c-account', clicks: { gclid: ['Click-of-account', 1_000] } }));
    await order(5010, { checkout_token: 'c-account', customer: { id: 7120060000777 } });
    const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
    const exported = JSON.parse((await runHere(['export', '--customer', '7120060000777'], env)).out);
    expect(exported.visits).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ gclid: 'Click-of-account' }) }),
    );
    const { out } = await runHere(['erase', '--customer', '7120060000777'], env);
    expect(out).toContain(` ${exported.visits.length} visits`);
  });
});

describe('the capture address', () => {
  test('answers pages of the store alone, and lets them read the answer', async () => {
    const reply = await send(visit('cors'));
    expect(reply.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect((await send(visit('cors'), { origin: 'https://else.example' })).status).toBe(403);
    expect((await send(visit('cors'), { origin: 'null' })).headers.get('access-control-allow-origin')).toBe('*');
    const asked = await fetch(`${rig.service.url}/t/shop`, { method: 'OPTIONS', headers: { origin: ORIGIN } });
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, 'POST']);
  });
  test.each([
    ['no JSON', 'visitor=1'],
    ['an unknown field', { ...visit('bad'), admin: true }],
    ['an e-mail in plain', { ...visit('bad'), email: 'ann@example.com' }],
    ['the hash of nothing', { ...visit('bad'), email: sha256('') }],
    ['a field that is too long', { ...visit('bad'), page: 'x'.repeat(3_000) }],
    ['a null', null],
  ])('refuses %s', async (_, body) => {
    expect((await send(body)).status).toBe(400);
  });
  test('refuses a body that is too large, other methods and unknown stores', async () => {
    expect((await send('x'.repeat(20_000))).status).toBe(413);
    expect((await fetch(`${rig.service.url}/t/shop`, { headers: { origin: ORIGIN } })).status).toBe(405);
    expect((await fetch(`${rig.service.url}/t/nobody`, { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await fetch(`${rig.service.url}/t/nobody.js`)).status).toBe(404);
  });
  test('gives the script of the store', async () => {
    const reply = await fetch(`${rig.service.url}/t/shop.js`);
    expect(reply.headers.get('content-type')).toContain('text/javascript');
    expect(await reply.text()).toContain('+31');
  });
});
