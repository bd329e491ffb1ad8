// F31 and F32: hooks that no mapping survives, and mapping files and settings that are wrong.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, report, until, within } from '../suite.ts';
import { createWorld, type World } from '../world.ts';

/** What an expression does with a note: throws, never ends, or fills the memory. */
const EXPRESSION = [
  "note = 'throw' ? $error('thrown on purpose')",
  "note = 'loop' ? ($f := function($n) { $f($n + 1) }; $f(0))",
  "note = 'allocate' ? $sum($map([1..10000000], function($n) { $n * 2 }))",
  "'fine'",
].join(' : ');
const POISONS = ['throw', 'loop', 'allocate', 'crash'] as const;
/** So often may one hook end the process before it is set aside. */
const MOST_CRASHES = 5;

const stuckCount = (world: World): number =>
  Number(world.query("select count(*) as stuck from hooks where state = 'stuck'")[0]?.stuck);

const f31: Case = {
  id: 'F31',
  title: 'hooks whose mapping throws, loops, fills the memory, kills the process',
  run: () =>
    within(
      createWorld({
        preload: ['crash-on-poison'],
        store: (file) => ({
          ...file,
          sources: {
            ...file.sources,
            shopify: { ...file.sources.shopify, events: { purchase: { fields: { 'custom.poison': EXPRESSION } } } },
          },
        }),
      }),
      async (world) => {
        let crashes = 0;
        let stopped = false;
        const alive = async () => {
          while (!stopped) {
            const bridge = await world.start().catch(() => undefined);
            await bridge?.ended;
            if (!stopped) crashes += 1;
          }
        };
        const living = alive();
        void world.load({ kind: 'start', url: world.url, rate: 50, connections: 32 });
        await sleep(2_000);
        const poisoned: string[] = [];
        for (const note of POISONS) {
          const { orders } = await world.load({ kind: 'burst', url: world.url, count: 1, over: { note } });
          poisoned.push(...orders.map(String));
        }
        await until('all poisoned hooks are stuck', () => stuckCount(world) >= POISONS.length, 60_000);
        await world.load({ kind: 'finish', ms: 30_000 });
        await world.drain();
        const comparison = await world.settle();
        const lost = comparison.lost.filter((one) => !poisoned.some((order) => one.includes(order)));
        const stuck = stuckCount(world);
        stopped = true;
        await world.bridge().end('SIGKILL');
        await living;
        return report(
          { ...comparison, lost, shown: comparison.shown + comparison.lost.length - lost.length },
          {
            rounds: POISONS.length,
            notes: [`${crashes} crashes until the hook was set aside`],
            problems: [
              stuck !== POISONS.length && `${stuck} hooks are stuck instead of ${POISONS.length}`,
              crashes > MOST_CRASHES && `${crashes} crashes`,
            ],
          },
        );
      },
    ),
};

const EXIT_CONFIG = 78;

const f32: Case = {
  id: 'F32',
  title: 'mapping files broken on reload and at start, wrong settings',
  run: () =>
    within(createWorld(), async (world) => {
      const problems: string[] = [];
      const file = join(world.mappings, 'stores/shop.yaml');
      const good = await readFile(file, 'utf8');
      const few = { kind: 'burst', url: world.url, count: 50, atOnce: 10 } as const;
      await world.start();

      await writeFile(file, 'store: shop\nsources: { shopify: { platfrm: shopify } }\n');
      await sleep(1_000);
      await world.load(few);
      await until('the last good files are in use', () => world.open() === 0);
      if (stuckCount(world) > 0) problems.push('hooks got stuck after a reload that failed');

      await world.conduct({ sgtm: { fault: 'refuse' } });
      await world.load(few);
      await world.bridge().end('SIGKILL');
      const broken = await world.tryStart();
      if (broken !== EXIT_CONFIG) problems.push(`a start with a broken file ended with ${broken}`);
      await writeFile(file, good);
      const wrong = await world.tryStart({ env: { MAX_BODY_BYTES: 'abc' } });
      if (wrong !== EXIT_CONFIG) problems.push(`a start with a wrong setting ended with ${wrong}`);
      const log = await readFile(join(world.folder, 'bridge.log'), 'utf8');
      if (!/stores\/shop\.yaml:\d+:\d+ /.test(log)) problems.push('the log names no file and line');
      if (!log.includes('MAX_BODY_BYTES')) problems.push('the log names no setting');

      await world.conduct({ sgtm: {} });
      await world.start();
      await world.drain();
      return report(await world.settle(), { rounds: 3, problems });
    }),
};

export const poisonCases = [f31, f32];
