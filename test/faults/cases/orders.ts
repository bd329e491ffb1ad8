// F28 to F30, F42 and F43: one order is one purchase, whatever comes and however often; history sends nothing again, people do.

import { tagbridge } from '../../support/cli.ts';
import { SECRETS } from '../../support/service.ts';
import { permute } from '../permutations.ts';
import { type Case, type Result, report, within } from '../suite.ts';
import { createWorld } from '../world.ts';

const f28: Case = {
  id: 'F28',
  title: 'the same hook 10,000 times at once',
  run: ({ rounds: scaled }) =>
    within(createWorld(), async (world) => {
      const count = scaled(10_000);
      await world.start();
      const { statuses } = await world.load({ kind: 'burst', url: world.url, count, same: true, atOnce: 256 });
      await world.drain();
      const [row] = world.query(
        'select (select count(*) from hooks) as hooks, (select count(*) from events) as events',
      );
      const others = Object.keys(statuses).filter((status) => status !== '200');
      return report(await world.settle(), {
        notes: [`${count} hooks, ${row?.hooks} kept, ${row?.events} event`],
        problems: [
          (row?.hooks !== 1 || row?.events !== 1) && `${row?.hooks} hooks and ${row?.events} events`,
          others.length > 0 && `answered ${others.join(', ')}`,
        ],
      });
    }),
};

const PERMUTATIONS = 1_000;
const f29: Case = {
  id: 'F29',
  title: 'created, updated, paid, refunded, cancelled in any order',
  run: async ({ rounds: scaled }): Promise<Result> => {
    const rounds = scaled(PERMUTATIONS);
    const ends = [...(await permute(rounds, 20_261_120))];
    const [, ...others] = ends.sort(([, a], [, b]) => b.times - a.times);
    return {
      rounds,
      sent: rounds * 8,
      acknowledged: rounds * 8,
      lost: 0,
      delivered: rounds * 7,
      duplicates: 0,
      worstMs: 0,
      notes: ['in one process, with a clock moved by hand; "delivered" are deliveries made'],
      problems: others.map(([end, { times, example }]) => `${times} times: ${example.join(', ')}: ${end}`),
    };
  },
};

/** A reconciliation finds what the hook has told already: the same order in other bytes, under another topic and id. */
const f30: Case = {
  id: 'F30',
  title: 'a hook and a reconciliation tell of the same order',
  run: () =>
    within(createWorld(), async (world) => {
      await world.start();
      const few = { kind: 'burst', url: world.url, count: 300, atOnce: 30 } as const;
      const { orders } = await world.load(few);
      await world.load({ ...few, orders, again: '-r1', over: { note: 'found by a reconciliation' } });
      await world.load({
        ...few,
        orders,
        again: '-r2',
        over: { tags: 'edited', financial_status: 'partially_refunded' },
      });
      await world.drain({ hurry: 0 });
      const comparison = await world.settle();
      return report(comparison, { problems: [comparison.duplicates > 0 && 'orders were sent more than once'] });
    }),
};

const f42: Case = {
  id: 'F42',
  title: 'the history of attempts cannot be written',
  run: () =>
    within(createWorld(), async (world) => {
      await world.start();
      world.query("create trigger no_history before insert on attempts begin select raise(abort, 'no history'); end");
      await world.load({ kind: 'burst', url: world.url, count: 300, atOnce: 30 });
      await world.drain({ hurry: 0 });
      await world.bridge().end('SIGKILL');
      await world.start();
      await world.drain({ hurry: 0 });
      const comparison = await world.settle();
      const [row] = world.query('select count(*) as written from attempts');
      return report(comparison, {
        problems: [
          comparison.duplicates > 0 && 'deliveries were sent again',
          row?.written !== 0 && 'the history was written after all, so nothing was tested',
        ],
      });
    }),
};

/** Sent again as often as people ask, under the same id; the hooks themselves stay duplicates. */
const f43: Case = {
  id: 'F43',
  title: 'people send delivered orders again, twice; then the hooks come again',
  run: () =>
    within(createWorld(), async (world) => {
      const orders = 200;
      const problems: string[] = [];
      await world.start();
      const burst = { kind: 'burst', url: world.url, count: orders, atOnce: 20 } as const;
      const first = await world.load(burst);
      await world.drain({ hurry: 0 });
      const env = { ...SECRETS, DATA_DIR: world.dataDir, MAPPINGS_DIR: world.mappings };
      const words = ['replay', '--destination', 'ga4', '--status', 'delivered', '--store', 'shop'];
      for (const time of ['first', 'second']) {
        const { out, err } = await tagbridge(words, world.folder, env);
        const said = out.trimEnd().split('\n').at(-1);
        if (said !== `${orders} deliveries are sent again`) problems.push(`the ${time} time it said ${said}${err}`);
        await world.drain({ hurry: 0 });
      }
      await world.load({ ...burst, orders: first.orders });
      await world.drain({ hurry: 0 });
      const rows = world.query(
        "select copy, count(*) as arrived from attempts where destination = 'ga4' group by copy",
      );
      const copies = rows.map(({ copy, arrived }) => `${arrived} under number ${copy}`).join(', ');
      const comparison = await world.settle();
      return report(comparison, {
        notes: [`attempts for Google: ${copies}`],
        problems: [
          ...problems,
          comparison.duplicates !== 2 * orders && `${comparison.duplicates} repeats instead of ${2 * orders}`,
          rows.length !== 3 && 'the copies are not marked',
        ],
      });
    }),
};

export const orderCases = [f28, f29, f30, f42, f43];
