// F12 to F16 and F27: what receivers do to us, from silence to nonsense.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conduct, Name } from '../receivers.ts';
import { type Case, quantile, report, until, within } from '../suite.ts';
import { createWorld, type World } from '../world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAMES: readonly Name[] = ['ga4', 'meta', 'sgtm'];
const all = (conduct: Conduct): Record<Name, Conduct> => ({ ga4: conduct, meta: conduct, sgtm: conduct });

/** Lets an hour or more pass in steps that leave leases alive. */
async function pass(world: World, ms: number): Promise<void> {
  for (const end = world.clock.now() + ms; world.clock.now() < end; await sleep(20))
    world.clock.set(Math.min(end, world.clock.now() + 10_000));
}

const f12: Case = {
  id: 'F12',
  title: 'one receiver is a tarpit, the others are not slowed',
  run: () =>
    within(createWorld(), async (world) => {
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 150, connections: 64 });
      await sleep(2_000);
      const spans: Record<string, [number, number]> = {};
      const span = async (name: string, ms: number) => {
        const from = world.now();
        await sleep(ms);
        spans[name] = [from, world.now()];
      };
      await span('before', 5_000);
      await world.conduct({ sgtm: { fault: 'stall' } });
      await span('silence', 6_000);
      await world.conduct({ sgtm: { fault: 'trickle' } });
      await span('trickle', 6_000);
      await world.conduct({ sgtm: {} });
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      const comparison = await world.settle({ delays: true });
      const p99 = (span: string) => {
        const [from, to] = spans[span] ?? [0, 0];
        const own = comparison.delays.filter(({ at, destination }) => destination !== 'sgtm' && at >= from && at < to);
        return quantile(
          own.map(({ ms }) => ms).sort((a, b) => a - b),
          0.99,
        );
      };
      const [before, silence, trickle] = [p99('before'), p99('silence'), p99('trickle')];
      return report(comparison, {
        notes: [
          `p99 from acknowledgement to the others: ${before} ms before, ${silence} ms with silence, ${trickle} ms with a trickle`,
        ],
        problems: [Math.max(silence, trickle) > before * 2 + 200 && 'the other receivers were slowed'],
      });
    }),
};

/** A Retry-After as text, and how long it must be obeyed, in ms. */
const WAITS: { after: string | (() => string); obeyed: number; most: number }[] = [
  { after: '3', obeyed: 3_000, most: 30_000 },
  { after: () => new Date(Date.now() + 4_000).toUTCString(), obeyed: 2_900, most: 30_000 },
  { after: '-5', obeyed: 0, most: 30_000 },
  { after: 'soon, please', obeyed: 0, most: 30_000 },
  { after: '1e9', obeyed: 0, most: 30_000 },
  { after: '1000000000', obeyed: HOUR, most: 2 * HOUR },
];

/** Requests under way when the first 429 came are no disobedience. */
const GRACE_MS = 250;

async function obeys(world: World, { after, obeyed, most }: (typeof WAITS)[number]): Promise<string[]> {
  const text = typeof after === 'string' ? after : after();
  await world.receivers();
  await world.conduct({ sgtm: { fault: { status: 429, headers: { 'retry-after': text } } } });
  await world.load({ kind: 'burst', url: world.url, count: 5 });
  await until('the receiver was asked', async () => (await world.receivers()).sgtm.requests.length > 0);
  await sleep(GRACE_MS);
  await world.receivers();
  const problems: string[] = [];
  if (obeyed > 0) {
    if (obeyed <= 10_000) await sleep(obeyed - 2 * GRACE_MS);
    else await pass(world, obeyed - 30_000);
    await sleep(GRACE_MS);
    const early = (await world.receivers()).sgtm.requests.length;
    if (early > 0) problems.push(`${early} requests came within Retry-After: ${text}`);
  }
  await world.conduct({ sgtm: {} });
  const deadline = world.clock.now() + most;
  while (world.open() > 0 && world.clock.now() < deadline) {
    world.clock.set(world.clock.now() + Math.max(200, most / 300));
    await sleep(20);
  }
  if (world.open() > 0) problems.push(`Retry-After: ${text} held it for more than ${most / 1000} s`);
  return problems;
}

const f13: Case = {
  id: 'F13',
  title: '429 with Retry-After: seconds, a date, negative, huge, nonsense',
  run: () =>
    within(createWorld(), async (world) => {
      const problems: string[] = [];
      await world.start();
      for (const wait of WAITS) problems.push(...(await obeys(world, wait)));
      await world.drain();
      return report(await world.settle(), { rounds: WAITS.length, problems });
    }),
};

const f14: Case = {
  id: 'F14',
  title: 'half of all requests fail with 500 for ten minutes',
  run: () =>
    within(createWorld(), async (world) => {
      await world.conduct(all({ fault: { status: 500 }, share: 0.5 }));
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 50, connections: 32 });
      for (let second = 0; second < 150; second++) {
        await sleep(100);
        world.clock.set(world.clock.now() + 4_000);
      }
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.conduct(all({}));
      await world.drain();
      const [row] = world.query(
        "select 1.0 * count(*) / count(distinct event_id || destination) as mean from attempts where kind <> 'skipped'",
      );
      const mean = Number(row?.mean);
      return report(await world.settle(), {
        notes: [`${mean.toFixed(2)} attempts for each delivery`],
        problems: [mean > 2.2 && 'more than 2.2 attempts for each delivery'],
      });
    }),
};

