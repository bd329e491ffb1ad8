// Tells of what is kept and cannot be opened, and was left out: once a minute, because every hook may find the same.
import type { Log } from '../lib/log.ts';
import type { Clock } from '../types.ts';

const AGAIN_MS = 60_000;
const PROBLEM =
  'cannot be opened: damaged, or their key is no longer in ENCRYPTION_KEY; put that key back, after the key in use';

/** Makes the function that tells of them, without a word of what they may say. */
export function createUnreadable({ now, log }: { now: Clock; log: Pick<Log, 'error'> }) {
  const quiet = new Map<string, number>();
  /** `rows` are those of one question; `effect` is what becomes of the hooks that asked for them. */
  return (kept: string, rows: number, effect: string): void => {
    if (now() < (quiet.get(kept) ?? 0)) return;
    quiet.set(kept, now() + AGAIN_MS);
    log.error({ kept, rows, problem: PROBLEM, effect }, 'kept.unreadable');
  };
}
