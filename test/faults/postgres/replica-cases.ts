// F01, F04, F27, F28, F34, F37, F38, F40 and F41 with several bridges on one database: they die, stand still, come and go, and disagree about the time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conduct, Name } from '../receivers.ts';
import { between, type Case, report, until } from '../suite.ts';
import { type Cluster, withCluster } from './cluster.ts';
import { finish, rateOver, startLoad } from './steps.ts';

const LEASE_MS = 60_000;
/** So many deliveries in hand that each of three bridges has some. */
const UNDER_WAY = 300;
const NAMES: readonly Name[] = ['ga4', 'meta', 'sgtm'];

const pick = (cluster: Cluster): number => Math.floor(Math.random() * cluster.bridges.length);

const f01: Case = {
  id: 'F01',
  title: 'kill -9 of one bridge of three, at any moment',
  run: ({ kills }) =>
    withCluster({}, async (cluster) => {
      await startLoad(cluster);
      for (let round = 0; round < kills; round++) {
        await sleep(between(50, 1_000));
        const index = pick(cluster);
        await cluster.bridges[index]?.end('SIGKILL');
        await cluster.start(index);
      }
      return report(await finish(cluster), { rounds: kills });
    }),
};

/** What somebody has held for ten seconds and more. */
const HELD = `
  select (select count(*) from deliveries where lease_id is not null and due_at < extract(epoch from now()) * 1000 + $ms)
    + (select count(*) from hooks where lease_id is not null and due_at < extract(epoch from now()) * 1000 + $ms) as held`;
const heldUntil = async (cluster: Cluster, ms: number): Promise<number> =>
  Number((await cluster.query(HELD.replaceAll('$ms', String(ms))))[0]?.held);

const f04: Case = {
  id: 'F04',
  title: 'one of three stands still for longer than its leases',
  run: () =>
    withCluster({}, async (cluster) => {
      await cluster.conduct('ga4', { delayMs: 2_000 });
      await startLoad(cluster, 200);
      const leased = 'select count(*) as leased from deliveries where lease_id is not null';
      const underWay = async () => Number((await cluster.query(leased))[0]?.leased) >= UNDER_WAY;
      await until('deliveries are under way in all three', underWay);
      const [first] = cluster.bridges;
      first?.signal('SIGSTOP');
      // The others must not be late because the receiver is slow.
      await cluster.conduct('ga4', {});
      await sleep(30_000);
      const held = await heldUntil(cluster, LEASE_MS - 25_000);
      await sleep(LEASE_MS - 30_000 + 10_000);
      const left = await heldUntil(cluster, -8_000);
      first?.signal('SIGCONT');
      const comparison = await finish(cluster);
      return report(comparison, {
        notes: [`${held} hooks and deliveries were held by the one that stood still`],
        problems: [
          held === 0 && 'it held nothing, so nothing was shown',
          left > 0 && `${left} were not taken over within ten seconds of the end of their leases`,
        ],
      });
    }),
};

const conductAll = async (cluster: Cluster, conduct: Conduct): Promise<void> => {
  for (const name of NAMES) await cluster.conduct(name, conduct);
};

const f27: Case = {
  id: 'F27',
  title: 'answers are swallowed after receivers have counted, and one of three bridges dies meanwhile',
  run: () =>
    withCluster({}, async (cluster) => {
      const few = { kind: 'burst', url: cluster.url, count: 200, atOnce: 20 } as const;
      const { orders } = await cluster.load(few);
      await cluster.drain();
      for (const kind of ['refund', 'order'] as const) {
        await conductAll(cluster, { fault: 'swallow' });
        await cluster.load({ ...few, of: kind, ...(kind === 'refund' && { orders }) });
        await sleep(1_500);
        const index = pick(cluster);
        await cluster.bridges[index]?.end('SIGKILL');
        await conductAll(cluster, {});
        await cluster.start(index);
        await cluster.drain(240_000);
      }
      const [row] = await cluster.query(
        `select count(*) filter (where kind = 'dead' and ambiguous = 1) as dead,
           count(*) filter (where kind = 'retry' and ambiguous = 0) as silent from attempts`,
      );
      return report(await cluster.settle(), {
        notes: [`${row?.dead} refunds were not sent again, because they may have arrived`],
        problems: [
          Number(row?.dead) === 0 && 'no refund ended as one that may have arrived',
          Number(row?.silent) > 0 && `${row?.silent} attempts without an answer are not shown as ambiguous`,
        ],
      });
    }),
};

