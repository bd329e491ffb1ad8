// Several services on one PostgreSQL: each does its part of the work, and none does it twice.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKeep } from '../src/keep/keep.ts';
import { openPostgres } from '../src/keep/postgres/postgres.ts';
import { timeOf } from '../src/lib/id.ts';
import { plainVault } from '../src/lib/vault.ts';
import type { Service } from '../src/main.ts';
import { fromShopify, lampOrder, lampRefund, post } from './support/hooks.ts';
import { hasPostgres, type Server, startPostgres } from './support/postgres.ts';
import { eventually, type Rig, startRig } from './support/service.ts';

const HOUR_MS = 3_600_000;

describe.skipIf(!(await hasPostgres()))('replicas (skipped where no PostgreSQL runs)', () => {
  let server: Server;
  let rig: Rig;
  let url: string;
  let replicas: Service[];
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.makeDatabase();
    rig = await startRig({ DATABASE_URL: url, LOG_LEVEL: 'error' });
    replicas = [rig.service, await rig.addReplica(), await rig.addReplica()];
  });
  afterAll(async () => {
    await rig.close();
    await server.close();
  });
  const urlOf = (index: number) => replicas[index % replicas.length]?.url ?? '';
  const arrived = () => rig.standins.ga4.counted.size;

  test('start on an empty database at the same time and make its tables once', async () => {
    const empty = await server.makeDatabase();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openPostgres(empty)));
    const [first] = opened;
    expect(await first?.db.query('select count(*) as hooks from hooks')).toEqual([{ hooks: 0 }]);
    await Promise.all(opened.map(({ close }) => close()));
  });

  test('deliver each order once, wherever its hooks arrived', async () => {
    const before = arrived();
    const orders = Array.from({ length: 60 }, (_, index) => 1000 + index);
    const hooks = orders.flatMap((id) =>
      ['orders/create', 'orders/paid', 'orders/updated'].map((topic) => [id, topic] as const),
    );
    const answers = await Promise.all(
      hooks.map(([id, topic], index) => post(urlOf(index), fromShopify(lampOrder(id, { note: topic }), topic))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await eventually(() => arrived() - before >= orders.length, 'all orders arrived');
    const counts = [rig.standins.ga4, rig.standins.meta, rig.standins.sgtm].flatMap(({ counted }) => [
      ...counted.values(),
    ]);
    expect(new Set(counts)).toEqual(new Set([1]));
  });

  test('know a hook that another one has kept', async () => {
    const body = lampOrder(2001);
    expect(await post(urlOf(0), fromShopify(body))).toMatchObject({ body: '{"status":"ok"}' });
    expect(await post(urlOf(1), fromShopify(body))).toMatchObject({ body: '{"status":"duplicate"}' });
  });

  test('find the purchase of a refund that arrived elsewhere', async () => {
    await post(urlOf(0), fromShopify(lampRefund(91, 2002), 'refunds/create'));
    await post(urlOf(1), fromShopify(lampOrder(2002)));
    const refund = () =>
      rig.standins.received.find(
        ({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes('"refund"'),
      );
    await eventually(() => refund() !== undefined, 'the refund arrived');
    // A refund of Shopify knows no client id.
    expect(refund()?.body).toMatchObject({
      client_id: '1380133182.1764792191',
      events: [{ params: { transaction_id: '2002' } }],
    });
  });

  test('name hooks by the time of the database, which they are counted by, whatever their own clocks say', async () => {
    const wrong = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + HOUR_MS);
    await post(urlOf(0), fromShopify(lampOrder(2006)));
    wrong.mockRestore();
    const { db, close } = await openPostgres(url);
    const [newest] = await db.query('select max(id) as id from hooks');
    expect(timeOf(String(newest?.id))).toBeLessThan(Date.now() + HOUR_MS / 2);
    await close();
  });

  test('stop sending to an account that one of them paused, and go on when another resumes it', async () => {
    const { db, close } = await openPostgres(url);
    const keep = createKeep({ db, vault: plainVault });
    rig.standins.meta.fail({
      status: 401,
      body: '{"error":{"code":190,"message":"token expired","type":"OAuthException"}}',
    });
    await post(urlOf(0), fromShopify(lampOrder(2003)));
    await eventually(async () => (await keep.listPauses()).length === 1, 'the account is paused');
    rig.standins.meta.recover();
    const requests = rig.standins.meta.requests();
    await post(urlOf(1), fromShopify(lampOrder(2004)));
    await post(urlOf(2), fromShopify(lampOrder(2005)));
    await eventually(() => [...rig.standins.ga4.counted.keys()].some((key) => key.includes('2005')), 'ga4 has it');
    const [pause] = await keep.listPauses();
    await keep.resumeAccount(pause?.account ?? '');
    await eventually(
      () =>
        ['2003', '2004', '2005'].every((id) => [...rig.standins.meta.counted.keys()].some((key) => key.includes(id))),
      'meta has them',
    );
    expect(rig.standins.meta.requests()).toBeGreaterThan(requests);
    await close();
  });

  test('do the work of one that stopped', async () => {
    const before = arrived();
    rig.standins.ga4.fail({ status: 503 });
    await Promise.all([3001, 3002, 3003].map((id) => post(urlOf(0), fromShopify(lampOrder(id)))));
    await replicas.shift()?.stop();
    rig.standins.ga4.recover();
    const { db, close } = await openPostgres(url);
    // However often they failed meanwhile, after which they wait for up to minutes.
    const sql = 'update deliveries set due_at = due_at - 3600000 where lease_id is null';
    await eventually(async () => {
      await db.transaction([{ sql, rows: [[]] }]);
      return arrived() - before >= 3;
    }, 'they arrived');
    await close();
  });
});
