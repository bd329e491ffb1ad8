// The crowd: whether the thread that answers senders is hard pressed, and for how long that is known.
import { describe, expect, test } from 'vitest';
import { createCrowd, watchCrowd } from '../../src/lib/crowd.ts';

function rigged(share: number) {
  const clock = { at: 1_760_000_000_000 };
  const now = () => clock.at;
  const crowd = createCrowd(now, () => share);
  const pass = (looks: number, ms = 50) => {
    for (let look = 0; look < looks; look++) {
      clock.at += ms;
      crowd.see();
    }
  };
  return { clock, crowd, pass, isHere: watchCrowd(now, crowd.memory) };
}

describe('a crowd of senders', () => {
  test('is seen by another thread while the one that answers stays busy, and for a moment after', () => {
    const { clock, pass, isHere } = rigged(0.6);
    pass(5);
    expect(isHere()).toBe(false);
    pass(1);
    expect(isHere()).toBe(true);
    clock.at += 149;
    expect(isHere()).toBe(true);
    clock.at += 1;
    expect(isHere()).toBe(false);
  });

  test('is none where that thread has time left, in a burst, or while it was not looked at for long enough', () => {
    const idle = rigged(0.4);
    idle.pass(100);
    const burst = rigged(1);
    burst.pass(1);
    const young = rigged(1);
    young.pass(1, 49);
    for (const { isHere } of [idle, burst, young]) expect(isHere()).toBe(false);
  });

  test('that the clock has left in the future is none, and the next one is seen', () => {
    const { clock, crowd, pass, isHere } = rigged(1);
    pass(3);
    clock.at -= 60_000;
    expect(isHere()).toBe(false);
    crowd.see();
    expect(isHere()).toBe(true);
  });
});
