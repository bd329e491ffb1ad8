// Hooks that were handed out often and never came to an end may be what ends the process: each is worked on alone, then set aside.

import type { Keep } from '../keep/keep.ts';
import { type LeasedHook, SUSPECT } from '../keep/questions/hooks.ts';
import type { Log } from '../lib/log.ts';
import type { Clock } from '../types.ts';

export type SuspectsParts = { keep: Pick<Keep, 'recordDigests' | 'releaseHooks' | 'countTry'>; now: Clock; log: Log };

/** So many times it is worked on alone, so that its neighbours are not suspected with it; then not again. */
const TRIES = 3;
const REASON =
  'the bridge ended or failed several times while it worked on this hook; the log of those times may say why';

const isSuspect = ({ attempts }: LeasedHook): boolean => attempts >= SUSPECT;

/** Makes the function that answers which of the hooks just claimed are to be worked on now; the others are given back. */
export function createSuspects({ keep, now, log }: SuspectsParts) {
  const setAside = async (hooks: readonly LeasedHook[], lease_id: string): Promise<void> => {
    for (const { id, store, source, attempts } of hooks)
      log.error({ hook: id, store, source, attempts }, 'hook.set_aside');
    const digests = hooks.map(({ id, store }) => ({
      hook_id: id,
      store,
      lease_id,
      state: 'stuck' as const,
      reason: REASON,
      events: [],
      uncounted: [],
    }));
    if (digests.length > 0) await keep.recordDigests(digests, now());
  };

  return async function sift(claimed: readonly LeasedHook[], lease_id: string): Promise<readonly LeasedHook[]> {
    if (!claimed.some(isSuspect)) return claimed;
    const hopeless = claimed.filter(({ attempts }) => attempts >= SUSPECT + TRIES);
    await setAside(hopeless, lease_id);
    const others = claimed.filter((hook) => !hopeless.includes(hook));
    const alone = others.find(isSuspect);
    if (alone === undefined) return others;
    const back = others.filter((hook) => hook !== alone).map(({ id }) => ({ id, lease_id }));
    if (back.length > 0) await keep.releaseHooks(back, now());
    await keep.countTry(alone.id, lease_id);
    return [{ ...alone, tried: true }];
  };
}
