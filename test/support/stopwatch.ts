// How long something took by a clock that runs only while this process does: a machine that is busy with others makes nobody slow.

const TICK_MS = 10;

/** Starts now; answers the milliseconds since, of each pause of this process no more than two of its ticks. */
export function startStopwatch(): () => number {
  let passed = 0;
  let last = performance.now();
  const look = (): number => {
    const now = performance.now();
    passed += Math.min(now - last, 2 * TICK_MS);
    last = now;
    return passed;
  };
  const ticking = setInterval(look, TICK_MS).unref();
  return () => {
    clearInterval(ticking);
    return look();
  };
}
