// Slows guessing down, per account and per address, for a while and never for good.
import { createHash } from 'node:crypto';
import type { Rate } from '../../lib/leaky-bucket.ts';
import { networkOf } from '../../lib/network.ts';

export type ThrottleParts = {
  takeTry: (key: string, rate: Rate) => Promise<number>;
  clearTries: (key: string) => Promise<void>;
};

const PER_ACCOUNT: Rate = { every: 60_000, burst: 10 };
const PER_ADDRESS: Rate = { every: 10_000, burst: 30 };

const accountKey = (email: string) => `account ${createHash('sha256').update(email).digest('hex').slice(0, 32)}`;

export function createThrottle({ takeTry, clearTries }: ThrottleParts) {
  return {
    /** Takes a try of an address, and of an account where one is named; answers 0, or for how many milliseconds there is none. */
    take: async (address: string, email?: string): Promise<number> => {
      const wait = await takeTry(`address ${networkOf(address)}`, PER_ADDRESS);
      return wait > 0 || email === undefined ? wait : takeTry(accountKey(email), PER_ACCOUNT);
    },
    /** The right person came: tries of others no longer count against the account. */
    clear: (email: string): Promise<void> => clearTries(accountKey(email)),
  };
}
