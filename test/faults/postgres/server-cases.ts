// F20 to F26: the database restarts, sessions are ended, the primary dies, the standby is missing, the network is cut.
import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Case, mustFail, quantile, report } from '../suite.ts';
import { type Cluster, type ClusterOptions, withCluster } from './cluster.ts';
import { finish, rateOver, startLoad, untilAcknowledged, untilRateIsBack } from './steps.ts';

const RECOVERY_MS = 5_000;

const f20: Case = {
  id: 'F20',
  title: 'PostgreSQL restarts under load',
  run: ({ rounds: scaled }) =>
    withCluster({}, async (cluster) => {
      const rounds = scaled(20);
      await startLoad(cluster);
      await sleep(1_500);
      const before = await rateOver(cluster);
      const waits: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await cluster.primary().stop(round % 2 === 0 ? 'fast' : 'immediate');
        await cluster.primary().start();
        waits.push(await untilAcknowledged(cluster, performance.now()));
        await sleep(between(300, 1_500));
      }
      const back = await untilRateIsBack(cluster, before);
      const comparison = await finish(cluster);
      const gone = await cluster.gone();
      const worst = Math.max(...waits);
      return report(comparison, {
        rounds,
        notes: [`hooks are acknowledged again ${Math.round(worst)} ms (worst) after the server is back; ${back.note}`],
        problems: [
          gone > 0 && `${gone} bridges ended`,
          worst > RECOVERY_MS && `it took ${Math.round(worst)} ms to recover`,
          back.problem,
        ],
      });
    }),
};

