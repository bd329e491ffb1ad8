// Says in the log, with a line of its own, that deliveries have waited too long; and once more when that is over.
import type { Keep } from '../keep/keep.ts';
import type { Log } from '../lib/log.ts';
import { every } from '../lib/wait.ts';
import type { Clock } from '../types.ts';

export type AlarmParts = { countOpen: Keep['countOpen']; now: Clock; log: Log; limitMs: number; signal: AbortSignal };

const EVERY_MS = 30_000;

/** One look: logs what began and what ended since `before`, and answers which destinations are late now. */
export async function lookForOldest(
  { countOpen, now, log, limitMs }: Omit<AlarmParts, 'signal'>,
  before: ReadonlySet<string>,
): Promise<Set<string>> {
  const { deliveries } = await countOpen();
  const late = new Set<string>();
  for (const { store, destination, deliveries: waiting, oldest } of deliveries) {
    const age = now() - oldest;
    if (age < limitMs) continue;
    const name = `${store}/${destination}`;
    late.add(name);
    if (!before.has(name))
      log.error({ store, destination, waiting, oldest_seconds: Math.round(age / 1000) }, 'delivery.waiting_too_long');
  }
  for (const name of before) if (!late.has(name)) log.info({ destination: name }, 'delivery.waiting_ended');
  return late;
}

/** Looks again and again until the signal. */
export async function watchOldest(parts: AlarmParts): Promise<void> {
  let late: Set<string> = new Set();
  await every(EVERY_MS, parts.signal, async () => {
    late = await lookForOldest(parts, late).catch(() => late);
  });
}
