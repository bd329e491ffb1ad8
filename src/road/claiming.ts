// Hooks that are due: claimed a batch at a time, without those that may end the process, and worked on.
import { LEASE_MS } from '../deliver/questions.ts';
import type { Keep } from '../keep/keep.ts';
import type { LeasedHook } from '../keep/questions/hooks.ts';
import type { Clock, Hook } from '../types.ts';
import type { GiveBack } from './give-back.ts';

type Sift = (claimed: readonly LeasedHook[], lease_id: string) => Promise<readonly LeasedHook[]>;
type Work = (hooks: readonly LeasedHook[], lease_id: string) => Promise<void>;
export type ClaimingParts = {
  keep: Pick<Keep, 'claimHooks'>;
  sift: Sift;
  digest: Work;
  giveBack: Pick<GiveBack, 'minding'>;
  now: Clock;
  newId: () => string;
};

/** Hooks digested in one transaction. */
export const BATCH = 100;
/** Large bodies are fetched fewer at a time; how large they are is learnt from those before. */
const BATCH_BYTES = 4_000_000;
const FIRST_BATCH = 10;

/** Makes the function that works on one batch and answers whether more may be due. */
export function createClaiming({ keep, sift, digest, giveBack, now, newId }: ClaimingParts) {
  let limit = FIRST_BATCH;
  const learn = (hooks: readonly Hook[]): void => {
    const bytes = hooks.reduce((sum, { body }) => sum + body.length, 0);
    if (hooks.length > 0) limit = Math.max(1, Math.min(BATCH, Math.floor((BATCH_BYTES * hooks.length) / (bytes + 1))));
  };

  return async function claimed(): Promise<boolean> {
    const at = now();
    const lease_id = newId();
    const asked = limit;
    const hooks = await keep.claimHooks({ now: at, lease_until: at + LEASE_MS, lease_id, limit: asked });
    learn(hooks);
    const chosen = await giveBack.minding(hooks, lease_id, () => sift(hooks, lease_id));
    if (chosen.length > 0) await digest(chosen, lease_id);
    return chosen.length < hooks.length || hooks.length === asked;
  };
}
