// Remembers an answer for a while: whoever asks meanwhile gets it, and one asking later starts the next one.

export type FreshTimes = {
  /** An answer is taken for new so long. */
  fresh: number;
  /** So long an older answer is given at once while a new one is made; after that one waits for the new one. */
  stale: number;
};

/** No answer takes longer: what seems to was made while the clock was put forward, or the machine slept. */
const LONGEST_MS = 30_000;

/** For answers that take the longer the more there is: asking again takes a twentieth of the time at most. */
export const inProportion = (took: number): FreshTimes => {
  const counted = Math.min(took, LONGEST_MS);
  return { fresh: 20 * counted, stale: 2_000 * counted };
};

/** For pages that follow what happens, which costs the same however many look: they begin at once, and catch up. */
export const FOR_PAGES: FreshTimes = { fresh: 3_000, stale: 120_000 };

/** For what does not change by itself where it is shown: who looks again wants to see what came meanwhile. */
export const LATEST: FreshTimes = { fresh: 3_000, stale: 3_000 };

/** `ask` is not run twice at the same time. Times in milliseconds, also as what follows from how long the answer took. */
export function createFresh<T>(
  ask: () => Promise<T>,
  now: () => number,
  times: FreshTimes | ((took: number) => FreshTimes),
): () => Promise<T> {
  let last: ({ value: T; at: number } & FreshTimes) | undefined;
  let running: Promise<T> | undefined;
  const renew = async (): Promise<T> => {
    const at = now();
    try {
      const value = await ask();
      last = { value, at, ...(typeof times === 'function' ? times(now() - at) : times) };
      return value;
    } finally {
      running = undefined;
    }
  };
  return async () => {
    const age = last === undefined ? Number.POSITIVE_INFINITY : now() - last.at;
    // An answer of a time to come was made before the clock was set back.
    const isPast = age >= 0;
    if (last !== undefined && isPast && age < last.fresh) return last.value;
    running ??= renew();
    if (last === undefined || !isPast || age >= last.stale) return running;
    // It fails for whoever waits for it next.
    running.catch(() => undefined);
    return last.value;
  };
}
