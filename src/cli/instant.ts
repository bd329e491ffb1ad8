// Times and days among the arguments of a command.
import { OperatorError } from '../lib/errors.ts';
import { parseInstant } from '../map/convert.ts';

/** What `--name` says, in milliseconds since 1970; undefined where nothing was said. Throws an `OperatorError` for no time. */
export function readInstant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseInstant(text);
  if (at !== undefined) return at;
  throw new OperatorError('ARGUMENT', `--${name} ${text} is no time`, 'write it like 2026-01-31T12:00:00Z');
}

/** What `--days` says. Throws an `OperatorError` for no number of days, with one that it could be. */
export function readDays(text: string, example: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new OperatorError('ARGUMENT', `--days ${text} is no number of days`, `write it like --days ${example}`);
}