/** All that is no answer of the vendor must not pass for one. */
const NONSENSE: Conduct[] = [
  { fault: 'garbage' },
  { fault: 'reset' },
  { fault: { status: 502, body: '<html>Bad gateway</html>', headers: { 'content-type': 'text/html' } } },
  { fault: { status: 503 } },
];

const unmapped = (world: World) =>
  world.query('select count(*) as hooks from hooks where due_at is not null')[0]?.hooks;

const f15: Case = {
  id: 'F15',
  title: 'login pages with 200, gateways, garbage, broken connections',
  run: () =>
    within(createWorld(), async (world) => {
      const problems: string[] = [];
      await world.start();
      for (const conduct of NONSENSE) {
        await world.receivers();
        // Google and containers say 2xx to anything, so a page with 200 can be told only from Meta's answers.
        await world.conduct({ ...all(conduct), meta: conduct === NONSENSE[0] ? { fault: 'html' } : conduct });
        await world.load({ kind: 'burst', url: world.url, count: 20 });
        const asked = new Set<Name>();
        await until('all are mapped and every receiver was asked', async () => {
          const state = await world.receivers();
          for (const name of NAMES) if (state[name].requests.length > 0) asked.add(name);
          return asked.size === NAMES.length && unmapped(world) === 0;
        });
        await sleep(300);
        if (world.open() < 60) problems.push(`taken for an answer: ${JSON.stringify(conduct.fault)}`);
        await world.conduct(all({}));
        await world.drain();
      }
      return report(await world.settle(), { rounds: NONSENSE.length, problems });
    }),
};

const POISONED_BATCH = 1_000;
const f16: Case = {
  id: 'F16',
  title: 'one poisoned among 1,000 events for Meta',
  run: ({ rounds: scaled }) =>
    within(createWorld(), async (world) => {
      const rounds = scaled(10);
      const problems: string[] = [];
      const notes: string[] = [];
      await world.start();
      for (let round = 0; round < rounds; round++) {
        await world.conduct({ meta: { fault: 'refuse' } });
        const { orders } = await world.load({ kind: 'burst', url: world.url, count: POISONED_BATCH, atOnce: 50 });
        await until('only Meta waits', () => world.open() === POISONED_BATCH);
        const poison = String(orders[Math.floor(Math.random() * orders.length)]);
        await world.receivers();
        await world.conduct({ meta: { poison: `"order_id":"${poison}"` } });
        world.clock.set(world.clock.now() + HOUR);
        await until('Meta has them', () => world.open() === 0, 300_000);
        const { meta } = await world.receivers();
        // Each refused batch was sent again as two halves; the last refusal was of the poisoned one alone.
        const extra = 2 * (meta.refused - 1);
        const dead = world.query(
          `select count(*) as dead from attempts join events on events.id = event_id
           where kind = 'rejected' and destination = 'meta' and order_id = '${poison}'`,
        )[0]?.dead;
        notes.push(`${meta.requests.length} requests, of them ${extra} extra; ${dead} dead`);
        if (extra > 21) problems.push(`${extra} extra requests`);
        if (dead !== 1) problems.push(`${dead} dead letters instead of 1`);
      }
      const comparison = await world.settle({ shown: ['dead', 'rejected'] });
      if (comparison.shown !== rounds) problems.push(`${comparison.shown} did not arrive, instead of ${rounds}`);
      return report(comparison, { rounds, notes, problems });
    }),
};

const f27: Case = {
  id: 'F27',
  title: 'the connection breaks after the receiver has counted',
  run: () =>
    within(createWorld(), async (world) => {
      await world.start();
      const few = { count: 200, atOnce: 20 };
      const { orders } = await world.load({ kind: 'burst', url: world.url, ...few });
      await world.drain();
      for (const kind of ['refund', 'order'] as const) {
        await world.conduct(all({ fault: 'drop' }));
        await world.load({ kind: 'burst', url: world.url, ...few, of: kind, ...(kind === 'refund' && { orders }) });
        await sleep(500);
        await world.conduct(all({}));
        await world.drain();
      }
      const [row] = world.query("select count(*) as dead from attempts where kind = 'dead' and ambiguous = 1");
      const [silent] = world.query(
        "select count(*) as silent from attempts where kind = 'retry' and ambiguous = 0 and reason like '%broke%'",
      );
      return report(await world.settle(), {
        notes: [`${row?.dead} refunds were not sent again, because they may have arrived`],
        problems: [
          Number(row?.dead) === 0 && 'no refund ended as one that may have arrived',
          Number(silent?.silent) > 0 && 'a broken connection was not shown as ambiguous',
        ],
      });
    }),
};

export const receiverCases = [f12, f13, f14, f15, f16, f27];
