// What cases on PostgreSQL do again and again: load, wait until hooks are acknowledged, measure, come to the end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';

const RATE = 300;
const CONNECTIONS = 64;
/** The rate is back when it is at least this share of what it was. */
const BACK = 0.95;
const SPAN_MS = 3_000;
const PATIENCE_MS = 30_000;

/** Hooks acknowledged before anything is broken: on a busy machine the first ones take seconds. */
const WARM = 200;

/** Goes on until `finish`; resolves when the bridges are well under way. */
export async function startLoad({ load, url }: Cluster, rate = RATE): Promise<void> {
  void load({ kind: 'start', url, rate, connections: CONNECTIONS, refundEvery: 5 });
  for (const end = Date.now() + 60_000; (await load({ kind: 'state' })).acknowledged < WARM; await sleep(50)) {
    if (Date.now() > end) throw new Error('the bridges do not get under way');
  }
}

/** How long after `since` the first new hook is acknowledged, in milliseconds. */
export async function untilAcknowledged({ load }: Cluster, since: number): Promise<number> {
  const { acknowledged: before } = await load({ kind: 'state' });
  for (;;) {
    const { acknowledged } = await load({ kind: 'state' });
    if (acknowledged > before) return performance.now() - since;
    if (performance.now() - since > 60_000) throw new Error('nothing is acknowledged any more');
    await sleep(10);
  }
}

/** Hooks acknowledged in each second. */
export async function rateOver({ load }: Cluster, ms = SPAN_MS): Promise<number> {
  const before = await load({ kind: 'state' });
  const began = performance.now();
  await sleep(ms);
  const after = await load({ kind: 'state' });
  return ((after.acknowledged - before.acknowledged) / (performance.now() - began)) * 1_000;
}

export type Return = { note: string; problem: string | false };

/** Measures until the rate is what it was `before`, and how long that takes. */
export async function untilRateIsBack(cluster: Cluster, before: number): Promise<Return> {
  const began = performance.now();
  let best = 0;
  for (;;) {
    const rate = await rateOver(cluster);
    best = Math.max(best, rate);
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    const words = `rate ${Math.round(before)}/s before, ${Math.round(best)}/s within ${seconds} s after`;
    if (rate >= before * BACK) return { note: words, problem: false };
    if (performance.now() - began > PATIENCE_MS)
      return { note: words, problem: `the rate did not come back: ${words}` };
  }
}

export async function finish(cluster: Cluster) {
  await cluster.load({ kind: 'finish', ms: 60_000 });
  await cluster.drain();
  return cluster.settle();
}
