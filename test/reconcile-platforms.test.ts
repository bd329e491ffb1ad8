// Sales that payment providers, CRMs and Magento list and no webhook told of: fetched on the whole road, counted once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttp } from '../src/deliver/http.ts';
import { createKeep } from '../src/keep/keep.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import { newId } from '../src/lib/id.ts';
import { plainVault } from '../src/lib/vault.ts';
import { createLookups } from '../src/road/lookups.ts';
import { createReconcile } from '../src/road/reconcile.ts';
import { createReconciling } from '../src/road/reconciling.ts';
import { runHere } from './support/cli.ts';
import { post } from './support/hooks.ts';
import { listedAt, startListApi } from './support/list-apis.ts';
import { hubspot, pipedrive } from './support/listed-deals.ts';
import { bigcommerce } from './support/listed-orders.ts';
import { square, stripe } from './support/listed-payments.ts';
import { magento, type Platform, type Told } from './support/listed-sales.ts';
import type { ShopApi } from './support/listing.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeStore } from './support/service.ts';
import { buildStore } from './support/stores.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PLATFORMS: Platform[] = [magento, stripe, square, pipedrive, hubspot, bigcommerce];
let rig: Rig;
const apis = new Map<string, ShopApi>();
beforeAll(async () => {
  rig = await startRig();
  const sources: Record<string, object> = {};
  for (const { platform, api: listApi, settings } of PLATFORMS) {
    const api = await startListApi(listApi);
    apis.set(platform, api);
    sources[platform] = { platform, secrets: ['${SHOP_SECRET}'], ...settings, ...(await listedAt(platform, api)) };
  }
  await writeStore(rig, { ...storeFile(rig.standins), sources });
});
afterAll(async () => {
  await rig.close();
  for (const api of apis.values()) await api.close();
});
const listing = (api: ShopApi, ...told: Told[]) => {
  api.records = told.flatMap(({ listed }) => listed).map((record) => JSON.stringify(record));
};

describe.each(PLATFORMS.map((one, index) => ({ ...one, ids: 1_000 * index })))(
  '$platform, on the whole road',
  ({ platform, ids, sale, refund, stage }) => {
    const api = () => {
      const found = apis.get(platform);
      if (found === undefined) throw new Error('there is no API');
      return found;
    };
    const sent = ({ id }: Told, name: string) =>
      ['ga4', 'meta', 'sgtm'].map(
        (destination) =>
          rig.standins.received.filter((one) => {
            const body = JSON.stringify(one.body);
            return (
              one.destination === destination && body.includes(`"${id}"`) && new RegExp(`"${name}"`, 'i').test(body)
            );
          }).length,
      );
    const ONCE = [1, 1, 1];
    const isSent = (told: Told, name: string) =>
      eventually(() => sent(told, name).every((times) => times === 1), `${name} of ${told.id} is sent once everywhere`);
    const reconcile = async () =>
      (
        await runHere(['reconcile', '--store', 'shop', '--source', platform], {
          ...SECRETS,
          ALLOW_PRIVATE_DESTINATIONS: 'true',
          DATA_DIR: join(rig.folder, 'data'),
          MAPPINGS_DIR: join(rig.folder, 'mappings'),
        })
      ).out;
    const postLate = async ({ hook, later = [] }: Told) => {
      for (const one of [hook, ...later]) expect((await post(rig.service.url, one)).status).toBeLessThan(300);
    };
    const before = Date.now() - HOUR / 2;

    test('a sale is fetched and sent once, also when its webhook comes later', async () => {
      const [missing, told, last] = [
        sale(ids + 901, before),
        sale(ids + 902, before),
        sale(ids + 903, Date.now() - MINUTE),
      ];
      await post(rig.service.url, told.hook);
      await isSent(told, 'purchase');
      listing(api(), missing, told);
      expect(await reconcile()).toMatch(new RegExp(`missing, as .*: ${missing.known}\\n`));
      await isSent(missing, 'purchase');
      await postLate(missing);
      await post(rig.service.url, last.hook);
      await isSent(last, 'purchase');
      expect([sent(missing, 'purchase'), sent(told, 'purchase')]).toEqual([ONCE, ONCE]);
      expect(await reconcile()).not.toContain('missing, as');
    });

    if (stage !== undefined)
      test('a deal at a stage is fetched and sent once, also when its webhook comes later', async () => {
        const [missing, last] = [stage(ids + 921, before), stage(ids + 922, Date.now() - MINUTE)];
        listing(api(), missing, stage(ids + 923, before, before - 24 * 24 * HOUR));
        expect(await reconcile()).toMatch(new RegExp(`missing, as .*: ${missing.known}\\n`));
        // Only there a lead is named by its id.
        const toSgtm = (told: Told) => sent(told, 'qualify_lead')[2];
        await eventually(() => toSgtm(missing) === 1, 'it is sent');
        await postLate(missing);
        await post(rig.service.url, last.hook);
        await eventually(() => toSgtm(last) === 1, 'what came after its webhook is sent');
        expect(toSgtm(missing)).toBe(1);
        expect(await reconcile()).not.toContain('missing, as');
      });

    if (refund !== undefined)
      test('a refund is fetched and sent once, also when its webhook comes later', async () => {
        const [bought, back] = [sale(ids + 911, Date.now() - 2 * HOUR), refund(ids + 911, before)];
        const [other, last] = [sale(ids + 912, Date.now() - 2 * HOUR), refund(ids + 912, Date.now() - MINUTE)];
        for (const { hook } of [bought, other]) await post(rig.service.url, hook);
        await isSent(bought, 'purchase');
        await isSent(other, 'purchase');
        listing(api(), back);
        expect(await reconcile()).toMatch(new RegExp(`missing, as .*: ${back.known}\\n`));
        const refunds = ({ id }: Told) =>
          rig.standins.received.filter(
            (one) =>
              one.destination === 'ga4' &&
              JSON.stringify(one.body).includes(`"${id}"`) &&
              JSON.stringify(one.body).includes('"refund"'),
          ).length;
        await eventually(() => refunds(bought) === 1, 'the refund is sent');
        await postLate(back);
        await post(rig.service.url, last.hook);
        await eventually(() => refunds(other) === 1, 'a later refund is sent');
        expect(refunds(bought)).toBe(1);
        expect(await reconcile()).not.toContain('missing, as');
      });
  },
);

