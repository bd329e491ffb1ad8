// The watch over the wall clock.
import { expect, test } from 'vitest';
import { watchClock } from '../../src/lib/clock.ts';

test('a clock that is set by more than a minute is told once, with direction; one that drifts is not', async () => {
  const ending = new AbortController();
  const jumps: number[] = [];
  const offsets = [0, 0, 50_000, 3_600_000, 3_600_000, -86_400_000, -86_400_000];
  let at = 0;
  let looks = 0;
  const watching = watchClock({
    now: () => at + (offsets[looks++] ?? 0),
    steady: () => {
      at += 1_000;
      return at;
    },
    onJump: async (ms) => {
      jumps.push(Math.round(ms / 100_000) * 100_000);
      if (ms < 0) ending.abort();
    },
    signal: ending.signal,
    lookMs: 1,
  });
  await watching;
  expect(jumps).toEqual([3_600_000, -90_000_000]);
});
