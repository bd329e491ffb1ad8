// Work that nobody waits for while it goes on, until everything has to end.

/** Keeps what is under way, so that whoever stops can wait for it. */
export function createBackground() {
  const underWay = new Set<Promise<void>>();
  return {
    /** What goes wrong is told to `failed`, which must not throw. */
    begin: (work: Promise<void>, failed: (error: unknown) => void): void => {
      const tracked: Promise<void> = work.catch(failed).finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    /** Resolves when all has ended that is under way now. */
    ended: async (): Promise<void> => {
      await Promise.all(underWay);
    },
  };
}
