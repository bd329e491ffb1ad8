// A token bucket for one account: `rate` requests per second on average, one second's worth at once.

export type Bucket = { tokens: number; at: number };

export const fullBucket = (rate: number, now: number): Bucket => ({ tokens: Math.max(1, rate), at: now });

/** The bucket as it stands now; a clock that goes back adds nothing. */
export const refilled = ({ tokens, at }: Bucket, rate: number, now: number): Bucket => ({
  tokens: Math.min(Math.max(1, rate), tokens + (Math.max(0, now - at) / 1_000) * rate),
  at: now,
});

export const hasToken = ({ tokens }: Bucket): boolean => tokens >= 1;

export const spent = ({ tokens, at }: Bucket): Bucket => ({ tokens: tokens - 1, at });
