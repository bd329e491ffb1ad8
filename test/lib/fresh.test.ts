// Answers that are remembered for a moment: how long, and what is answered while a new one is made.
import { expect, test } from 'vitest';
import { createFresh, inProportion } from '../../src/lib/fresh.ts';

function rig(took: number) {
  let at = 1_000;
  let asked = 0;
  const ask = async (): Promise<number> => {
    asked += 1;
    at += took;
    return asked;
  };
  return { now: () => at, ask, pass: (ms: number) => (at += ms), asked: () => asked };
}

test('an answer is given again while it is new, then once more while the next one is made, then waited for', async () => {
  const { now, ask, pass, asked } = rig(0);
  const read = createFresh(ask, now, { fresh: 10, stale: 30 });
  expect([await read(), await read()]).toEqual([1, 1]);
  pass(10);
  expect([await read(), await read()]).toEqual([1, 2]);
  pass(30);
  expect(await read()).toBe(3);
  expect(asked()).toBe(3);
});

test('an answer that took long is kept longer than one that took no time', async () => {
  const slow = rig(300);
  const read = createFresh(slow.ask, slow.now, inProportion);
  await read();
  slow.pass(5_000);
  expect(await read()).toBe(1);
  expect(slow.asked()).toBe(1);
  slow.pass(60_000);
  expect(await read()).toBe(1);
  expect(slow.asked()).toBe(2);

  const quick = rig(0);
  const always = createFresh(quick.ask, quick.now, inProportion);
  expect([await always(), await always()]).toEqual([1, 2]);
});

test('an answer that failed is asked for again', async () => {
  let fails = true;
  const read = createFresh(
    async () => (fails ? Promise.reject(new Error('away')) : 7),
    () => 0,
    inProportion,
  );
  await expect(read()).rejects.toThrow('away');
  fails = false;
  expect(await read()).toBe(7);
});

test('an answer from before the clock was set back is not new until the clock is there again', async () => {
  const { now, ask, pass } = rig(0);
  const read = createFresh(ask, now, { fresh: 10, stale: 30 });
  await read();
  pass(-500);
  expect([await read(), await read()]).toEqual([2, 2]);
});

test('an answer is not kept for days because the clock was put forward while it was made', async () => {
  const { now, ask } = rig(86_400_000);
  const read = createFresh(ask, now, inProportion);
  await read();
  expect(await read()).toBe(2);
});
