// The rounds of a work thread: hooks handed over, then hooks that are due, one batch mapped while the one before is written.
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Clock } from '../types.ts';
import type { GiveBack } from './give-back.ts';
import type { Inbox } from './inbox.ts';

export type RoundsParts = {
  inbox: Pick<Inbox, 'waiting' | 'rest'>;
  /** Works on hooks that were handed over. */
  handed: () => Promise<void>;
  /** Works on hooks that are due, and answers whether more may be. */
  claimed: () => Promise<boolean>;
  giveBack: Pick<GiveBack, 'settle'>;
  /** Do senders wait for the processors that this thread uses? */
  isCrowded: () => boolean;
  /** A clock that nobody sets: rounds would wait until it is right again. */
  now: Clock;
  log: Pick<Log, 'error'>;
  signal: AbortSignal;
};

/** How long a claim for hooks waits when there was nothing to do. */
const IDLE_MS = 100;
/** How long hooks wait at most while senders queue, and how often that is looked at. */
const GIVE_WAY_MS = 500;
const LOOK_MS = 10;
const AFTER_FAILURE_MS = 1_000;

const nothing = () => Promise.resolve();

/** Lets one batch be written while the next one is mapped. */
function createRelay() {
  let latest: Promise<unknown> = Promise.resolve();
  return {
    /** Begins the next batch, and ends with the one before. */
    follow: async (next: () => Promise<unknown>): Promise<void> => {
      const before = latest;
      latest = next();
      // Whoever follows hears of its failure.
      latest.catch(() => undefined);
      await before;
    },
    /** Ends with the last one. */
    finish: async (): Promise<void> => {
      await latest;
    },
  };
}

/** Works until the signal; what is under way then is ended. Never rejects: the log says what failed. */
export async function workInRounds(parts: RoundsParts): Promise<void> {
  const { inbox, handed, claimed, giveBack, isCrowded, now, log, signal } = parts;
  const { follow, finish } = createRelay();
  const failed = (error: unknown): void => log.error({ error: describeError(error) }, 'work.failed');
  /** While senders queue they get the processors; but work goes on, however slowly. */
  const giveWay = async (): Promise<void> => {
    for (const end = now() + GIVE_WAY_MS; isCrowded() && now() < end && !signal.aborted; ) await inbox.rest(LOOK_MS);
  };

  let lastClaim = 0;
  while (!signal.aborted) {
    try {
      await giveWay();
      await giveBack.settle();
      const mayClaim = inbox.waiting() === 0 || now() - lastClaim > IDLE_MS;
      await follow(inbox.waiting() > 0 ? handed : nothing);
      if (!mayClaim) continue;
      await follow(nothing);
      lastClaim = now();
      if (!(await claimed()) && inbox.waiting() === 0 && !signal.aborted) await inbox.rest(IDLE_MS);
    } catch (error) {
      failed(error);
      await inbox.rest(AFTER_FAILURE_MS);
    }
  }
  await finish().catch(failed);
}
