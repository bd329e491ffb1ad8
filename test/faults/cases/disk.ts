// F05 to F08: the power goes, the disk cannot flush, is full, or is slow; on a disk that forgets what was not flushed.
import { setTimeout as sleep } from 'node:timers/promises';
import { onDisk } from '../disk/disk.ts';
import { between, type Case, mustFail, quantile, type Result, report, type Scale, until, within } from '../suite.ts';
import { createWorld, type World, type WorldOptions } from '../world.ts';

const LOAD = { rate: 300, connections: 32 };
const MB = 1 << 20;

const isSound = (world: World): boolean => world.query('pragma integrity_check')[0]?.integrity_check === 'ok';

/** Kills the bridge and cuts the power, again and again; of what was not flushed nothing survives, or a random part. */
const powerCuts = ({ rounds: scaled }: Scale, options: WorldOptions = {}): Promise<Result> =>
  onDisk((disk) =>
    within(createWorld({ ...options, dataDir: disk.folder }), async (world) => {
      const rounds = scaled(100);
      let blocks = 0;
      await world.start();
      void world.load({ kind: 'start', url: world.url, ...LOAD, refundEvery: 10 });
      for (let round = 0; round < rounds; round++) {
        await sleep(between(100, 2_000));
        await world.bridge().end('SIGKILL');
        blocks += await disk.cutPower(round % 2 === 0 ? 0 : 0.5);
        await world.start();
      }
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      return report(await world.settle(), {
        rounds,
        notes: [`${blocks} unflushed blocks were lost in all`],
        problems: [!isSound(world) && 'the database is damaged'],
      });
    }),
  );

const f05: Case = {
  id: 'F05',
  title: 'the power goes: unflushed writes are gone',
  needs: 'disk',
  run: (scale) => powerCuts(scale),
};

const withoutSync: Case = {
  id: 'C01',
  title: 'the power goes, with synchronous=OFF',
  control: true,
  needs: 'disk',
  run: async ({ kills }) => {
    const rounds = () => Math.max(3, Math.round(kills / 30));
    try {
      return mustFail(await powerCuts({ kills, rounds }, { preload: ['without-sync'] }));
    } catch (error) {
      return seenAsDamage(error);
    }
  },
};

/** Without flushes the store may come out of a power cut so damaged that the bridge refuses to start. */
function seenAsDamage(error: unknown): Result {
  const text = error instanceof Error ? error.message : String(error);
  if (!text.includes('did not get ready')) throw error;
  return {
    rounds: 1,
    sent: 0,
    acknowledged: 0,
    lost: 0,
    delivered: 0,
    duplicates: 0,
    worstMs: 0,
    notes: ['seen, as it must be: the store was damaged beyond starting'],
    problems: [],
  };
}

/** While flushes fail nothing may be acknowledged; afterwards it goes on by itself, and then the power goes too. */
const f06: Case = {
  id: 'F06',
  title: 'flushing fails (EIO), then works again',
  needs: 'disk',
  run: ({ rounds: scaled }) =>
    onDisk((disk) =>
      within(createWorld({ dataDir: disk.folder }), async (world) => {
        const rounds = scaled(20);
        const problems: string[] = [];
        let slowest = 0;
        await world.start();
        void world.load({ kind: 'start', url: world.url, ...LOAD });
        for (let round = 0; round < rounds; round++) {
          await sleep(between(300, 1_000));
          await disk.set({ flushError: true });
          await sleep(300);
          const before = (await world.load({ kind: 'state' })).acknowledged;
          await sleep(1_000);
          const during = (await world.load({ kind: 'state' })).acknowledged - before;
          if (during > 0) problems.push(`${during} hooks were acknowledged while nothing could be flushed`);
          await disk.set({ flushError: false });
          const mended = Date.now();
          await until(
            'hooks are acknowledged again',
            async () => (await world.load({ kind: 'state' })).acknowledged > before,
          );
          slowest = Math.max(slowest, Date.now() - mended);
          if (round % 2 === 1) continue;
          await world.bridge().end('SIGKILL');
          await disk.cutPower(0.5);
          await world.start();
        }
        await world.load({ kind: 'finish', ms: 30_000 });
        await world.drain();
        return report(await world.settle(), {
          rounds,
          notes: [`acknowledging again at most ${slowest} ms after the disk was well`],
          problems: [
            ...problems,
            slowest > 10_000 && 'it took more than 10 s to go on',
            !isSound(world) && 'the database is damaged',
          ],
        });
      }),
    ),
};

/** What is kept goes out although nothing new can be kept. */
const f07: Case = {
  id: 'F07',
  title: 'the disk is full, then has room again',
  needs: 'disk',
  run: () =>
    onDisk((disk) =>
      within(createWorld({ dataDir: disk.folder }), async (world) => {
        const down = { fault: 'refuse' as const };
        await world.conduct({ ga4: down, meta: down, sgtm: down });
        await disk.set({ capacity: 80 * MB });
        await world.start();
        void world.load({ kind: 'start', url: world.url, rate: 600, connections: 32 });
        await until(
          'the disk is full',
          async () => ((await world.load({ kind: 'state' })).statuses[503] ?? 0) > 100,
          600_000,
        );
        const full = await world.load({ kind: 'state' });
        const taken = (await disk.state()).taken;
        const kept = world.open();
        await world.conduct({ ga4: {}, meta: {}, sgtm: {} });
        const began = Date.now();
        await until(
          'what is kept has gone out',
          () => {
            world.clock.set(world.clock.now() + 500);
            return world.open() === 0;
          },
          60_000,
        );
        const drained = Date.now() - began;
        const after = await world.load({ kind: 'state' });
        await disk.set({ capacity: 1_000 * MB });
        const mended = Date.now();
        await until(
          'hooks are acknowledged again',
          async () => (await world.load({ kind: 'state' })).acknowledged > after.acknowledged,
        );
        const recovered = Date.now() - mended;
        await world.load({ kind: 'finish', ms: 30_000 });
        await world.drain();
        return report(await world.settle(), {
          notes: [
            `full at ${Math.round(taken / MB)} of 80 MB with ${full.acknowledged} hooks kept; ${kept} deliveries went out in ${drained} ms while it was full`,
            `acknowledging again ${recovered} ms after there was room`,
          ],
          problems: [
            recovered > 10_000 && 'it took more than 10 s to go on',
            quantile(full.waits, 1) > 5_000 && 'an answer took more than 5 s',
            !isSound(world) && 'the database is damaged',
          ],
        });
      }),
    ),
};

const f08: Case = {
  id: 'F08',
  title: 'every flush takes 200 ms',
  needs: 'disk',
  run: () =>
    onDisk((disk) =>
      within(createWorld({ dataDir: disk.folder }), async (world) => {
        await world.start();
        await disk.set({ flushMs: 200 });
        void world.load({ kind: 'start', url: world.url, rate: 200, connections: 128 });
        await sleep(6_000);
        const { waits } = await world.load({ kind: 'finish', ms: 30_000 });
        await disk.set({ flushMs: 0 });
        await world.drain();
        return report(await world.settle(), {
          notes: [`acknowledged in ${quantile(waits, 0.5)} ms (median), ${quantile(waits, 0.99)} ms (p99)`],
          problems: [quantile(waits, 0.99) > 1_000 && 'p99 of acknowledging is over 1 s'],
        });
      }),
    ),
};

export const diskCases = [f05, withoutSync, f06, f07, f08];
