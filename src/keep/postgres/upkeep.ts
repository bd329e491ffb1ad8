// What replicas do for the database they share while they run: days made ahead, and hooks woken that missed their order.
import { describeError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { every } from '../../lib/wait.ts';
import type { Clock, Db } from '../../types.ts';
import { isPassing } from '../error.ts';
import { keepDays } from './days.ts';

const EVERY_MS = 10_000;
const DAYS_EVERY_MS = HOUR_MS;

// A hook that began to wait while its order was being counted saw nothing of it, and was not seen either.
const WAKE = `
  update hooks set due_at = $1
  where waits_for is not null and lease_id is null and due_at > $1
    and exists (select 1 from orders where orders.store = hooks.store and order_id = hooks.waits_for and event_id is not null)`;

/** Says once that something fails and once that it is over; that the database is away is told by others. */
function createTelling(log: Pick<Log, 'info' | 'error'>, what: string) {
  let failing = false;
  return async (work: () => Promise<unknown>): Promise<void> => {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (isPassing(error) || failing === (error !== undefined)) return;
    failing = error !== undefined;
    if (failing) log.error({ error: describeError(error) }, `database.upkeep_failed: ${what}`);
    else log.info({}, 'database.upkeep_well');
  };
}

/** One look; never rejects. */
export function createUpkeep(db: Db, now: Clock, log: Pick<Log, 'info' | 'error'>): () => Promise<void> {
  const waking = createTelling(log, 'hooks that wait for their order may wait longer');
  const making = createTelling(log, 'days are not made ahead, so that old ones do not go as a whole');
  let days: number | undefined;
  return async () => {
    await waking(() => db.transaction([{ sql: WAKE, rows: [[now()]] }]));
    if (days !== undefined && now() - days < DAYS_EVERY_MS) return;
    await making(() => keepDays(db, now()));
    days = now();
  };
}

/** Goes on until the signal, whether or not the database answers. */
export const watchPostgres = (
  db: Db,
  now: Clock,
  log: Pick<Log, 'info' | 'error'>,
  signal: AbortSignal,
): Promise<void> => every(EVERY_MS, signal, createUpkeep(db, now, log));
