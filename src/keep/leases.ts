// The question asked once at the start of a program that has its store for itself.
import type { Db } from '../types.ts';

const DELIVERIES = 'update deliveries set due_at = $1, lease_id = null where lease_id is not null';
const HOOKS = 'update hooks set due_at = $1, lease_id = null where due_at is not null and lease_id is not null';

/** Makes all that a process before this one held due now, instead of when its leases end. Not for a shared database. */
export async function releaseAllLeases(db: Db, now: number): Promise<void> {
  await db.transaction([
    { sql: DELIVERIES, rows: [[now]] },
    { sql: HOOKS, rows: [[now]] },
  ]);
}
