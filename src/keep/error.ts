// What a database says no with. The transaction that fails leaves nothing behind; the next one may succeed.
import { OperatorError } from '../lib/errors.ts';

/**
 * `full`: no room on the disk. `io`: the disk or file failed. `damaged`: the file is no whole database any more. `busy`:
 * somebody else holds what is needed. `away`: the database cannot be reached, or did not say whether it has committed.
 * `refused`: it is there, and lets us not in. `closed`: no database any more.
 */
export type KeepFailure =
  | 'full'
  | 'io'
  | 'damaged'
  | 'busy'
  | 'away'
  | 'refused'
  | 'constraint'
  | 'closed'
  | 'statement';

/** The message may name tables and columns, never values. */
export class KeepError extends Error {
  readonly failure: KeepFailure;

  constructor(failure: KeepFailure, message: string) {
    super(message);
    this.name = 'KeepError';
    this.failure = failure;
    // What passes is no bug: where it was noticed says nothing, and is logged for every hook that is refused meanwhile.
    if (isPassing(this)) this.stack = `${this.name}: ${message}`;
  }
}

/** Whether one row may be at fault, so that its neighbours are worth another try; a full disk fails every row. */
export function blamesRow(error: unknown): boolean {
  return error instanceof KeepError && (error.failure === 'constraint' || error.failure === 'statement');
}

/** Whether the fault passes and says nothing about what was asked, which may be asked again. */
export const isPassing = (error: unknown): boolean => error instanceof KeepError && !blamesRow(error);

/** Whether there was no room on the disk. */
export const isFull = (error: unknown): boolean => error instanceof KeepError && error.failure === 'full';

/** Whether somebody else holds what is needed. */
export const isBusy = (error: unknown): boolean => error instanceof KeepError && error.failure === 'busy';

/** Whether the database could not be reached, so that nothing is wrong with what it was asked. */
export const isAway = (error: unknown): boolean =>
  error instanceof KeepError && (error.failure === 'away' || error.failure === 'refused');

/** Whether the file itself is damaged, which no try again mends. */
export const isDamaged = (error: unknown): boolean => error instanceof KeepError && error.failure === 'damaged';

/** A damaged file in the operator's words; every other error as it is. */
export function inWords(error: unknown): unknown {
  if (!(error instanceof KeepError) || error.failure !== 'damaged') return error;
  return new OperatorError(
    'KEEP_DAMAGED',
    `${error.message}; it was left as it is`,
    'stop the service, move tagbridge.db and the files beside it away without deleting them, and put a copy that `tagbridge backup` made in its place; without one, the README says under Backup how to read what is left',
  );
}
