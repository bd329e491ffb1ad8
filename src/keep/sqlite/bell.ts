// Tells the thread that brings in SQLite's log of commits, and of the end, without a message: it sleeps on this memory.

const [COMMITS, STOPPED, TOOK] = [0, 1, 2];
const CELLS = 3;

/** A bell of its own, or the other end of the one that has this `memory`. */
export function createBell(memory = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
  const cells = new Int32Array(memory);
  const ring = (cell: number): void => {
    Atomics.add(cells, cell, 1);
    Atomics.notify(cells, cell);
  };
  return {
    memory,
    /** `ms` is how long the commit took. */
    committed: (ms: number): void => {
      Atomics.store(cells, TOOK, Math.round(ms));
      ring(COMMITS);
    },
    stop: (): void => {
      ring(STOPPED);
      ring(COMMITS);
    },
    isStopped: (): boolean => Atomics.load(cells, STOPPED) > 0,
    /** How many commits there were. */
    count: (): number => Atomics.load(cells, COMMITS),
    /** How long the latest took, in milliseconds. */
    took: (): number => Atomics.load(cells, TOOK),
    /** Sleeps as long as there are no more than `count` commits. */
    sleepThrough: (count: number): void => void Atomics.wait(cells, COMMITS, count),
    /** Sleeps for `ms`, or until the end. */
    sleepFor: (ms: number): void => void Atomics.wait(cells, STOPPED, 0, ms),
  };
}
