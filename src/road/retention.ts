// Forgets what is old, once an hour, while the service runs, and then leaves no trace of people who were erased.
import type { Config } from '../config.ts';
import type { Keep } from '../keep/keep.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Clock } from '../types.ts';

const EVERY_MS = HOUR_MS;
/** The ledger holds order ids only; refunds come late. */
const ORDER_DAYS = 800;

type Days = Pick<
  Config,
  'RETENTION_BODIES_DAYS' | 'RETENTION_KEYS_DAYS' | 'RETENTION_ATTEMPTS_DAYS' | 'RETENTION_AUDIT_DAYS'
>;
export type RetentionParts = {
  keep: Pick<Keep, 'forget' | 'listAudit' | 'scrub'>;
  days: Days;
  now: Clock;
  log: Log;
  signal: AbortSignal;
};

/** The times before which things are forgotten at `now`. */
const limitsAt = (now: number, days: Days) => ({
  bodies: now - days.RETENTION_BODIES_DAYS * DAY_MS,
  keys: now - days.RETENTION_KEYS_DAYS * DAY_MS,
  attempts: now - days.RETENTION_ATTEMPTS_DAYS * DAY_MS,
  orders: now - ORDER_DAYS * DAY_MS,
  audit: now - days.RETENTION_AUDIT_DAYS * DAY_MS,
  // Each visit has its own time.
  visits: now,
});

export async function keepForgetting({ keep, days, now, log, signal }: RetentionParts): Promise<void> {
  /** What was erased before has been rewritten, by this process or the one before it. */
  let tidy = now() - 2 * EVERY_MS;
  const forget = async (): Promise<void> => {
    try {
      const at = now();
      const forgotten = await keep.forget(limitsAt(at, days), signal);
      if (Object.values(forgotten).some((count) => count > 0)) log.info(forgotten, 'retention.done');
      // Not after each request: a shop may ask for hundreds in a row, and hooks wait while a file is written anew.
      const done = await keep.listAudit(tidy);
      if (done.some(({ action }) => action.startsWith('erase'))) await keep.scrub();
      tidy = at;
    } catch (error) {
      log.error({ error: describeError(error) }, 'retention.failed');
    }
  };
  await forget();
  await every(EVERY_MS, signal, forget);
}
