// Durations as people write them in mapping files: a number and s, m, h or d.

export const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const DURATION = /^\d{1,9}(s|m|h|d)$/;

/** `7d` to milliseconds; the text must fit `DURATION`. */
export const durationMs = (text: string): number =>
  Number.parseInt(text, 10) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
