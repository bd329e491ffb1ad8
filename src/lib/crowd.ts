// Tells the threads of this process that senders queue for their answers, so that work which can wait makes room for them.

/** So many senders at once are a crowd, and it lasts for so many milliseconds after it was last seen. */
const MANY = 16;
const LASTS_MS = 20;

export type Crowd = ReturnType<typeof createCrowd>;

/** Made once, and again in each thread around the same `memory`, with the same clock. */
export function createCrowd(now: () => number, memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
  const seen = new BigInt64Array(memory);
  return {
    memory,
    /** Says how many senders wait for one answer of the database. */
    see: (senders: number): void => {
      if (senders >= MANY) Atomics.store(seen, 0, BigInt(now()));
    },
    isHere: (): boolean => {
      const since = now() - Number(Atomics.load(seen, 0));
      return since >= 0 && since < LASTS_MS;
    },
  };
}
