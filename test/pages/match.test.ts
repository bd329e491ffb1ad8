// The match report: which orders and leads found their visit, and what is said of the rest.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JoinSum } from '../../src/keep/questions/joins.ts';
import { createMatch } from '../../src/pages/match.ts';
import { type Client, createClient, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin, becomeRole } from '../support/browser.ts';
import { runHere } from '../support/cli.ts';
import { eventually, type Rig, SECRETS, startRig } from '../support/service.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-18T12:30:00Z');
const PHONE: JoinSum = {
  store: 'shop',
  source: 'phone',
  name: 'purchase',
  channel: 'phone',
  by: 'nothing',
  age: '',
  events: 0,
  clicks: 0,
  codes: 0,
  persons: 0,
};
const rows = (...some: Partial<JoinSum>[]): JoinSum[] => some.map((one) => ({ ...PHONE, ...one }));
const stores = (keepsVisits: boolean) =>
  [{ name: 'shop', settings: { visits: keepsVisits ? {} : undefined } }] as never;
const reportOf = async (sums: JoinSum[], { last = NOW - HOUR, keepsVisits = true } = {}) => {
  const asked: number[][] = [];
  const keep = {
    sumJoins: async (from: number, until: number) => {
      asked.push([from, until]);
      return sums;
    },
    lastVisit: async () => Math.floor(last / HOUR),
  };
  const report = await createMatch({ keep, mappings: { all: () => stores(keepsVisits) }, now: () => NOW })({
    days: '7',
  });
  const [store] = report.stores;
  if (store === undefined) throw new Error('no store is told of');
  return { ...report, asked, store, advice: store.advice.map(({ text }) => text) };
};

describe('a report', () => {
  test('asks for whole days, up to this one', async () => {
    const { asked, since, until } = await reportOf([]);
    const today = Math.floor(NOW / DAY);
    expect(asked).toEqual([[today - 7, today]]);
    expect([since, until]).toEqual([(today - 7) * DAY, (today + 1) * DAY]);
  });

  test('tells phone orders, leads and other orders apart', async () => {
    const { store } = await reportOf(
      rows(
        { events: 3 },
        { events: 4, channel: 'online', source: 'shopify', by: 'own', clicks: 4 },
        { events: 5, name: 'generate_lead', by: 'email_address', age: 'day', clicks: 2 },
        { events: 1, name: 'purchase', channel: '', source: 'crm', by: 'lead_id', age: 'older' },
      ),
    );
    expect(store.groups).toMatchObject([
      { group: 'phone_orders', events: 3, joined: 0, own: 0, nothing: 3, clicks: 0 },
      {
        group: 'leads',
        events: 5,
        joined: 5,
        own: 0,
        nothing: 0,
        clicks: 2,
        keys: [{ key: 'email_address', events: 5 }],
      },
      { group: 'other_orders', events: 5, joined: 1, own: 4, nothing: 0, clicks: 4 },
    ]);
    expect(store.groups[1]?.ages).toContainEqual({ age: 'day', events: 5 });
    expect(store.sources).toHaveLength(4);
  });
});

