// Times and days among the arguments of a command.
import { DURATION, durationMs } from '../lib/duration.ts';
import { OperatorError } from '../lib/errors.ts';
import { parseInstant } from '../map/convert.ts';

/**
 * What `--name` says, a time or how long ago it was (`3d`), in milliseconds since 1970; undefined where nothing was said.
 * Throws an `OperatorError` for neither.
 */
export function readInstant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (DURATION.test(text)) return Math.max(0, Date.now() - durationMs(text));
  const at = parseInstant(text);
  if (at !== undefined) return at;
  const hint = 'write it like 2026-01-31T12:00:00Z, or 3d for three days ago';
  throw new OperatorError('ARGUMENT', `--${name} ${text} is no time`, hint);
}

/** What `--days` says. Throws an `OperatorError` for no number of days, with one that it could be. */
export function readDays(text: string, example: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new OperatorError('ARGUMENT', `--days ${text} is no number of days`, `write it like --days ${example}`);
}
