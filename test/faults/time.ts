// Time that all processes of the suite agree on, whatever clock the bridge has, and how long they wait for something.

/** A longer time between two looks is none in which anything could happen. */
const STANDSTILL_MS = 2_000;

/** Milliseconds since 1970 by a clock that nobody sets, so that records of different processes can be compared. */
export const realTime = (): number => Math.round(performance.timeOrigin + performance.now());

/** Says when `ms` are over. Where the whole machine stood still meanwhile, for which nobody here is to blame, that does not count. */
export function createPatience(ms: number): () => boolean {
  let left = ms;
  let last = performance.now();
  return () => {
    const now = performance.now();
    left -= Math.min(now - last, STANDSTILL_MS);
    last = now;
    return left <= 0;
  };
}
