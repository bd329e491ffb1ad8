// F10 and F17: the clock is wrong for a while, and events grow too old while they wait.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conduct, Name } from '../receivers.ts';
import { type Case, report, until, within } from '../suite.ts';
import { createWorld } from '../world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** By then every process has seen that the clock was set. */
const SETTLED_MS = 50;
const all = (conduct: Conduct): Record<Name, Conduct> => ({ ga4: conduct, meta: conduct, sgtm: conduct });
const DOWN = all({ fault: { status: 503 } });

/** `JUMPS` as people write them. */
const JUMPS: [string, number][] = [
  ['+1 h', HOUR],
  ['-1 h', -HOUR],
  ['+30 d', 30 * DAY],
  ['-30 d', -30 * DAY],
];

const f10: Case = {
  id: 'F10',
  title: "the bridge's clock jumps by an hour and by 30 days, and back",
  run: () =>
    within(createWorld({ ownClock: true }), async (world) => {
      const problems: string[] = [];
      const notes: string[] = [];
      await world.start();
      for (const [name, ms] of JUMPS) {
        await world.conduct(DOWN);
        await world.load({ kind: 'burst', url: world.url, count: 50, atOnce: 10 });
        await sleep(1_500);
        await world.receivers();
        world.clock.set(ms);
        await sleep(2_000);
        const { ga4, sgtm } = await world.receivers();
        world.clock.set(0);
        await sleep(2_000);
        const storm = Math.max(ga4.requests.length, sgtm.requests.length);
        if (storm > 100) problems.push(`${storm} requests to one receiver after ${name}`);
        await world.conduct(all({}));
        const began = Date.now();
        // An hour and the longest wait of the schedule, in a hurry; with a clock that stays put for 30 days it would never end.
        await world.drain({ ms: 30_000, hurry: 60_000 });
        notes.push(
          `${name}: ${storm} requests at most to one receiver while it was wrong, all ended ${Date.now() - began} ms later`,
        );
        world.clock.set(0);
        await sleep(SETTLED_MS);
      }
      // Set a day back for good: what was put off until tomorrow must not wait for it.
      await world.conduct(DOWN);
      world.clock.set(DAY);
      await sleep(1_500);
      await world.load({ kind: 'burst', url: world.url, count: 50, atOnce: 10 });
      await sleep(1_500);
      world.clock.set(0);
      await world.conduct(all({}));
      await world.drain({ ms: 20_000, hurry: 10_000 });
      // Events that were 30 days old for a while are shown as expired, which is what they were.
      const comparison = await world.settle({ shown: ['dead', 'expired', 'rejected'] });
      return report(comparison, { rounds: JUMPS.length + 1, notes, problems });
    }),
};

const f17: Case = {
  id: 'F17',
  title: 'events grow older than 72 h and 7 days in the queue',
  run: () =>
    within(createWorld(), async (world) => {
      const problems: string[] = [];
      const ended = (destination: string) =>
        world.query(
          `select count(*) as ended from attempts where kind = 'expired' and destination = '${destination}'`,
        )[0]?.ended;
      await world.start();
      for (const [age, wanted] of [
        [4 * DAY, { ga4: 50, meta: 0, sgtm: 0 }],
        [8 * DAY, { ga4: 100, meta: 50, sgtm: 50 }],
      ] as const) {
        await world.conduct(all({ fault: 'refuse' }));
        await world.load({ kind: 'burst', url: world.url, count: 50, atOnce: 10 });
        await until('all are mapped', () => {
          const [hooks] = world.query('select count(*) as open from hooks where due_at is not null');
          return hooks?.open === 0;
        });
        world.clock.set(world.clock.now() + age);
        await sleep(SETTLED_MS);
        await world.load({ kind: 'burst', url: world.url, count: 50, atOnce: 10 });
        await world.conduct(all({}));
        await world.drain();
        for (const [destination, count] of Object.entries(wanted)) {
          const found = ended(destination);
          if (found !== count) problems.push(`${found} instead of ${count} expired for ${destination}`);
        }
      }
      return report(await world.settle({ shown: ['expired'] }), { rounds: 2, problems });
    }),
};

export const clockCases = [f10, f17];
