// The rounds of a work thread: who has a turn, what runs beside what, and what a failure costs.
import { beforeEach, expect, test } from 'vitest';
import { type RoundsParts, workInRounds } from '../../src/road/rounds.ts';

let at: number;
let waiting: number;
let done: string[];
let rests: number[];
let halting: AbortController;
beforeEach(() => {
  at = 0;
  waiting = 0;
  done = [];
  rests = [];
  halting = new AbortController();
});

/** Rests move the clock. Whatever is done for the 50th time is the last. */
const note = (what: string): void => {
  done.push(what);
  if (done.length >= 50) halting.abort();
};
const work = (changes: Partial<RoundsParts>): Promise<void> =>
  workInRounds({
    inbox: {
      waiting: () => waiting,
      rest: async (ms) => {
        rests.push(ms);
        at += ms;
      },
    },
    handed: async () => note('handed'),
    claimed: async () => {
      note('claimed');
      return true;
    },
    giveBack: { settle: async () => undefined },
    isCrowded: () => false,
    now: () => at,
    log: { error: () => note('failed') },
    signal: halting.signal,
    ...changes,
  });

test('hooks that are due have their turn though hooks that are handed over never end', async () => {
  waiting = 1;
  const handed = async () => {
    at += 30;
    note('handed');
  };
  await work({ handed });
  expect(done.filter((what) => what === 'claimed').length).toBeGreaterThan(5);
  expect(done.filter((what) => what === 'handed').length).toBeGreaterThan(30);
});

test('senders who queue without end get the processors for half a second, and then hooks their turn', async () => {
  waiting = 1;
  const begun: number[] = [];
  const handed = async () => {
    begun.push(at);
    note('handed');
  };
  await work({ handed, isCrowded: () => true });
  expect(begun.slice(0, 3)).toEqual([500, 1_000, 1_500]);
});

test('one batch is begun while the one before is written, and no third one', async () => {
  waiting = 1;
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let begun = 0;
  const handed = async () => {
    const turn = ++begun;
    if (turn === 3) halting.abort();
    await [first, second][turn - 1]?.promise;
  };
  const worked = work({ handed });
  await new Promise(setImmediate);
  expect(begun).toBe(2);
  first.resolve();
  await new Promise(setImmediate);
  expect(begun).toBe(3);
  second.resolve();
  await worked;
});

test('nothing is claimed while a batch that was handed over is under way', async () => {
  waiting = 1;
  at = 1_000;
  const writing = Promise.withResolvers<void>();
  const handed = async () => {
    await writing.promise;
    note('written');
    halting.abort();
  };
  const worked = work({ handed });
  await new Promise(setImmediate);
  expect(done).toEqual([]);
  writing.resolve();
  await worked;
  expect(done).toEqual(['written', 'claimed']);
});

test('a stop does not wait for senders who queue', async () => {
  const rest = async (ms: number) => {
    rests.push(ms);
    at += ms;
    if (rests.length === 2) halting.abort();
  };
  await work({ inbox: { waiting: () => 0, rest }, isCrowded: () => true, claimed: async () => false });
  expect(rests).toEqual([10, 10]);
});

test('the batch under way is ended before the rounds are', async () => {
  waiting = 1;
  const writing = Promise.withResolvers<void>();
  const handed = async () => {
    halting.abort();
    await writing.promise;
    note('written');
  };
  const worked = work({ handed }).then(() => note('ended'));
  await new Promise(setImmediate);
  expect(done).toEqual([]);
  writing.resolve();
  await worked;
  expect(done).toEqual(['written', 'ended']);
});

test('a batch that fails while the one before is written is told once, and a second later work goes on', async () => {
  waiting = 1;
  const first = Promise.withResolvers<void>();
  let begun = 0;
  const handed = async () => {
    const turn = ++begun;
    if (turn === 1) await first.promise;
    else if (turn === 2) throw new Error('the database is away');
    else note('handed');
  };
  const worked = work({ handed });
  await new Promise(setImmediate);
  first.resolve();
  await worked;
  expect(done.filter((what) => what === 'failed')).toHaveLength(1);
  expect(rests).toEqual([1_000]);
});

test('nothing is claimed while hooks that are owed cannot be given back', async () => {
  const settle = async () => {
    throw new Error('the database is away');
  };
  await work({ giveBack: { settle } });
  expect(new Set(done)).toEqual(new Set(['failed']));
});
