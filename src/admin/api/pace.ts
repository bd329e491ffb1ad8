// Keeps one program from asking so often that people and deliveries have to wait: per token and process, in memory.
import { notBefore } from '../../lib/ahead.ts';
import type { Clock } from '../../types.ts';

const EVERY_MS = 50;
const BURST = 100;
/** More than anybody makes; they are forgotten together. */
const MOST_TOKENS = 10_000;

/** Answers 0 and takes one request of a token, or says for how many milliseconds it has none. */
export function createPace(now: Clock): (token_id: string) => number {
  const emptyAt = new Map<string, number>();
  return (token_id) => {
    const at = now();
    const empty = notBefore(emptyAt.get(token_id), at, 2 * EVERY_MS * BURST);
    const wait = empty - at - EVERY_MS * (BURST - 1);
    if (wait > 0) return wait;
    if (emptyAt.size >= MOST_TOKENS) emptyAt.clear();
    emptyAt.set(token_id, empty + EVERY_MS);
    return 0;
  };
}
