// How often one sender may ask an account: a token bucket, `rate` requests per second on average, filled with its share of the rate.

export type Bucket = { tokens: number; at: number };

export const fullBucket = (rate: number, now: number): Bucket => ({ tokens: Math.max(1, rate), at: now });

/** The bucket as it stands now; a clock that goes back adds nothing. */
export const refilled = ({ tokens, at }: Bucket, rate: number, now: number): Bucket => ({
  tokens: Math.min(Math.max(1, rate), tokens + (Math.max(0, now - at) / 1_000) * rate),
  at: now,
});

export const hasToken = ({ tokens }: Bucket): boolean => tokens >= 1;

export const spent = ({ tokens, at }: Bucket): Bucket => ({ tokens: tokens - 1, at });

/** The share that one sender has of an account's rate; without a rate there is always a turn. */
export const createShare = (now: () => number) => {
  /** Requests per second of the whole account, and those of this sender. */
  let allowed: number | undefined;
  let rate: number | undefined;
  let senders = 1;
  let bucket = fullBucket(1, now());

  const divide = () => {
    const own = allowed === undefined ? undefined : allowed / senders;
    if (own !== undefined && own !== rate) bucket = fullBucket(own, now());
    rate = own;
  };

  return {
    rate: (): number | undefined => rate,
    setAllowed: (next: number | undefined) => {
      allowed = next;
      divide();
    },
    /** How many there are that share it. */
    setSenders: (count: number) => {
      senders = count;
      divide();
    },
    hasTurn: (at: number): boolean => {
      if (rate === undefined) return true;
      bucket = refilled(bucket, rate, at);
      return hasToken(bucket);
    },
    spend: () => {
      if (rate !== undefined) bucket = spent(bucket);
    },
  };
};
