// Looks for due rows in the table, lets the lanes fetch theirs, and has fetched what nobody has a lane for.
import type { Clock } from '../types.ts';
import type { Lane } from './lane.ts';
import type { DeliveryQuestions } from './questions.ts';
import { STRAY_MS } from './stray.ts';

export type LookParts = {
  findDueAccounts: DeliveryQuestions['findDueAccounts'];
  /** By account. */
  lanes: ReadonlyMap<string, Pick<Lane, 'pump' | 'claim'>>;
  /** Fetches some of what waits for an account without a lane. */
  fetchStrays: (account: string) => Promise<void>;
  background: (work: Promise<void>, failure: string) => void;
  now: Clock;
  signal: AbortSignal;
};

/** Answers how many rows all lanes fetched. */
export const createLook = ({ findDueAccounts, lanes, fetchStrays, background, now, signal }: LookParts) => {
  let fetching = false;

  /** From one account at a time: lanes do not wait for it. */
  const settleStrays = (due: readonly { account: string; due_at: number }[]) => {
    const lost = due.find(({ account, due_at }) => !lanes.has(account) && due_at <= now() - STRAY_MS);
    if (lost === undefined || fetching || signal.aborted) return;
    fetching = true;
    const fetched = fetchStrays(lost.account).finally(() => {
      fetching = false;
    });
    background(fetched, 'delivery.not_moved');
  };

  return async (): Promise<number> => {
    for (const lane of lanes.values()) lane.pump();
    const due = await findDueAccounts();
    settleStrays(due);
    const claims = due.map(({ account, due_at }) => (due_at <= now() ? (lanes.get(account)?.claim() ?? 0) : 0));
    const counts = await Promise.all(claims);
    return counts.reduce((sum, count) => sum + count, 0);
  };
};
