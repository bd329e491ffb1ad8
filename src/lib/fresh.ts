// Remembers an answer for a while: whoever asks meanwhile gets it, and one asking later starts the next one.

export type FreshTimes = {
  /** An answer is taken for new so long. */
  fresh: number;
  /** So long an older answer is given at once while a new one is made; after that one waits for the new one. */
  stale: number;
};

/** `ask` is not run twice at the same time. Times in milliseconds. */
export function createFresh<T>(
  ask: () => Promise<T>,
  now: () => number,
  { fresh, stale }: FreshTimes,
): () => Promise<T> {
  let last: { value: T; at: number } | undefined;
  let running: Promise<T> | undefined;
  const renew = async (): Promise<T> => {
    const at = now();
    try {
      const value = await ask();
      last = { value, at };
      return value;
    } finally {
      running = undefined;
    }
  };
  return async () => {
    const age = last === undefined ? Number.POSITIVE_INFINITY : now() - last.at;
    if (last !== undefined && age < fresh) return last.value;
    running ??= renew();
    if (last === undefined || age >= stale) return running;
    // It fails for whoever waits for it next.
    running.catch(() => undefined);
    return last.value;
  };
}
