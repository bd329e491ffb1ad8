// F01, F11 and F33 with a million deliveries waiting: how soon it is ready, how it acknowledges and drains, and how much memory it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBacklog } from '../../bench/backlog.ts';
import type { Conduct, Name } from '../receivers.ts';
import { type Case, quantile, report, until, within } from '../suite.ts';
import { createWorld, type World, type WorldOptions } from '../world.ts';

const all = (conduct: Conduct): Record<Name, Conduct> => ({ ga4: conduct, meta: conduct, sgtm: conduct });
const READY_MS = 2_000;
const MOST_MB = 400;
/** 32 MB of bodies may be under way, and each is copied a few times on its way to the disk. */
const MOST_WITH_BODIES_MB = 640;
const HEAP = '--max-old-space-size=256';

/** A world in which a million deliveries wait; they are not in the ledger, so what becomes of them is counted in the store. */
async function createFullWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(options);
  await world.conduct(all({ fault: 'refuse' }));
  const { ga4, meta, sgtm } = world.accounts;
  await makeBacklog(world.folder, 'shop', { ga4, meta, sgtm });
  return world;
}

const waiting = (world: World): number => world.open();
const million = (count: number) => `${(count / 1e6).toFixed(2)} M`;

const f01m: Case = {
  id: 'F01M',
  title: 'kill -9 with a million deliveries waiting',
  run: ({ rounds: scaled }) =>
    within(createFullWorld(), async (world) => {
      const rounds = scaled(30);
      await world.start();
      const ready: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await world.load({ kind: 'burst', url: world.url, count: 20, atOnce: 10 });
        await world.bridge().end('SIGKILL');
        ready.push((await world.start()).readyMs);
      }
      ready.sort((a, b) => a - b);
      const { distinct } = (await world.receivers()).ga4;
      const left = waiting(world);
      const comparison = await world.settle({ destinations: [] });
      return report(comparison, {
        rounds,
        notes: [
          `${million(left)} deliveries wait; ready again after ${quantile(ready, 0.5)} ms (median), ${quantile(ready, 1)} ms (worst)`,
        ],
        problems: [
          quantile(ready, 0.5) > READY_MS && 'it is ready again only after more than 2 s',
          distinct > 0 && 'a receiver that was down got something',
        ],
      });
    }),
};

const SLICE_MS = 2_500;

/** Sends to a world for a moment, and answers how long each hook took to be acknowledged. */
async function slice(world: World): Promise<number[]> {
  void world.load({ kind: 'start', url: world.url, rate: 200, connections: 64 });
  await sleep(SLICE_MS);
  return (await world.load({ kind: 'finish', ms: 30_000 })).waits;
}

/** Sends to both worlds in turns, so that whatever else the machine does meets both; the first turn warms them up. */
async function compareAcknowledging(worlds: readonly [World, World], turns: number): Promise<[number[], number[]]> {
  const waits: [number[], number[]] = [[], []];
  for (let turn = 0; turn <= turns; turn++) {
    for (const index of [0, 1] as const) {
      const own = await slice(worlds[index]);
      if (turn > 0) waits[index].push(...own);
    }
  }
  for (const own of waits) own.sort((a, b) => a - b);
  return waits;
}

const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)] ?? 0;

const f11a: Case = {
  id: 'F11A',
  title: 'acknowledging: a million wait and every receiver is down, beside a bridge that is well',
  run: ({ rounds: scaled }) =>
    within(createWorld(), (well) =>
      within(createFullWorld({ nodeOptions: [HEAP] }), async (full) => {
        await Promise.all([well.start(), full.start()]);
        const turns = Math.max(6, scaled(12));
        const [usual, burdened] = await compareAcknowledging([well, full], turns);
        const [base, found] = [p99(usual), p99(burdened)];
        return report(await full.settle({ destinations: [] }), {
          rounds: turns,
          notes: [
            `p99 of acknowledging ${found.toFixed(1)} ms with ${million(waiting(full))} deliveries waiting, ${base.toFixed(1)} ms beside one with receivers that answer and nothing waiting (medians ${quantile(burdened, 0.5)} and ${quantile(usual, 0.5)} ms)`,
          ],
          problems: [
            found > base * 1.1 &&
              `p99 is ${Math.round((found / base - 1) * 100)} % above that of a bridge that is well`,
          ],
        });
      }),
    ),
};

const f11: Case = {
  id: 'F11',
  title: 'every receiver is down for 12 h, a million deliveries wait, then they are back',
  run: () =>
    within(createFullWorld({ nodeOptions: [HEAP] }), async (world) => {
      await world.start();
      await sleep(1_000);
      const { ga4 } = world.accounts;
      await slice(world);
      world.clock.set(world.clock.now() + 12 * 3_600_000);
      await sleep(2_000);
      const memoryDown = world.bridge().memory().most;
      await world.conduct(all({ delayMs: 50 }));
      const before = waiting(world);
      await world.receivers();
      // Breakers open again for at most five minutes; the first request through each goes alone.
      await until('a first request got through', async () => {
        world.clock.set(world.clock.now() + 10_000);
        return (await world.receivers()).ga4.counted > 0;
      });
      await world.conduct(all({}));
      const began = Date.now();
      const from = waiting(world);
      await sleep(15_000);
      const left = waiting(world);
      const perSecond = (from - left) / ((Date.now() - began) / 1000);
      const oldest = world.query(
        `select max(created_at) as newest from events where id in
           (select event_id from attempts where kind = 'delivered' and destination = 'ga4' order by at desc limit 500)`,
      )[0]?.newest;
      const [overtaken] = world.query(
        `select count(*) as deliveries from deliveries where account = '${ga4}' and created_at < ${Number(oldest)} - 60000`,
      );
      const memory = world.bridge().memory().most;
      return report(await world.settle({ destinations: [] }), {
        notes: [
          `${million(before)} deliveries waited`,
          `drained ${Math.round(perSecond)} deliveries/s`,
          `memory at most ${memoryDown} MB while they were down, ${memory} MB in all, with ${HEAP}`,
        ],
        problems: [
          Math.max(memory, memoryDown) > MOST_MB && `it took ${Math.max(memory, memoryDown)} MB`,
          overtaken?.deliveries !== 0 && `newer deliveries went before ${overtaken?.deliveries} older ones`,
          perSecond < 1_000 && 'it drains fewer than five times the 200 hooks a second that come in',
        ],
      });
    }),
};

const LARGE = 'x'.repeat(1_000_000);
const f33: Case = {
  id: 'F33',
  title: 'a heap of 256 MB, a million waiting, and 100 bodies of 1 MB at once',
  run: () =>
    within(createFullWorld({ nodeOptions: [HEAP] }), async (world) => {
      await world.start();
      const { statuses } = await world.load({
        kind: 'burst',
        url: world.url,
        count: 100,
        atOnce: 100,
        over: { note: LARGE },
      });
      const more = await world.load({ kind: 'burst', url: world.url, count: 100, atOnce: 100, over: { note: LARGE } });
      const others = Object.keys(more.statuses).filter((status) => !['200', '503'].includes(status));
      const memory = world.bridge().memory().most;
      return report(await world.settle({ destinations: [] }), {
        notes: [`memory at most ${memory} MB; ${statuses[503] ?? 0} of the bodies were first told to come again`],
        problems: [
          memory > MOST_WITH_BODIES_MB && `it took ${memory} MB`,
          others.length > 0 && `answered ${others.map((status) => (status === '0' ? 'nothing' : status)).join(', ')}`,
        ],
      });
    }),
};

export const backlogCases = [f01m, f11a, f11, f33];