const f21: Case = {
  id: 'F21',
  title: 'sessions are ended, ten in a second',
  run: ({ kills }) =>
    withCluster({}, async (cluster) => {
      await startLoad(cluster);
      await sleep(1_500);
      const before = await rateOver(cluster);
      const killer = await cluster.session();
      const seconds = kills >= 300 ? 60 : 10;
      for (let count = 0; count < seconds * 10; count++) {
        await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'tagbridge' order by random() limit 1`,
        );
        await sleep(100);
      }
      await killer.end();
      const back = await untilRateIsBack(cluster, before);
      const comparison = await finish(cluster);
      const gone = await cluster.gone();
      return report(comparison, {
        rounds: seconds * 10,
        notes: [back.note],
        problems: [gone > 0 && `${gone} bridges ended`, back.problem],
      });
    }),
};

/** The primary dies at a random moment, the standby takes over, and a new standby follows that one. */
const failovers =
  (options: ClusterOptions, lag: (cluster: Cluster) => Promise<void>, drainMs?: number) => (scaled: number) =>
    withCluster(options, async (cluster) => {
      const waits: number[] = [];
      await startLoad(cluster);
      for (let round = 0; round < scaled; round++) {
        await sleep(between(1_000, 2_500));
        await lag(cluster);
        await cluster.primary().stop('kill');
        await cluster.promote();
        waits.push(await untilAcknowledged(cluster, performance.now()));
        if (round + 1 < scaled) await cluster.addStandby();
      }
      await cluster.load({ kind: 'finish', ms: 60_000 });
      // A refund waits for hours for an order that was lost.
      await cluster.drain(drainMs).catch((error) => {
        if (drainMs === undefined) throw error;
      });
      const comparison = await cluster.settle();
      waits.sort((a, b) => a - b);
      const gone = await cluster.gone();
      return report(comparison, {
        rounds: scaled,
        notes: [
          `hooks are acknowledged again ${quantile(waits, 0.5)} ms (median), ${quantile(waits, 1)} ms (worst) after the standby was promoted`,
        ],
        problems: [gone > 0 && `${gone} bridges ended`],
      });
    });

const f22: Case = {
  id: 'F22',
  title: 'the primary is killed, the synchronous standby takes over',
  run: ({ rounds }) => failovers({ standby: 'sync' }, async () => undefined)(rounds(30)),
};

/** The standby receives nothing in the second before the primary dies. */
const f23: Case = {
  id: 'F23',
  title: 'the same with a standby that lags',
  control: true,
  run: async ({ rounds }) => {
    const cutOff = async (cluster: Cluster): Promise<void> => {
      await cluster.standby()?.query("alter system set primary_conninfo = ''");
      await cluster.standby()?.query('select pg_reload_conf()');
      await sleep(1_500);
    };
    return mustFail(await failovers({ standby: 'async' }, cutOff, 90_000)(Math.min(3, rounds(30))));
  },
};

const f24: Case = {
  id: 'F24',
  title: 'no standby answers',
  run: () =>
    withCluster({ standby: 'sync' }, async (cluster) => {
      await cluster.load({ kind: 'burst', url: cluster.url, count: 50, atOnce: 10 });
      await cluster.standby()?.stop('kill');
      // Not by the balancer, which sends nothing to bridges that are not ready.
      const url = cluster.bridges[0]?.url ?? cluster.url;
      const waits: number[] = [];
      const answers: number[] = [];
      for (let count = 0; count < 5; count++) {
        const began = performance.now();
        const { statuses: before } = await cluster.load({ kind: 'state' });
        const asked = { kind: 'burst', url, count: 20, atOnce: 20, once: true } as const;
        const { statuses } = await cluster.load(asked);
        waits.push(performance.now() - began);
        answers.push((statuses[503] ?? 0) - (before[503] ?? 0));
      }
      // Somebody cancels the waiting commits: the server then reports success, with a warning.
      const admin = await cluster.session();
      const late = cluster.load({ kind: 'burst', url, count: 20, atOnce: 20, once: true });
      const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`;
      for (let count = 0; count < 20; count++) {
        await admin.query(cancel);
        await sleep(50);
      }
      const { statuses } = await late;
      await admin.end();
      const acknowledged = Object.entries(statuses).reduce((sum, [code, many]) => sum + (code === '200' ? many : 0), 0);
      await cluster.standby()?.start();
      // The senders try again, and the standby confirms.
      await sleep(1_000);
      const { acknowledged: told } = await cluster.load({ kind: 'state' });
      await cluster.load({ kind: 'burst', url: cluster.url, count: 50, atOnce: 10 });
      const comparison = await finish(cluster);
      const worst = Math.round(Math.max(...waits));
      return {
        ...report(
          { ...comparison, sent: comparison.acknowledged },
          {
            notes: [`refused within ${worst} ms (worst)`],
            problems: [
              worst > 3_000 && `a refusal took ${worst} ms`,
              answers.some((count) => count !== 20) && `refusals of 20 each: ${answers.join(', ')}`,
              acknowledged !== 50 && `${acknowledged - 50} hooks were acknowledged without a standby`,
              told !== 50 && `${told} acknowledged before the standby was back`,
            ],
          },
        ),
      };
    }),
};

const f25: Case = {
  id: 'F25',
  title: 'the network between bridges and database is cut',
  run: ({ kills }) =>
    withCluster({}, async (cluster) => {
      await startLoad(cluster);
      await sleep(1_500);
      await cluster.load({ kind: 'state' });
      cluster.relay()?.freeze(true);
      const began = performance.now();
      await sleep(kills >= 300 ? 60_000 : 15_000);
      cluster.relay()?.freeze(false);
      const wait = await untilAcknowledged(cluster, performance.now());
      const comparison = await finish(cluster);
      const gone = await cluster.gone();
      return report(comparison, {
        notes: [
          `cut for ${Math.round((performance.now() - began - wait) / 1000)} s; acknowledged again ${Math.round(wait)} ms after`,
        ],
        problems: [
          gone > 0 && `${gone} bridges ended`,
          wait > RECOVERY_MS && `it took ${Math.round(wait)} ms to recover`,
        ],
      });
    }),
};

const f26: Case = {
  id: 'F26',
  title: 'a primary that was replaced comes back',
  run: () =>
    withCluster({ standby: 'sync' }, async (cluster) => {
      await startLoad(cluster);
      await sleep(1_500);
      const old = cluster.primary();
      await old.stop('kill');
      await cluster.promote();
      await untilAcknowledged(cluster, performance.now());
      await old.start();
      const count = async () => Number((await old.query('select count(*) as hooks from hooks'))[0]?.hooks);
      const before = await count();
      // Every connection is made anew while both are there.
      await cluster.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tagbridge'",
      );
      await sleep(3_000);
      const strayed = (await count()) - before;
      const comparison = await finish(cluster);
      return report(comparison, { problems: [strayed > 0 && `${strayed} hooks were kept by the old primary`] });
    }),
};

export const serverCases = [f20, f21, f22, f23, f24, f25, f26];
