// Durations as people write them in mapping files: a number and s, m, h or d.
import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

export const UNIT_MS = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;
export const DURATION = /^\d{1,9}(s|m|h|d)$/;

/** `7d` to milliseconds; the text must fit `DURATION`. */
export const durationMs = (text: string): number =>
  Number.parseInt(text, 10) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