const f28: Case = {
  id: 'F28',
  title: 'one webhook ten thousand times at once, over three bridges',
  run: () =>
    withCluster({}, async (cluster) => {
      await cluster.load({ kind: 'burst', url: cluster.url, count: 10_000, atOnce: 128, same: true });
      const comparison = await finish(cluster);
      const [row] = await cluster.query('select count(*) as hooks from hooks');
      return report(
        { ...comparison, sent: comparison.acknowledged },
        { problems: [Number(row?.hooks) !== 1 && `${row?.hooks} hooks were kept`] },
      );
    }),
};

const f34: Case = {
  id: 'F34',
  title: 'rolling restarts of three bridges behind a balancer',
  run: ({ rounds: scaled }) =>
    withCluster({ env: { DRAIN_SECONDS: '1' } }, async (cluster) => {
      const rounds = scaled(100);
      const problems: string[] = [];
      await startLoad(cluster);
      for (let round = 0; round < rounds; round++) {
        const index = round % cluster.bridges.length;
        const status = await cluster.bridges[index]?.end('SIGTERM');
        if (status !== 0) problems.push(`ended with ${status}`);
        await cluster.start(index);
      }
      const { statuses } = await cluster.load({ kind: 'finish', ms: 30_000 });
      const comparison = await finish(cluster);
      const failed = Object.entries(statuses).filter(([status]) => status !== '200');
      return report(comparison, {
        rounds,
        problems: [
          ...problems,
          failed.length > 0 && `requests failed: ${failed.map(([status, count]) => `${count} × ${status}`).join(', ')}`,
          comparison.duplicates > 0 && `${comparison.duplicates} deliveries were sent again`,
        ],
      });
    }),
};

const f37: Case = {
  id: 'F37',
  title: 'somebody keeps an old snapshot open',
  run: ({ kills }) =>
    withCluster({}, async (cluster) => {
      await startLoad(cluster);
      await sleep(3_000);
      const before = await rateOver(cluster, 5_000);
      const old = await cluster.session();
      await old.query('begin transaction isolation level repeatable read');
      await old.query('select count(*) from hooks');
      await sleep(kills >= 300 ? 300_000 : 15_000);
      const after = await rateOver(cluster, 5_000);
      const comparison = await finish(cluster);
      await old.end();
      const words = `${Math.round(before)}/s before, ${Math.round(after)}/s beside the old snapshot`;
      return report(comparison, { notes: [words], problems: [after < before * 0.4 && `the rate fell: ${words}`] });
    }),
};

const f38: Case = {
  id: 'F38',
  title: 'three hundred idle connections',
  run: () =>
    withCluster({ settings: { max_connections: 400 } }, async (cluster) => {
      const idle = await Promise.all(Array.from({ length: 300 }, () => cluster.session()));
      await startLoad(cluster);
      await sleep(5_000);
      const comparison = await finish(cluster);
      await Promise.all(idle.map((one) => one.end()));
      return report(comparison, {});
    }),
};

const f40: Case = {
  id: 'F40',
  title: 'from one bridge to six and back',
  run: () =>
    withCluster({ replicas: 6 }, async (cluster) => {
      for (const bridge of cluster.bridges.slice(1)) await bridge.end('SIGTERM');
      await startLoad(cluster);
      for (let index = 1; index < 6; index++) await cluster.start(index);
      await sleep(1_000);
      for (const bridge of cluster.bridges.slice(1)) await bridge.end('SIGTERM');
      await sleep(1_000);
      return report(await finish(cluster), { rounds: 10 });
    }),
};

const f41: Case = {
  id: 'F41',
  title: 'clocks five minutes apart',
  run: () =>
    withCluster({ clocks: [0, 300_000, -300_000] }, async (cluster) => {
      await startLoad(cluster);
      await sleep(1_000);
      // What fails now is due in some seconds, whoever put it off and whoever looks.
      await cluster.conduct('sgtm', { fault: { status: 503 } });
      await sleep(1_500);
      await cluster.conduct('sgtm', {});
      await sleep(2_000);
      const [row] = await cluster.query(
        'select max(due_at - extract(epoch from now()) * 1000) as ahead, min(due_at - extract(epoch from now()) * 1000) as behind from deliveries',
      );
      const comparison = await finish(cluster);
      const [ahead, behind] = [Number(row?.ahead ?? 0), Number(row?.behind ?? 0)];
      return report(comparison, {
        notes: [`repeats: ${comparison.duplicates}, worst delay ${Math.round(comparison.worstMs / 1000)} s`],
        problems: [
          ahead > 70_000 && `something is due in ${Math.round(ahead / 1000)} s`,
          behind < -30_000 && `something was due ${Math.round(-behind / 1000)} s ago`,
          comparison.duplicates > 0 && `${comparison.duplicates} deliveries were sent again`,
          comparison.worstMs > 60_000 && `a delivery took ${Math.round(comparison.worstMs / 1000)} s`,
        ],
      });
    }),
};

export const replicaCases = [f01, f04, f27, f28, f34, f37, f38, f40, f41];