describe.each(PLATFORMS)('$platform', ({ platform, api: listApi, settings, sale, refund, renewal, page }) => {
  let folder: string;
  let sqlite: Awaited<ReturnType<typeof openSqlite>>;
  let api: ShopApi;
  let now: number;
  const http = createHttp({ allowPrivate: true });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-lists-'));
    sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
    api = await startListApi(listApi);
    now = Date.now();
  });
  afterEach(async () => {
    await api.close();
    await sqlite.close();
    await rm(folder, { recursive: true });
  });
  afterAll(() => http.close());

  /** A comparison by a service that has known the source for so long; answers what was logged. */
  const compared = async (knownFor: number, over: object = {}) => {
    const keep = createKeep({ db: sqlite.db, vault: plainVault });
    await keep.knowSources([{ store: 'shop', source: platform }], now - knownFor);
    const logged: { message: string; [field: string]: unknown }[] = [];
    const say = (fields: object, message: string) => void logged.push({ message, ...fields });
    const { signal } = new AbortController();
    const parts = { keep, now: () => now, newId, signal, log: { info: say, warn: say, error: say } };
    const source = { ...settings, ...(await listedAt(platform, api)), ...over };
    const store = await buildStore(platform, { sources: { [platform]: source } });
    const lookups = createLookups({ ...parts, send: http.send });
    const reconcile = createReconcile({ ...parts, lookups });
    await createReconciling({ ...parts, stores: { all: () => [store] }, reconcile }).round();
    const hooks = await sqlite.db.query('select id from hooks order by id');
    const bodies = await Promise.all(hooks.map(({ id }) => keep.findHook(String(id))));
    return {
      ended: logged.filter(({ message }) => message.startsWith('reconcile.')),
      kept: bodies.map((hook) => Buffer.from(hook?.content?.body ?? []).toString()),
    };
  };
  const holds = (texts: string[], { known }: Told) => texts.some((text) => new RegExp(`\\b${known}\\b`).test(text));

  test('what happened before its source was known is not fetched, though it was changed since', async () => {
    const [old, since] = [sale(7001, now - HOUR / 2, now - 48 * HOUR), sale(7002, now - HOUR / 2)];
    const backs = refund ? [refund(7001, now - HOUR / 2, now - 48 * HOUR), refund(7003, now - HOUR / 2)] : [];
    listing(api, old, since, ...backs);
    const { kept, ended } = await compared(HOUR);
    expect(ended.every(({ message }) => message === 'reconcile.done')).toBe(true);
    expect([old, since, ...backs].filter((told) => holds(kept, told))).toEqual([since, ...backs.slice(1)]);
  });

  test('what was changed in one second is read page by page, each record once', async () => {
    const at = Math.floor(now / 1_000) * 1_000 - HOUR;
    const all = Array.from({ length: page * 2 + 3 }, (_, index) => sale(7001 + index, at));
    listing(api, ...all);
    const { kept, ended } = await compared(48 * HOUR);
    expect(ended.map(({ message }) => message)).not.toContain('reconcile.failed');
    expect(all.filter((told) => !holds(kept, told))).toEqual([]);
    expect(kept).toHaveLength(all.length);
  });

  test('what lies on the borders of parts is fetched once, what was changed a moment ago is left', async () => {
    const start = Math.floor(now / 1_000) * 1_000 - 24 * HOUR;
    const all = Array.from({ length: 23 }, (_, hour) => sale(7001 + hour, start + (hour + 1) * HOUR));
    listing(api, ...all, sale(7099, now - 5 * MINUTE));
    const { kept, ended } = await compared(48 * HOUR);
    expect(ended.map(({ message }) => message)).not.toContain('reconcile.failed');
    expect(all.filter((told) => !holds(kept, told))).toEqual([]);
    expect(kept).toHaveLength(all.length);
  });

  if (platform === 'magento' && refund !== undefined)
    test('refunds are not fetched where hooks of Stape tell them, which name no credit memo; orders are', async () => {
      const stape = { hour: Math.floor(now / HOUR) - 24, hooks: 1, last_at: now - 24 * HOUR };
      const topic = { store: 'shop', source: platform, topic: 'refund_stape_webhook', ...stape };
      await createKeep({ db: sqlite.db, vault: plainVault }).addTopics([topic], Math.floor(now / HOUR));
      const [order, back] = [sale(7001, now - HOUR), refund(7002, now - HOUR)];
      listing(api, order, back);
      const { kept, ended } = await compared(48 * HOUR);
      expect(ended).toMatchObject([
        { message: 'reconcile.done', list: 'orders' },
        { message: 'reconcile.left_out', list: 'creditmemos', topic: 'refund_stape_webhook' },
      ]);
      expect([order, back].filter((told) => holds(kept, told))).toEqual([order]);
    });

  if (platform === 'magento' && refund !== undefined)
    test('refunds are not fetched where the store file says so', async () => {
      const { reconcile } = await listedAt(platform, api);
      const back = refund(7003, now - HOUR);
      listing(api, back);
      const off = await compared(48 * HOUR, { reconcile: { ...reconcile, creditmemos: 'off' } });
      expect([off.ended.map(({ list }) => list), off.kept]).toEqual([['orders'], []]);
      expect(holds((await compared(48 * HOUR)).kept, back)).toBe(true);
    });

  if (platform === 'bigcommerce' && refund !== undefined)
    test('a refund whose order nobody tells of now is fetched, to wait for it, and once', async () => {
      const back = refund(7004, now - HOUR);
      listing(api, back);
      const { lookups } = await listedAt(platform, api);
      const gone = { lookups: { ...lookups, order: { url: 'http://127.0.0.1:9/orders/{data.id}' } } };
      for (const over of [gone, gone, {}]) {
        const { kept } = await compared(48 * HOUR, over);
        expect([kept.length, holds(kept, back)]).toEqual([1, true]);
        now += HOUR / 4;
      }
    });

  if (renewal !== undefined)
    test('a renewal is not fetched as a sale where what says so lies behind the border of a part or on another page', async () => {
      const border = Math.floor(now / 1_000) * 1_000 - 23 * HOUR;
      const at = border + HOUR;
      const many = Array.from({ length: page }, (_, index) => renewal(7101 + index, at, at));
      listing(api, renewal(7001, border - 1_000, border + 1_000), ...many);
      // All invoices before all payments.
      api.records.sort();
      const { kept, ended } = await compared(48 * HOUR);
      expect(ended.map(({ message }) => message)).toEqual(['reconcile.done']);
      expect(kept).toEqual([]);
    });
});
