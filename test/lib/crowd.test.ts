import { describe, expect, test } from 'vitest';
import { createCrowd } from '../../src/lib/crowd.ts';

describe('a crowd of senders', () => {
  test('is seen by every thread that shares the memory, and is gone a moment after the last of it', () => {
    let now = 1_760_000_000_000;
    const clock = () => now;
    const main = createCrowd(clock);
    const work = createCrowd(clock, main.memory);
    expect(work.isHere()).toBe(false);
    main.see(16);
    expect(work.isHere()).toBe(true);
    now += 19;
    expect(work.isHere()).toBe(true);
    now += 1;
    expect(work.isHere()).toBe(false);
  });

  test('is more than a few senders', () => {
    const crowd = createCrowd(() => 1_760_000_000_000);
    crowd.see(15);
    expect(crowd.isHere()).toBe(false);
  });

  test('that the clock has left in the future is none', () => {
    let now = 1_760_000_000_000;
    const crowd = createCrowd(() => now);
    crowd.see(100);
    now -= 60_000;
    expect(crowd.isHere()).toBe(false);
  });
});
