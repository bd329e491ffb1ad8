// How accounts stand for all who send: what our lanes find out is written, and what is written is told to our lanes.
import type { Log } from '../lib/log.ts';
import type { Clock } from '../types.ts';
import type { Lane } from './lane.ts';
import { isOver, stampOf } from './pause.ts';
import type { DeliveryQuestions, Hold, Route } from './questions.ts';

export type StandingParts = Pick<
  DeliveryQuestions,
  'pauseAccount' | 'resumeAccount' | 'listPauses' | 'holdAccount' | 'freeAccount' | 'listHolds'
> & {
  /** By account. */
  lanes: ReadonlyMap<string, Pick<Lane, 'setPaused' | 'setHold'>>;
  /** The routes that the lanes have. */
  routes: () => readonly Route[];
  background: (work: Promise<void>, failure: string) => void;
  now: Clock;
  log: Log;
};

export const createStanding = (parts: StandingParts) => {
  const { pauseAccount, resumeAccount, listPauses, holdAccount, freeAccount, listHolds } = parts;
  const { lanes, routes, background, now, log } = parts;
  /** Counts pauses, holds and their ends of our own, so that an older list is not taken for the present. */
  let changes = 0;

  /** A list that is read meanwhile may know of it or not. */
  const write = (written: Promise<void>, failure: string) => {
    changes += 1;
    const counted = written.finally(() => {
      changes += 1;
    });
    background(counted, failure);
  };

  const resume = async (account: string) => {
    await resumeAccount(account);
    changes += 1;
    lanes.get(account)?.setPaused(undefined);
  };

  const applyPauses = async (): Promise<void> => {
    const before = changes;
    const listed = await listPauses();
    if (before !== changes) return;
    const inForce = routes();
    const over = listed.filter((pause) => isOver(pause, inForce));
    for (const { account } of over) {
      await resume(account);
      log.info({ account }, 'account.resumed');
    }
    if (over.length > 0) return applyPauses();
    const reasons = new Map(listed.map(({ account, reason }) => [account, reason]));
    for (const [account, lane] of lanes) lane.setPaused(reasons.get(account));
  };

  const applyHolds = async (): Promise<void> => {
    const before = changes;
    const holds = new Map((await listHolds()).map((hold) => [hold.account, hold]));
    if (before !== changes) return;
    for (const [account, lane] of lanes) lane.setHold(holds.get(account));
  };

  return {
    /** A lane found out that people must act. */
    pause: (route: Route, reason: string) => {
      const { account } = route;
      log.error({ account, reason }, 'account.paused');
      write(pauseAccount({ account, reason, since: now(), settings: stampOf(route) }), 'account.not_paused');
    },
    /** A lane found out that the account is to be left alone, or, without a hold, that it answers again. */
    hold: (account: string, hold: Hold | undefined) => {
      write(hold === undefined ? freeAccount(account) : holdAccount(hold), 'account.not_held');
    },
    /** Lifts a pause; a single request goes first. */
    resume,
    /** Tells all lanes what is written by now. Rejects when it cannot be read. */
    refresh: async (): Promise<void> => {
      await applyPauses();
      await applyHolds();
    },
  };
};
