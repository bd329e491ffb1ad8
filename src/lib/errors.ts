// The kinds of thrown errors: mistakes an operator can mend, what passes by itself, and everything else (bugs).

/** Exit status for a mistake in settings or mapping files, as in sysexits.h (EX_CONFIG). */
export const EXIT_CONFIG = 78;

/** A mistake of the operator: what is wrong, where, and what to do. Never carries a secret or a person's data. */
export class OperatorError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = 'OperatorError';
    this.code = code;
    this.hint = hint;
  }
}

/** Said as clearly, but no mistake in settings or files: it may be over at the next start. */
export class PassingError extends OperatorError {}

/** One line for people: `CODE message, hint`. */
export function describeError(error: unknown): string {
  if (error instanceof OperatorError) {
    return `${error.code} ${error.message}${error.hint === undefined ? '' : `, ${error.hint}`}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What went wrong, in the words of what was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code by which systems and libraries name what went wrong, such as ENOENT; the error's name where it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Is it Express's own for a request that it cannot read, such as an address that cannot be decoded? */
export const isBadRequest = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 400;
