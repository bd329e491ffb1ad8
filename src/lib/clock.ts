// The wall clock. Everything that needs the time is given a clock, so tests can move it.
import { every } from './wait.ts';

/** Milliseconds since 1970, UTC. */
export const systemClock = (): number => Date.now();

/** A clock that nobody sets, in milliseconds since some moment. */
export const steadyClock = (): number => performance.now();

const LOOK_MS = 1_000;
const JUMP_MS = 60_000;

/**
 * Tells when the wall clock is set by more than a minute: by how many milliseconds, negative for back. Ends with the signal.
 */
export async function watchClock({
  now,
  steady,
  onJump,
  signal,
  lookMs = LOOK_MS,
}: {
  now: () => number;
  steady: () => number;
  onJump: (ms: number) => Promise<void>;
  signal: AbortSignal;
  lookMs?: number;
}): Promise<void> {
  let offset = now() - steady();
  await every(lookMs, signal, async () => {
    const jump = now() - steady() - offset;
    if (Math.abs(jump) < JUMP_MS) return;
    offset += jump;
    await onJump(jump);
  });
}
