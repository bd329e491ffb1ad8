// Waiting that has an end.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for an end, but no longer than `ms` milliseconds. */
export async function waitAtMost(ms: number, end: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const waited = sleep(ms, undefined, { signal: patience.signal, ref: false }).catch(() => undefined);
  await Promise.race([end, waited]).finally(() => patience.abort());
}
