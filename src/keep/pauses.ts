// Questions about paused accounts: nothing is sent to them until somebody resumes them.
import type { Db } from '../types.ts';
import { number, text } from './row.ts';

export type Pause = { account: string; reason: string; since: number };

const PAUSE = 'insert into pauses (account, reason, since) values ($1, $2, $3) on conflict do nothing';

/** Pauses an account; of several reasons the first one stays. */
export async function pauseAccount(db: Db, { account, reason, since }: Pause): Promise<void> {
  await db.transaction([{ sql: PAUSE, rows: [[account, reason, since]] }]);
}

export async function resumeAccount(db: Db, account: string): Promise<void> {
  await db.transaction([{ sql: 'delete from pauses where account = $1', rows: [[account]] }]);
}

/** All pauses, the oldest first. */
export async function listPauses(db: Db): Promise<Pause[]> {
  const rows = await db.query('select account, reason, since from pauses order by since');
  return rows.map((row) => ({
    account: text(row, 'account'),
    reason: text(row, 'reason'),
    since: number(row, 'since'),
  }));
}
