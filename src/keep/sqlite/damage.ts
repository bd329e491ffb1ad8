// Damage of the file that only those meet who keep hooks: what is written to find out whether they can be kept lies elsewhere in it.
import { isDamaged } from '../error.ts';

/** Known from the first hooks that were not kept for it, until some are kept again. */
export function createDamage() {
  let found: unknown;
  return {
    /** Throws what the last hooks were not kept for, where that is damage. */
    check: (): void => {
      if (found !== undefined) throw found;
    },
    /** Ends as `keeping` does. */
    noting: async <T>(keeping: Promise<T>): Promise<T> => {
      try {
        const kept = await keeping;
        found = undefined;
        return kept;
      } catch (error) {
        if (isDamaged(error)) found = error;
        throw error;
      }
    },
  };
}
