// Asks destinations once a day what they say of the events that they got, each account once, by one thread of one replica.

import type { Send } from '../deliver/sender.ts';
import type { Keep } from '../keep/keep.ts';
import type { AskedQuality } from '../keep/questions/qualities.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { DAY_MS, dayAt, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Store } from '../map/files/load.ts';
import type { Clock } from '../types.ts';
import { createAlone } from './alone.ts';
import { askedAccounts, createQuestions, type Question } from './quality-questions.ts';

export type AskingQualityParts = {
  stores: { all: () => readonly Store[] };
  keep: Pick<Keep, 'listQualities' | 'noteQuality' | 'takeWatch' | 'leaveWatch'>;
  send: Send;
  now: Clock;
  newId: () => string;
  log: Log;
  signal: AbortSignal;
};

const LOOK_MS = MINUTE_MS;
const EVERY_MS = DAY_MS;
const AFTER_PROBLEM_MS = HOUR_MS;
const LEASE_MS = 2 * MINUTE_MS;

export function createAskingQuality({ stores, keep, send, now, newId, log, signal }: AskingQualityParts) {
  const questionsOf = createQuestions({ send, signal });
  const alone = createAlone({ keep, now, newId }, LEASE_MS);
  /** A token may have been mended for this start. */
  const started = now();
  const readLately = (): Promise<AskedQuality[]> => keep.listQualities(dayAt(now() - 2 * DAY_MS));

  const isDue = (account: string, lately: readonly AskedQuality[]): boolean => {
    // What was noted by a clock that was set back since says nothing.
    const last = lately.find((one) => one.account === account && one.asked_at <= now());
    if (last === undefined) return true;
    if (last.problem === undefined) return now() - last.asked_at >= EVERY_MS;
    return now() - last.asked_at >= AFTER_PROBLEM_MS || last.asked_at < started;
  };

  const put = async ({ name, route, ask }: Question): Promise<void> => {
    const place = { store: route.store, destination: route.name };
    try {
      const answer = await ask();
      if (signal.aborted) return;
      const at = now();
      const on = { account: name, day: dayAt(at) };
      if ('problem' in answer) {
        await keep.noteQuality(on, at, answer);
        log.warn({ ...place, reason: answer.problem }, 'quality.failed');
        return;
      }
      await keep.noteQuality(on, at, { said: { at, ...answer } });
      const { events, ends } = answer;
      const until = typeof ends === 'number' ? dayAt(ends) : ends;
      log.info({ ...place, ...(until === undefined ? { events: events.length } : { ends: until }) }, 'quality.asked');
    } catch (error) {
      log.error({ ...place, error: describeError(error) }, 'quality.failed');
    }
  };

  /** Asks whom it is time to ask, one after the other. Never rejects. */
  const round = async (): Promise<void> => {
    let lately: readonly AskedQuality[] | undefined;
    for (const [account, routes] of askedAccounts(stores.all())) {
      if (signal.aborted) return;
      const due = (known: readonly AskedQuality[]) =>
        questionsOf(account, routes).filter(({ name }) => isDue(name, known));
      try {
        lately ??= await readLately();
        if (due(lately).length === 0) continue;
        await alone(`quality ${account}`, async (hold) => {
          // Whoever had the lease before may have asked meanwhile.
          for (const question of due(await readLately())) {
            if (signal.aborted || !(await hold())) return;
            await put(question);
          }
        });
      } catch (error) {
        log.error({ account, error: describeError(error) }, 'quality.failed');
      }
    }
  };

  return { round, keepAsking: (): Promise<void> => every(LOOK_MS, signal, round) };
}
