// How long minutes, hours and days are, in milliseconds.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The day on which a time falls in UTC, such as 2026-11-20. */
export const dayAt = (at: number): string => new Date(at).toISOString().slice(0, 10);
