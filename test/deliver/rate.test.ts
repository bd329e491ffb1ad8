// The token bucket, by explicit times.
import { describe, expect, it } from 'vitest';
import { type Bucket, fullBucket, hasToken, refilled, spent } from '../../src/deliver/rate.ts';

/** Takes what it can at each time; answers how many each time. */
const taken = (rate: number, times: number[], from: Bucket = fullBucket(rate, 0)): number[] => {
  let bucket = from;
  return times.map((now) => {
    let count = 0;
    for (bucket = refilled(bucket, rate, now); hasToken(bucket); count++) bucket = spent(bucket);
    return count;
  });
};

describe('token bucket', () => {
  it('gives one second’s worth at once, then the rate', () => {
    expect(taken(50, [0, 0, 100, 200, 1_200])).toEqual([50, 0, 5, 5, 50]);
  });

  it('never gathers more than one second’s worth', () => {
    expect(taken(50, [0, 3_600_000])).toEqual([50, 50]);
  });

  it('lets single requests through at rates below one per second', () => {
    expect(taken(0.5, [0, 1_000, 2_000, 3_999, 4_000])).toEqual([1, 0, 1, 0, 1]);
  });

  it('adds nothing when the clock goes back', () => {
    expect(taken(10, [0, -60_000, -59_900])).toEqual([10, 0, 1]);
  });
});
