// Looks for due rows in the table, lets the lanes fetch theirs, and has fetched what nobody has a lane for.
import { waitAtMost } from '../lib/wait.ts';
import type { Clock } from '../types.ts';
import type { Lane } from './lane.ts';
import type { DeliveryQuestions } from './questions.ts';
import { STRAY_MS } from './stray.ts';

/** Nobody waits longer for a lane that fetches: one that sends what it fetched alone takes as long as the receiver does. */
const PATIENCE_MS = 100;

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

/** Answers how many rows came, and lanes that are not done fetching count too. */
export const createLook = ({ findDueAccounts, lanes, fetchStrays, background, now, signal }: LookParts) => {
  let fetching = false;
  /** By account, the lanes that are not done with what they fetched last. */
  const claiming = new Map<string, Promise<void>>();
  let came = 0;

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

  const claim = (account: string, lane: Pick<Lane, 'claim'>) => {
    const fetched = lane.claim().then((count) => {
      came += count;
    });
    const claimed = fetched.finally(() => claiming.delete(account));
    claiming.set(account, claimed);
    // Whoever looks hears of its failure; who stops only waits for it.
    background(
      claimed.catch(() => undefined),
      'deliver.failed',
    );
  };

  return async (): Promise<number> => {
    for (const lane of lanes.values()) lane.pump();
    const due = await findDueAccounts();
    settleStrays(due);
    came = 0;
    for (const { account, due_at } of due) {
      const lane = lanes.get(account);
      if (lane !== undefined && due_at <= now() && !claiming.has(account)) claim(account, lane);
    }
    await waitAtMost(PATIENCE_MS, Promise.all(claiming.values()));
    return came + claiming.size;
  };
};
