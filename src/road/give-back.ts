// Hooks that the database failed on: nothing is wrong with them, so they are given back as if they had not been handed out.
import { KeepError } from '../keep/error.ts';
import type { Keep } from '../keep/keep.ts';
import type { HeldHook, LeasedHook } from '../keep/questions/hooks.ts';
import type { Log } from '../lib/log.ts';
import type { Clock } from '../types.ts';

export type GiveBackParts = { keep: Pick<Keep, 'releaseHooks'>; now: Clock; log: Log };
export type GiveBack = ReturnType<typeof createGiveBack>;

/** When the database is asked for them again. */
const AGAIN_MS = 5_000;

/**
 * What is owed is given back by `settle`, to be asked for before more is claimed: whoever cannot give back holds no more
 * hooks, so that none is handed out again and again and taken for one that ends the process.
 */
export function createGiveBack({ keep, now, log }: GiveBackParts) {
  const owed: HeldHook[] = [];
  let reason = '';

  const owe = (hooks: readonly Pick<LeasedHook, 'id' | 'tried'>[], lease_id: string): void => {
    owed.push(...hooks.map(({ id, tried }) => ({ id, lease_id, ...(tried && { tried }) })));
  };
  /** Answers how many were owed. */
  const release = async (due_at: number): Promise<number> => {
    const held = owed.splice(0);
    try {
      if (held.length > 0) await keep.releaseHooks(held, due_at);
      return held.length;
    } catch (error) {
      owed.unshift(...held);
      throw error;
    }
  };

  return {
    owe,
    release,
    /** Ends as `work` does, which hooks are held for; what the database failed on is owed. */
    minding: async <T>(hooks: readonly LeasedHook[], lease_id: string, work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof KeepError) {
          owe(hooks, lease_id);
          reason = error.message;
        }
        throw error;
      }
    },
    /** Gives back what is owed, and says so once for all of it. */
    settle: async (): Promise<void> => {
      const hooks = await release(now() + AGAIN_MS);
      if (hooks > 0) log.warn({ hooks, seconds: AGAIN_MS / 1_000, error: reason }, 'hooks.put_off');
    },
  };
}
