// Waits until what a test expects is so; generous, because a busy machine is no failure of what is tested.
import { vi } from 'vitest';

const LIMIT_MS = 20_000;

/** Runs the expectation again and again until it holds; fails with its own words after 20 seconds. */
export const soon = <Found>(expectation: () => Found | Promise<Found>): Promise<Found> =>
  vi.waitFor(expectation, { timeout: LIMIT_MS, interval: 10 });
