// Tells the other threads when this one, which answers senders, is hard pressed: work that can wait then makes room.

/** A thread that is busy for more than this share of the time is pressed: the rest goes by while it waits for commits. */
const PRESSED = 0.5;
/** What the last look counts against all before it, so that a burst is no crowd. */
const LATEST = 0.3;
/** How often that is looked at, and how long it counts, in milliseconds. */
const LOOK_MS = 50;
const COUNTS_MS = 150;

export type Crowd = { memory: SharedArrayBuffer; see: () => void };

/** Makes the function that answers for which share of the time since its last call this thread was busy. */
function createBusyShare(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const after = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(after, before);
    before = after;
    return utilization;
  };
}

/** `see` is to be called whenever senders wait for something; others read the memory. */
export function createCrowd(now: () => number, busyShare = createBusyShare()): Crowd {
  const memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const seen = new BigInt64Array(memory);
  let looked = now();
  let busy = 0;
  const see = (): void => {
    const at = now();
    if (Math.abs(at - looked) < LOOK_MS) return;
    looked = at;
    busy += LATEST * (busyShare() - busy);
    if (busy > PRESSED) Atomics.store(seen, 0, BigInt(at));
  };
  return { memory, see };
}

/** Says in another thread, with the same clock, whether there is a crowd. */
export function watchCrowd(now: () => number, memory: SharedArrayBuffer): () => boolean {
  const seen = new BigInt64Array(memory);
  return () => {
    const since = now() - Number(Atomics.load(seen, 0));
    return since >= 0 && since < COUNTS_MS;
  };
}
