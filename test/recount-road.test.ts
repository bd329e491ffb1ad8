// What the report of a destination counted, as people meet it: by the command, on the pages, on a trace, by the API, in alerts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../src/keep/keep.ts';
import { type Found, noteRecount } from '../src/keep/questions/recounts.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../src/lib/vault.ts';
import { createClient, makeToken } from './support/api.ts';
import { alertsAfterRestart, type Browser, becomeAdmin } from './support/browser.ts';
import { runHere } from './support/cli.ts';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { sendPurchase } from './support/purchase.ts';
import { KEY_FILE, type ReportApi, startReportApi } from './support/report-api.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeMappings, writeStore } from './support/service.ts';
import { traceOf } from './support/shop.ts';

const DAY = 24 * 3_600_000;
const dayAgo = (days: number) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
const ENV = { ...SECRETS, GOOGLE_KEY: KEY_FILE };
let api: ReportApi;
beforeAll(async () => {
  api = await startReportApi();
});
afterAll(() => api.close());
const NOWHERE = { origin: 'http://127.0.0.1:9' };
const reported = (store: ReturnType<typeof storeFile>) => ({
  ...store,
  destinations: {
    ...store.destinations,
    ga4: { ...store.destinations.ga4, ...api.settings, service_account: '${GOOGLE_KEY}' },
  },
});

describe('the command', () => {
  let folder: string;
  const day = dayAgo(4);
  const row = (id: string, times = 1, value = 50) => ({ id, day, times, value, channel: 'Direct' });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-recount-'));
    await writeMappings(folder, reported(storeFile({ ga4: NOWHERE, meta: NOWHERE, sgtm: NOWHERE })));
    const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
    const keep = createKeep({ db, vault: plainVault });
    for (const id of ['1', '2', '3', '4']) await sendPurchase(keep, id, `${day}T12:00:00Z`);
    await close();
  });
  afterAll(() => rm(folder, { recursive: true }));
  const kept = async () => {
    const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
    const days = await createKeep({ db, vault: plainVault }).listRecounts(day);
    await close();
    return days;
  };
  const recount = (...args: string[]) =>
    runHere(['recount', '--store', 'shop', ...args], {
      ...ENV,
      ALLOW_PRIVATE_DESTINATIONS: 'true',
      DATA_DIR: join(folder, 'data'),
      MAPPINGS_DIR: join(folder, 'mappings'),
    });

  test('names what is missing, there twice, worth something else, or of somebody else, and keeps it', async () => {
    api.rows = [row('1'), row('2', 2, 100), row('3', 1, 60.5), row('#1001')];
    const { code, out, err } = await recount('--day', day);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      `shop/ga4: purchases of ${day} (Europe/Amsterdam) in the report of GA4`,
      '  sent: 4; in the report: 3; missing: 1',
      '  missing: 4',
      '  more than once: 2 (2 times)',
      '  with another value: 3 (50 sent, 60.5 EUR counted)',
      '  not sent from here: 1, such as #1001',
      '  put down to: Direct 3',
      '',
    ]);
    expect((await kept())[0]).toMatchObject({ store: 'shop', destination: 'ga4', day, found: { sent: 4, counted: 3 } });
  });

  test('says of a report that is not whole, and of a day that is not settled, that more may be there, and keeps no such day', async () => {
    api.metadata = { ...api.metadata, subjectToThresholding: true };
    const { out } = await recount('--day', dayAgo(0));
    api.metadata = { currencyCode: 'EUR', timeZone: 'Europe/Amsterdam' };
    expect(out).toContain('says that it is not whole');
    expect(out).toContain('not settled yet');
    expect((await kept()).map((one) => one.day)).toEqual([day]);
    expect((await recount()).out).not.toContain('not settled yet');
  });

  test('says why it could not ask', async () => {
    api.failing = { status: 403, body: '{}' };
    const { code, out, err } = await recount('--day', day);
    api.failing = undefined;
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`GA4 could not be asked about ${day}: the service account may not look at this property`);
  });

  test.each([
    [['--day', 'yesterday'], '--day yesterday is no day'],
    [['--day', '2026-02-31'], '--day 2026-02-31 is no day'],
    [['--day', dayAgo(-2)], 'is still to come'],
    [['--day', dayAgo(31)], 'is no longer known'],
    [['--destination', 'meta'], 'it has none that can be asked'],
    [['--destination', 'sgtm'], 'give it property_id and service_account'],
    [['--destination', 'ga5'], 'has no destination ga5'],
  ])('takes no %j', async (args, words) => {
    expect(await recount(...args)).toMatchObject({ code: 78, err: expect.stringContaining(words) });
  });
});

