// The pages while their PostgreSQL is away: they say so soon, wait for one that is only slow, and come back with it.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { hasPostgres, type Server, startPostgres } from '../support/postgres.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';
import { startStopwatch } from '../support/stopwatch.ts';

describe.skipIf(!(await hasPostgres()))('pages on PostgreSQL (skipped where none runs)', () => {
  let server: Server;
  let rig: Rig;
  let url: string;
  let admin: Browser;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.makeDatabase();
    rig = await startRig({ DATABASE_URL: url, LOG_LEVEL: 'info' });
    admin = await becomeAdmin(rig);
  });
  afterAll(async () => {
    await rig.close();
    await server.close();
  });
  const timed = async (path: string) => {
    const [began, took] = [performance.now(), startStopwatch()];
    const { status } = await admin.get(path);
    return { status, ms: performance.now() - began, own: took() };
  };

  test('wait for a database that is slow and there', async () => {
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin; lock table sessions in access exclusive mode');
    const asked = timed('/hooks');
    await blocker.query('select pg_sleep(4)');
    await blocker.query('rollback');
    await blocker.end();
    const { status, ms } = await asked;
    expect(status).toBe(200);
    expect(ms).toBeGreaterThan(3_500);
  });

  test('a balancer is told not to send hooks while they cannot be kept, and to send them again after', async () => {
    const ready = async () => (await fetch(`${rig.service.url}/readyz`)).status;
    const after = (status: number) => eventually(async () => (await ready()) === status, `/readyz says ${status}`);
    expect(await ready()).toBe(200);
    await server.stop('fast');
    await after(503);
    expect((await fetch(`${rig.service.url}/healthz`)).status).toBe(200);
    await server.start();
    await after(200);
    expect(rig.logged.filter((line) => /keep\.(failing|well)/.test(line))).toHaveLength(2);
  });

  test('a balancer is told not to send hooks while the database takes no writes', async () => {
    const ready = async () => (await fetch(`${rig.service.url}/readyz`)).status;
    const name = new URL(url).pathname.slice(1);
    const setTo = async (setting: string) => {
      await server.query(`alter database ${name} ${setting}`);
      await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    };
    await setTo('set default_transaction_read_only = on');
    await eventually(async () => (await ready()) === 503, '/readyz says 503');
    await setTo('reset default_transaction_read_only');
    await eventually(async () => (await ready()) === 200, '/readyz says 200');
  });

  test('say within a few seconds that it is away, however many ask, and work again once it is back', async () => {
    await server.stop('fast');
    const ends = await Promise.all(Array.from({ length: 12 }, () => timed('/hooks')));
    expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 503));
    expect(Math.max(...ends.map(({ own }) => own))).toBeLessThan(4_000);
    const { text, headers } = await admin.get('/hooks');
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toContain('Most often the database is away for a moment');
    const took = startStopwatch();
    const metrics = await fetch(`${rig.service.adminUrl}/metrics`);
    expect(await metrics.text()).toMatch(/^process_cpu_seconds_total /m);
    expect(metrics.status).toBe(200);
    expect(took()).toBeLessThan(4_000);
    await server.start();
    await eventually(async () => (await timed('/hooks')).status === 200, 'the pages are back');
  });
});
