// What replicas do for the database they share while they run: days made ahead, and hooks woken that missed their order.
import { HOUR_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Clock, Db } from '../types.ts';
import { keepDays } from './postgres-days.ts';

const EVERY_MS = 10_000;
const DAYS_EVERY_MS = HOUR_MS;

// A hook that began to wait while its order was being counted saw nothing of it, and was not seen either.
const WAKE = `
  update hooks set due_at = $1
  where waits_for is not null and lease_id is null and due_at > $1
    and exists (select 1 from orders where orders.store = hooks.store and order_id = hooks.waits_for and event_id is not null)`;

/** Goes on until the signal, whether or not the database answers. */
export async function watchPostgres(db: Db, now: Clock, signal: AbortSignal): Promise<void> {
  let days = now();
  await every(EVERY_MS, signal, async () => {
    await db.transaction([{ sql: WAKE, rows: [[now()]] }]).catch(() => undefined);
    if (now() - days < DAYS_EVERY_MS) return;
    await keepDays(db, now()).catch(() => undefined);
    days = now();
  });
}