describe('advice', () => {
  test('is none where all goes well, and none about few', async () => {
    const good = rows({ events: 90, by: 'reference_code', age: 'day', clicks: 90, codes: 90 }, { events: 10 });
    expect((await reportOf(good)).advice).toEqual([]);
    expect((await reportOf(rows({ events: 4 }))).advice).toEqual([]);
  });

  test('asks for visits where a store keeps none, and says nothing else', async () => {
    const { advice } = await reportOf(rows({ events: 40 }), { keepsVisits: false });
    expect(advice).toEqual(['This store keeps no visits, so nothing can be found by them.']);
  });

  test('says that the script is silent, for how long, before all else', async () => {
    const { advice } = await reportOf(rows({ events: 40 }), { last: NOW - 5 * DAY });
    expect(advice[0]).toBe('The script has told of no visit for 5 days.');
    expect(advice.length).toBeGreaterThan(1);
  });

  test('says that most phone orders carry no reference code', async () => {
    const { advice } = await reportOf(rows({ events: 40, codes: 2, persons: 40 }, { events: 10, by: 'phone_number' }));
    expect(advice).toContain('96% of phone orders (48 of 50) carry no reference code.');
  });

  test('says that codes find no visit', async () => {
    const { advice } = await reportOf(
      rows({ events: 8, codes: 8 }, { events: 8, codes: 8, by: 'reference_code', clicks: 8 }),
    );
    expect(advice).toContain('50% of the reference codes (8 of 16) found no visit.');
  });

  test('says that nobody knows the people who ask, and to tell the script who they are', async () => {
    const { store } = await reportOf(rows({ events: 40, persons: 38, codes: 30 }));
    expect(store.advice).toContainEqual({
      text: '95% of phone orders (38 of 40) name an e-mail or phone that no visit is known by.',
      todo: expect.stringContaining("tagbridge('identify', { email, phone })"),
      events: 38,
    });
  });

  test('says that visits are known but without click', async () => {
    const { advice } = await reportOf(
      rows({ events: 20, by: 'email_address', age: 'week', clicks: 5, codes: 20, persons: 20 }),
    );
    expect(advice).toContain(
      '75% of the phone orders that found their visit (15 of 20) came from a visit without the click of an ad.',
    );
  });

  test('asks for hidden fields of forms, and for the file on a shop', async () => {
    const { advice } = await reportOf(
      rows(
        { events: 20, name: 'generate_lead', channel: '', source: 'crm', persons: 20 },
        { events: 30, channel: 'online', source: 'woo', persons: 30 },
      ),
    );
    expect(advice).toContain('100% of leads (20 of 20) came with no click, browser or visit.');
    expect(advice).toContain('100% of the orders of woo (30 of 30) bring no click or browser, and found no visit.');
  });
});

