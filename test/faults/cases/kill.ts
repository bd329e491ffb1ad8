// F01 to F04: the process dies, at any moment and at the worst ones, or stands still for longer than its leases.
import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Case, mustFail, quantile, report, type Scale, within } from '../suite.ts';
import { createWorld, type WorldOptions } from '../world.ts';

const RATE = 400;
const CONNECTIONS = 64;
const LEASE_MS = 60_000;
/** In the short form the bridge lives less long between kills. */
const lifeMs = ({ kills }: Scale) => between(50, kills >= 300 ? 5_000 : 1_500);

const f01: Case = {
  id: 'F01',
  title: 'kill -9 at any moment under load',
  run: (scale) =>
    within(createWorld(), async (world) => {
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: RATE, connections: CONNECTIONS, refundEvery: 5 });
      const ready: number[] = [];
      for (let round = 0; round < scale.kills; round++) {
        await sleep(lifeMs(scale));
        await world.bridge().end('SIGKILL');
        ready.push((await world.start()).readyMs);
      }
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      const comparison = await world.settle();
      ready.sort((a, b) => a - b);
      const perKill = comparison.duplicates / scale.kills;
      return report(comparison, {
        rounds: scale.kills,
        notes: [
          `ready again after ${quantile(ready, 0.5)} ms (median), ${quantile(ready, 1)} ms (worst)`,
          `${perKill.toFixed(1)} repeats for each kill, under the same id`,
        ],
      });
    }),
};

/** A bridge that kills itself at a point of its work, again and again. */
const suicides = (id: string, title: string, preload: string, most: number): Case => ({
  id,
  title,
  run: ({ rounds: scaled }) =>
    within(createWorld(), async (world) => {
      const rounds = scaled(100);
      await world.conduct({ ga4: { delayMs: 10 } });
      void world.load({ kind: 'start', url: world.url, rate: RATE, connections: CONNECTIONS, refundEvery: 5 });
      for (let round = 0; round < rounds; round++) {
        const bridge = await world
          .start({ preload: [preload], env: { FAULTS_AFTER: String(Math.ceil(between(0, most))) } })
          .catch(() => undefined);
        await bridge?.ended;
      }
      await world.start();
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      return report(await world.settle(), { rounds });
    }),
});

const f02 = suicides('F02', 'dies after the commit, before the answer', 'kill-before-answer', 100);
const f03 = suicides('F03', "dies after a destination's 2xx, before it is noted", 'kill-after-delivery', 100);

/** Everything it holds has run out when the process goes on, and the receivers have answered long ago. */
const f04: Case = {
  id: 'F04',
  title: 'stands still for longer than its leases, goes on',
  run: ({ rounds: scaled }) =>
    within(createWorld(), async (world) => {
      const rounds = scaled(30);
      await world.conduct({ ga4: { delayMs: 50 }, meta: { delayMs: 50 }, sgtm: { delayMs: 50 } });
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 200, connections: CONNECTIONS, refundEvery: 3 });
      for (let round = 0; round < rounds; round++) {
        await sleep(between(300, 800));
        world.bridge().signal('SIGSTOP');
        world.clock.set(world.clock.now() + LEASE_MS + 5_000);
        await sleep(200);
        world.bridge().signal('SIGCONT');
      }
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      return report(await world.settle(), { rounds });
    }),
};

/** Two work threads live in times more than a lease apart, so that one takes over everything the other holds. */
const twoHolders = (options: WorldOptions = {}) =>
  within(
    createWorld({ ...options, env: { WORKERS: '2', FAULTS_SKEW_MS: String(LEASE_MS + 10_000) } }),
    async (world) => {
      // Under way for so long that the other one comes by meanwhile, and never so many that it would have no room for more.
      await world.conduct({ ga4: { delayMs: 250 } });
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 80, connections: CONNECTIONS, refundEvery: 1 });
      await sleep(6_000);
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain({ hurry: 0 });
      return report(await world.settle());
    },
  );

const f04b: Case = {
  id: 'F04b',
  title: 'two holders of the same leases',
  run: () => twoHolders(),
};

const withoutFence: Case = {
  id: 'C02',
  title: 'two holders, with the fence off',
  control: true,
  run: async () => mustFail(await twoHolders({ preload: ['without-fence'] })),
};

export const killCases = [f01, f02, f03, f04, f04b, withoutFence];
