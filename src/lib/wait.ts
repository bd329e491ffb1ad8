// Waiting that has an end, and work that comes again until everything has to end.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for an end, but no longer than `ms` milliseconds. */
export async function waitAtMost(ms: number, end: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const waited = sleep(ms, undefined, { signal: patience.signal, ref: false }).catch(() => undefined);
  await Promise.race([end, waited]).finally(() => patience.abort());
}

/** Does `work` again and again, `ms` milliseconds after it was done last, until the signal; keeps no process alive. */
export async function every(ms: number, signal: AbortSignal, work: () => unknown): Promise<void> {
  while (!signal.aborted) {
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}
