// What a database says no with. The transaction that fails leaves nothing behind; the next one may succeed.

/** `full`: no room on the disk. `io`: the disk or file failed. `busy`: another process holds the file. `closed`: no database any more. */
export type KeepFailure = 'full' | 'io' | 'busy' | 'constraint' | 'closed' | 'statement';

export class KeepError extends Error {
  readonly failure: KeepFailure;

  constructor(failure: KeepFailure, message: string) {
    super(message);
    this.name = 'KeepError';
    this.failure = failure;
  }
}