describe('the report of a running bridge', () => {
  let rig: Rig;
  let admin: Browser;
  let viewer: Browser;
  let sales: Browser;
  let client: Client;
  beforeAll(async () => {
    rig = await startRig({}, { visits: { origins: ['https://lamps.example'], consent: 'not_required' } });
    admin = await becomeAdmin(rig);
    viewer = await becomeRole(rig, admin, 'viewer');
    sales = await becomeRole(rig, admin, 'sales');
    client = createClient(rig, await makeToken(admin, { scopes: ['read', 'phone_orders'] }));
    const visit = await fetch(`${rig.service.url}/t/shop`, {
      method: 'POST',
      headers: {
        origin: 'https://lamps.example',
        'user-agent': 'Mozilla/5.0 Firefox/140.0',
        'content-type': 'text/plain',
      },
      body: JSON.stringify({
        visitor: 'visitor-1',
        visit: '1',
        age: HOUR / 2,
        consent: {},
        cookies: {},
        clicks: { gclid: ['Cj0K-1', HOUR / 2] },
        utm: {},
        page: 'https://lamps.example/',
        code: true,
      }),
    });
    const { code } = (await visit.json()) as { code: string };
    const order = async (number: string, more: object) => {
      const { status, text } = await client.post('/stores/shop/phone-orders', {
        number,
        amount: '10.00',
        currency: 'EUR',
        ...more,
      });
      expect([number, status, text]).toEqual([number, 200, expect.stringContaining('kept')]);
    };
    await order('P-1', { code });
    for (let n = 2; n <= 6; n++) await order(`P-${n}`, { email: `buyer${n}@example.com` });
    const isCounted = async () => (await admin.get('/match')).text.includes('of 6 are known');
    await eventually(isCounted, 'all six are counted', 30_000);
  });
  afterAll(() => rig.close());

  test('is a page for those who may look, with the share, the keys and what would raise it', async () => {
    const { status, text } = await viewer.get('/match?store=shop&days=7');
    expect(status).toBe(200);
    expect(text).toContain('17%');
    expect(text).toContain('found by reference code');
    expect(text).toContain('83% of phone orders (5 of 6) carry no reference code.');
    expect((await sales.get('/match')).status).toBe(403);
  });

  test('is read by the API', async () => {
    const { status, json } = await client.get('/reports/match?store=shop');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      stores: [
        {
          store: 'shop',
          keeps_visits: true,
          groups: [
            { group: 'phone_orders', events: 6, joined: 1, own_ids: 0, nothing: 5, with_click: 1 },
            { group: 'leads', events: 0 },
            { group: 'other_orders', events: 0 },
          ],
          sources: [{ source: 'phone', event: 'purchase', channel: 'phone', events: 6 }],
        },
      ],
    });
    expect((await client.get('/reports/match?since=yesterday')).status).toBe(400);
    const other = await client.get('/reports/match?until=2020-01-01T00:00:00Z');
    expect(other.json).toMatchObject({ stores: [{ groups: [{ events: 0 }, { events: 0 }, { events: 0 }] }] });
  });

  test('leads from the number of those of which nothing is known to the orders, and from each to its trace', async () => {
    const { text } = await viewer.get('/match?store=shop&days=7');
    const [, to = ''] = /href="([^"]+)">5<\/a> · 83%/.exec(text) ?? [];
    expect(to.replaceAll('&amp;', '&')).toBe(
      '/match/lacking?store=shop&source=phone&name=purchase&channel=phone&lacks=visit&days=7',
    );
    const list = await viewer.get(to.replaceAll('&amp;', '&'));
    const orders = [...list.text.matchAll(/order=(P-\d)"/g)].map(([, order]) => order);
    expect(orders).toEqual(['P-6', 'P-5', 'P-4', 'P-3', 'P-2']);
    const trace = /href="(\/hooks\/[0-9a-f-]{36})">Trace/.exec(list.text)?.[1] ?? '';
    expect((await viewer.get(trace)).text).toContain('P-6');
    expect((await viewer.get('/match/lacking?lacks=visit&channel=online')).text).toContain('There are none');
    expect((await viewer.get('/match')).text).toContain('href="/match/lacking?store=shop&amp;lacks=click&amp;days=28"');
    const without = /href="([^"]+)">5 without<\/a>/.exec(text)?.[1] ?? '';
    expect(without).toContain('lacks=click');
    expect((await viewer.get('/match/lacking?lacks=client_id')).text).toContain('order=P-1"');
    expect((await sales.get('/match/lacking')).status).toBe(403);
  });

  test('lists them by the API, a page at a time, and as CSV', async () => {
    const first = await client.get('/reports/match/lacking?store=shop&limit=4');
    const next = (first.json as { next?: string }).next ?? '';
    expect(first.json).toMatchObject({
      items: [
        { order_id: 'P-6', source: 'phone', channel: 'phone', lacks: ['visit', 'click', 'client_id'] },
        {},
        {},
        {},
      ],
    });
    const rest = await client.get(`/reports/match/lacking?store=shop&limit=4&cursor=${next}`);
    expect(rest.json).toEqual({ items: [expect.objectContaining({ order_id: 'P-2' })] });
    const old = await client.get('/reports/match/lacking?until=2020-01-01T00:00:00Z');
    expect(old.json).toEqual({ items: [] });
    const { text } = await admin.get('/export/lacking.csv?lacks=client_id&source=phone&days=7');
    expect(text).toContain('"shop","phone","purchase","phone","P-1","client_id"');
    expect(text.trim().split('\n')).toHaveLength(7);
  });

  test('is downloaded as CSV', async () => {
    const { text } = await admin.get('/export/match.csv?days=7');
    expect(text.replaceAll('"', '')).toContain(
      'since,until,store,source,event,channel,found_by,age,events,with_click,with_code,with_email_or_phone',
    );
    expect(text).toContain('"shop","phone","purchase","phone","reference_code","hour",1,1,1,0');
    expect(text).toContain('"shop","phone","purchase","phone","nothing","",5,0,0,5');
  });

  test('is printed by the command, for people and for machines', async () => {
    const env = { ...SECRETS, MAPPINGS_DIR: join(rig.folder, 'mappings'), DATA_DIR: join(rig.folder, 'data') };
    const said = await runHere(['report', 'match', '--store', 'shop'], env);
    expect(said.out).toContain(
      'Phone orders: 6, of them 17% found a visit, 0% brought ids, 83% have nothing; 17% have a click',
    );
    expect(said.out).toContain('found by: reference code 1');
    expect(said.out).toContain('Other orders: none was looked at for a visit');
    const json = await runHere(['report', 'match', '--json'], env);
    expect(JSON.parse(json.out)).toMatchObject({ stores: [{ store: 'shop', groups: [{ events: 6 }, {}, {}] }] });
    expect((await runHere(['report', 'match', '--store', 'shpo'], env)).err).toMatch(/there is no store shpo.*shop/s);
    expect((await runHere(['report', 'rates'], env)).err).toMatch(/there is no report rates/);
  });
});
