// The watch over whether hooks can be kept.
import { afterEach, expect, test } from 'vitest';
import { KeepError } from '../../src/keep/error.ts';
import { watchKeeping } from '../../src/keep/keeping.ts';
import { eventually } from '../support/service.ts';

const ending = new AbortController();
afterEach(() => ending.abort());

test('a database that is away is known and said once, and so is its return', async () => {
  let away = false;
  const said: string[] = [];
  const say = (_: object, message: string) => said.push(message.split(':')[0] ?? '');
  let looks = 0;
  let at = 1_000;
  const { isWell, failingSince, watching } = watchKeeping({
    tryIt: async () => {
      looks += 1;
      if (away) throw new KeepError('away', 'the database cannot be reached');
    },
    now: () => at,
    log: { info: say, error: say },
    signal: ending.signal,
    lookMs: 1,
  });
  const lookThrice = (until: number) => eventually(() => looks >= until, 'it looked three times more');
  await lookThrice(looks + 3);
  expect([isWell(), said]).toEqual([true, []]);
  away = true;
  await lookThrice(looks + 3);
  expect([isWell(), failingSince(), said]).toEqual([false, 1_000, ['keep.failing']]);
  at = 2_000;
  await lookThrice(looks + 3);
  expect(failingSince()).toBe(1_000);
  away = false;
  await lookThrice(looks + 3);
  expect([isWell(), failingSince(), said]).toEqual([true, undefined, ['keep.failing', 'keep.well']]);
  ending.abort();
  await watching;
});
