// Counts hooks, their topics and refused requests by source and hour, once a minute, away from the road that hooks take.

import type { Keep } from '../keep/keep.ts';
import { hourOf } from '../keep/questions/hours.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { createTally, type Heard } from '../lib/meter.ts';
import { every } from '../lib/wait.ts';
import type { Clock } from '../types.ts';
import { createTopics } from './topics.ts';

export type CountingParts = {
  keep: Pick<Keep, 'countNewHooks' | 'addRefusals' | 'addTopics'>;
  now: Clock;
  newId: () => string;
  log: Pick<Log, 'error'>;
};

const EVERY_MS = 60_000;
/** Hooks on their way to the disk are counted the next time. */
const SETTLED_MS = 15_000;
const UNPROVEN = 401;

export function createCounting({ keep, now, newId, log }: CountingParts) {
  const tally = createTally();
  const topics = createTopics(now);

  const addRefusals = async (): Promise<void> => {
    const refusals = tally.take().map(({ key: [hour = '', store = '', source = ''], count }) => ({
      hour: Number(hour),
      store,
      source,
      refused: count,
    }));
    if (refusals.length > 0) await keep.addRefusals(refusals);
  };

  /** Brings the sums up to date; what fails is logged, and hooks are counted the next time. */
  const count = async (): Promise<void> => {
    try {
      await addRefusals();
      await keep.addTopics(topics.take(), hourOf(now()));
      await keep.countNewHooks(now() - SETTLED_MS, newId());
    } catch (error) {
      log.error({ error: describeError(error) }, 'counting.failed');
    }
  };

  /** Hears the fields of `hook.received`: counts in memory the topics, and those whose signature did not fit. */
  const hear: Heard = (message, { store, source, status, outcome, topic }) => {
    if (message !== 'hook.received') return;
    if (status === UNPROVEN) tally.add(String(hourOf(now())), `${store}`, `${source}`);
    if (outcome === 'kept' && typeof topic === 'string') topics.add(`${store}`, `${source}`, topic);
  };

  return {
    hear,
    count,
    /** Counts until the signal, and once more then. */
    keepCounting: async (signal: AbortSignal): Promise<void> => {
      await count();
      await every(EVERY_MS, signal, count);
      await count();
    },
  };
}