describe('people', () => {
  let rig: Rig;
  let admin: Browser;
  const today = dayAgo(0);
  const found: Found = {
    ...{ sent: 20, counted: 16, missing: [], repeated: 4, repeats: [], different: 1, differences: [] },
    ...{ strange: 2, strangers: ['#1001'], channels: { 'Paid Search': 12, Unassigned: 4 } },
    ...{ currency: 'EUR', time_zone: 'UTC', partial: false },
  };
  const note = async (more: Partial<Found>, day = today, at = Date.now()) => {
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    const place = { store: 'shop', destination: 'ga4', day };
    await noteRecount(db, place, at, { found: { ...found, ...more } });
    await close();
  };
  beforeAll(async () => {
    rig = await startRig(ENV);
    admin = await becomeAdmin(rig);
    await writeStore(rig, reported(storeFile(rig.standins)));
  });
  afterAll(() => rig.close());

  test('read on the page of destinations that nothing was asked yet, and later what the last day came to', async () => {
    expect((await admin.get('/destinations')).text).toContain('GA4 has not been asked yet what it counted');
    await note({});
    const { text } = await admin.get('/destinations');
    expect(text).toContain(`Of 20 purchases sent for ${today} 16 are in the report of GA4`);
    expect(text).toContain('href="/destinations/counted?store=shop&amp;destination=ga4"');
  });

  test('read each day on a page of its own, with the orders, and on the trace of an order what is wrong with it', async () => {
    for (const id of [1, 2, 3])
      await post(rig.service.url, fromShopify(lampOrder(id, { created_at: new Date().toISOString() })));
    const orders = await Promise.all(
      ['1', '2', '3'].map(async (id) => {
        const path = await traceOf(admin, id);
        await eventually(async () => (await admin.get(path)).text.includes('Event purchase'), `order ${id} is mapped`);
        const [, event_id = ''] = /id="fields-([0-9a-f-]{36})"/.exec((await admin.get(path)).text) ?? [];
        return { event_id, hook_id: path.slice('/hooks/'.length), id };
      }),
    );
    const [lost, twice, taxed] = orders;
    if (lost === undefined || twice === undefined || taxed === undefined) throw new Error('three were sent');
    await note({
      missing: [lost],
      repeats: [{ ...twice, times: 2 }],
      differences: [{ ...taxed, sent: 50, counted: 60.5 }],
    });
    const { text } = await admin.get('/destinations/counted');
    expect(text).toContain(`<a href="/hooks/${lost.hook_id}">1</a> and 3 more`);
    expect(text).toContain(`<a href="/hooks/${twice.hook_id}">2</a> (2 times)`);
    expect(text).toMatch(/EUR\s50\.00 sent, EUR\s60\.50 counted/);
    expect(text).toContain('<code>#1001</code>');
    expect(text).toContain('Put down to Paid Search 75%, Unassigned 25%');
    const trace = async ({ hook_id }: { hook_id: string }) => (await admin.get(`/hooks/${hook_id}`)).text;
    expect(await trace(lost)).toContain(`Its report of ${today} does not have this purchase`);
    expect(await trace(twice)).toContain('counts this purchase 2 times');
    expect(await trace(taxed)).toMatch(/has this purchase with EUR\s60\.50 in place of EUR\s50\.00/);
  });

  test('read on the trace of a purchase that it was counted, and nothing of a refund, which no report is asked for', async () => {
    const trace = async () => (await admin.get('/orders?store=shop&order=4')).text;
    const untilDelivered = (name: string) =>
      eventually(async () => {
        const [, section = ''] = (await trace()).split(`Event ${name} of order`);
        return /<h3>ga4 <span[^>]*>delivered/.test(section);
      }, `the ${name} is delivered`);
    await post(rig.service.url, fromShopify(lampOrder(4)));
    await untilDelivered('purchase');
    await post(rig.service.url, fromShopify(lampRefund(9, 4), 'refunds/create'));
    await untilDelivered('refund');
    await note({ sent: 4, counted: 4, repeated: 0, different: 0 }, today, Date.now() + 2 * DAY);
    const [, purchase, refund] = (await trace()).split(/Event (?:purchase|refund) of order/);
    expect(purchase).toContain(`Its report of ${today} counts this purchase once`);
    expect(refund).not.toContain('Its report');
  });

  test('do not read of an answer that it came when a later question failed', async () => {
    await note({});
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    await noteRecount(db, { store: 'shop', destination: 'ga4', day: today }, Date.now(), { problem: 'it is away' });
    await close();
    const { text } = await admin.get('/destinations/counted');
    expect(text).toContain('it is away');
    expect(text).toContain('sent for this day');
    expect(text).not.toContain('Asked at');
  });

  test('get the same by the API, for the stores of their token', async () => {
    const read = createClient(rig, await makeToken(admin));
    await note({});
    const { status, json } = await read.get('/reports/counted?store=shop&destination=ga4');
    expect([status, json]).toEqual([
      200,
      { items: [{ ...{ store: 'shop', destination: 'ga4', day: today }, asked_at: expect.any(String), found }] },
    ]);
    expect((await read.get('/reports/counted?store=other')).json).toEqual({ items: [] });
  });

  test('see no key of it', async () => {
    const key = 'BEGIN PRIVATE KEY';
    const file = '/mappings/file?file=stores/shop.yaml';
    for (const path of ['/destinations', '/destinations/counted', file, '/mappings/merged?store=shop']) {
      const { status, text } = await admin.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toContain(key);
    }
    expect(rig.logged.join('')).not.toContain(key);
  });

  test('read among what is watched how many of them the report has', async () => {
    await note({});
    const words = `The report of GA4 has 16 of 20 purchases of ${today}`;
    const alerts = await alertsAfterRestart(rig);
    await eventually(async () => (await alerts()).includes(words), 'it is told');
  });
});
