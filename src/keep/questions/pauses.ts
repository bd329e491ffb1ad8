// Questions about paused accounts: nothing is sent to them until somebody resumes them.
import type { Db } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change } from '../sql.ts';

/** `settings` stands for those of the destination at that time. */
export type Pause = { account: string; reason: string; since: number; settings?: string };

const PAUSE = 'insert into pauses (account, reason, since, settings) values ($1, $2, $3, $4) on conflict do nothing';

/** Pauses an account; of several reasons the first one stays. */
export async function pauseAccount(db: Db, { account, reason, since, settings }: Pause): Promise<void> {
  await change(db, PAUSE, [account, reason, since, settings ?? null]);
}

export async function resumeAccount(db: Db, account: string): Promise<void> {
  await change(db, 'delete from pauses where account = $1', [account]);
}

/** All pauses, the oldest first. */
export async function listPauses(db: Db): Promise<Pause[]> {
  const rows = await db.query('select account, reason, since, settings from pauses order by since');
  return rows.map((row) => {
    const settings = maybe(text, row, 'settings');
    return {
      account: text(row, 'account'),
      reason: text(row, 'reason'),
      since: number(row, 'since'),
      ...(settings !== undefined && { settings }),
    };
  });
}
