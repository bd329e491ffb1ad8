// F34 and F35: restarts that nobody notices, and signals.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BalancerAnswer, BalancerAsk } from '../balancer.ts';
import { startHelper } from '../helper.ts';
import { type Case, report, until, within } from '../suite.ts';
import { createWorld } from '../world.ts';

const DRAIN_SECONDS = 1;
const MOST_MS = 10_000;

const f34: Case = {
  id: 'F34',
  title: 'rolling restarts under load, behind a balancer',
  run: ({ rounds: scaled }) =>
    within(createWorld({ env: { DRAIN_SECONDS: String(DRAIN_SECONDS) } }), async (world) => {
      const rounds = scaled(100);
      const problems: string[] = [];
      let slowest = 0;
      await world.start();
      const balancer = await startHelper<BalancerAsk, BalancerAnswer>('balancer.ts', [world.url]);
      const { url } = await balancer.ask('state');
      void world.load({ kind: 'start', url, rate: 500, connections: 64, refundEvery: 5 });
      for (let round = 0; round < rounds; round++) {
        await sleep(500);
        const began = Date.now();
        const status = await world.bridge().end('SIGTERM');
        slowest = Math.max(slowest, Date.now() - began);
        if (status !== 0) problems.push(`ended with ${status}`);
        await world.start();
      }
      const { statuses } = await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      const failed = Object.entries(statuses).filter(([status]) => status !== '200');
      const { held } = await balancer.ask('state');
      await balancer.stop();
      const comparison = await world.settle();
      return report(comparison, {
        rounds,
        notes: [
          `stopped within ${slowest} ms, of which ${DRAIN_SECONDS} s for the balancer to notice; ${held} requests waited at the balancer`,
        ],
        problems: [
          ...problems,
          failed.length > 0 && `requests failed: ${failed.map(([status, count]) => `${count} × ${status}`).join(', ')}`,
          comparison.duplicates > 0 && `${comparison.duplicates} deliveries were sent again`,
          slowest > MOST_MS && `a stop took ${slowest} ms`,
        ],
      });
    }),
};

const f35: Case = {
  id: 'F35',
  title: 'SIGTERM twice, SIGHUP',
  run: () =>
    within(createWorld({ env: { DRAIN_SECONDS: '5' } }), async (world) => {
      const problems: string[] = [];
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 200, connections: 32 });
      await sleep(1_000);
      world.bridge().signal('SIGTERM');
      await sleep(200);
      const began = Date.now();
      await world.bridge().end('SIGTERM');
      const ms = Date.now() - began;
      if (ms > 500) problems.push(`the second SIGTERM took ${ms} ms`);
      await world.start();
      const acknowledged = async () => (await world.load({ kind: 'state' })).acknowledged;
      const second = { ...world.file, store: 'second', destinations: {} };
      await writeFile(join(world.mappings, 'stores/second.yaml'), JSON.stringify(second));
      world.bridge().signal('SIGHUP');
      const before = await acknowledged();
      await until('it goes on after SIGHUP', async () => (await acknowledged()) > before + 20);
      const known = async () => (await fetch(`${world.url}/hooks/second/shopify`, { method: 'PUT' })).status === 405;
      await until('SIGHUP loaded the new store', known);
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      return report(await world.settle(), { rounds: 2, problems });
    }),
};

export const stopCases = [f34, f35];
