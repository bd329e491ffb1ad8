// Asks destinations once a day what they say of the events that they got, each account once, by one thread of one replica.

import { redact } from '../deliver/redact.ts';
import type { Send } from '../deliver/sender.ts';
import type { Keep } from '../keep/keep.ts';
import type { AskedQuality, Said } from '../keep/qualities.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { DAY_MS, dayAt, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Store } from '../map/load.ts';
import type { Route } from '../map/route.ts';
import type { Clock, EventQuality } from '../types.ts';
import { createAlone } from './alone.ts';

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
const LARGEST = 1_000_000;

/** The accounts that are asked, with the routes whose stores want it: the first of them asks. */
export const askedAccounts = (stores: readonly Store[]): Map<string, Route[]> =>
  Map.groupBy(
    stores
      .flatMap((store) => store.routes)
      .filter(({ destination, settings }) => destination.quality?.isAsked(settings) === true),
    ({ account }) => account,
  );

/** Names and complaints may be anything; what counts and numbers stay. Of what does not count the score is enough. */
const shown = ({ event, counts, score, ...more }: EventQuality): EventQuality => {
  const told = { event: redact(event), counts, score };
  if (!counts) return { ...told, keys: [], lacks: [], doubles: [], issues: [] };
  const issues = more.issues.map(({ name, todo, share }) => ({
    name: redact(name),
    todo: todo && redact(todo),
    share,
  }));
  return { ...told, ...more, issues };
};

export function createAskingQuality({ stores, keep, send, now, newId, log, signal }: AskingQualityParts) {
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

  const question = async (route: Route) => {
    const { quality } = route.destination;
    if (quality === undefined) return { problem: 'it cannot be asked' };
    const sent = await send(route, quality.build(route.settings), { signal, limit: LARGEST });
    return 'unsent' in sent ? { problem: redact(sent.unsent.reason) } : quality.read(sent);
  };

  const ask = async (account: string, route: Route): Promise<void> => {
    await alone(`quality ${account}`, async () => {
      // Whoever had the lease before may have asked meanwhile.
      if (!isDue(account, await readLately())) return;
      const answer = await question(route);
      if (signal.aborted) return;
      const at = now();
      const place = { store: route.store, destination: route.name };
      if ('problem' in answer) {
        await keep.noteQuality({ account, day: dayAt(at) }, at, answer);
        log.warn({ ...place, reason: answer.problem }, 'quality.failed');
        return;
      }
      const said: Said = { at, events: answer.events.map(shown) };
      await keep.noteQuality({ account, day: dayAt(at) }, at, { said });
      log.info({ ...place, events: said.events.length }, 'quality.asked');
    });
  };

  /** Asks whom it is time to ask, one after the other. Never rejects. */
  const round = async (): Promise<void> => {
    let lately: readonly AskedQuality[] | undefined;
    for (const [account, [route]] of askedAccounts(stores.all())) {
      if (signal.aborted || route === undefined) return;
      try {
        lately ??= await readLately();
        if (isDue(account, lately)) await ask(account, route);
      } catch (error) {
        const { store, name: destination } = route;
        log.error({ store, destination, error: describeError(error) }, 'quality.failed');
      }
    }
  };

  return { round, keepAsking: (): Promise<void> => every(LOOK_MS, signal, round) };
}
