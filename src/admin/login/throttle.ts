// Slows guessing down, per account and per address, for a while and never for good.
import type { Keep } from '../../keep/keep.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Rate } from '../../lib/leaky-bucket.ts';
import { networkOf } from '../../lib/network.ts';
import type { Clock } from '../../types.ts';

export type ThrottleParts = { keep: Pick<Keep, 'takeTry' | 'clearTries'>; now: Clock };

const PER_ACCOUNT: Rate = { every: 60_000, burst: 10 };
const PER_ADDRESS: Rate = { every: 10_000, burst: 30 };

const accountKey = (email: string) => `account ${sha256(email).slice(0, 32)}`;

export function createThrottle({ keep, now }: ThrottleParts) {
  return {
    /** Takes a try of an address, and of an account where one is named; answers 0, or for how many milliseconds there is none. */
    take: async (address: string, email?: string): Promise<number> => {
      const wait = await keep.takeTry(`address ${networkOf(address)}`, PER_ADDRESS, now());
      return wait > 0 || email === undefined ? wait : keep.takeTry(accountKey(email), PER_ACCOUNT, now());
    },
    /** The right person came: tries of others no longer count against the account. */
    clear: (email: string): Promise<void> => keep.clearTries(accountKey(email)),
  };
}
