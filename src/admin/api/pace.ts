// Keeps one program from asking so often that people and deliveries have to wait: per token and process, in memory.
import { fillOf } from '../../lib/leaky-bucket.ts';
import type { Clock } from '../../types.ts';

const RATE = { every: 50, burst: 100 };
/** More than anybody makes; they are forgotten together. */
const MOST_TOKENS = 10_000;

/** Answers 0 and takes one request of a token, or says for how many milliseconds it has none. */
export function createPace(now: Clock): (token_id: string) => number {
  const emptyAt = new Map<string, number>();
  return (token_id) => {
    const { empty, wait } = fillOf(emptyAt.get(token_id), now(), RATE);
    if (wait > 0) return wait;
    if (emptyAt.size >= MOST_TOKENS) emptyAt.clear();
    emptyAt.set(token_id, empty + RATE.every);
    return 0;
  };
}
