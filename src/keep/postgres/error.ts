// PostgreSQL's errors as ours: by SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html), without any value.
import { DatabaseError } from 'pg';
import { codeOf as codeOfSystem, reasonOf } from '../../lib/errors.ts';
import { KeepError, type KeepFailure } from '../error.ts';

/** By the whole code first, then by its class, the first two characters. */
const FAILURES: Record<string, KeepFailure> = {
  '53100': 'full',
  53: 'busy',
  23: 'constraint',
  40: 'busy',
  55: 'busy',
  57014: 'busy',
  57: 'away',
  '08': 'away',
  '28': 'refused',
  // A pooler in between mixes up the prepared statements of several sessions.
  26000: 'refused',
  '42P05': 'refused',
  // A server that only reads is a standby, or a primary that was replaced.
  25006: 'away',
  // It ended the session, for being idle or at work too long in a transaction.
  '25P03': 'away',
  '25P04': 'away',
  58: 'io',
  XX: 'io',
};

/** The transaction was undone because of another one, and may succeed now. */
const AGAIN = new Set(['40P01', '40001']);

const codeOf = (error: unknown): string => (error instanceof DatabaseError ? (error.code ?? '') : '');

export const mayRunAgain = (error: unknown): boolean => AGAIN.has(codeOf(error));

/** A table changed since the statement was prepared. */
export const isOutdated = (error: unknown): boolean => codeOf(error) === '0A000';

/** The session may only read. One that was begun so stays so, also when the server takes writes again. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006';

/** By its code, because a server says it in the language that it was told to speak: `WARNUNG`, `ATTENTION`. */
export const isWarning = ({
  severity,
  code = '',
}: {
  severity?: string | undefined;
  code?: string | undefined;
}): boolean => severity === 'WARNING' || code.startsWith('01') || code.startsWith('57');

/** Said by a pooler in between, which speaks English. */
const NO_OPTIONS = /^unsupported startup parameter.*options/;

/** What to tell the pooler that is in between. */
function poolerNeeds({ code, message }: DatabaseError): string {
  if (code === '26000' || code === '42P05')
    return ': a pooler is in between; in PgBouncer set max_prepared_statements = 400 (1.21 or newer), or pool_mode = session';
  if (NO_OPTIONS.test(message)) return ': a pooler is in between; in PgBouncer set ignore_startup_parameters = options';
  return '';
}

/** Messages of class 22 (data exceptions) quote the value, and details quote whole rows. */
function describe(error: DatabaseError): string {
  const { code = '', constraint, table, message } = error;
  if (code === '22021') return 'a text has the character NUL, which PostgreSQL does not keep (22021)';
  if (code.startsWith('22')) return `a value does not fit its column (${code})`;
  if (code.startsWith('23')) return `${constraint ?? 'a constraint'} of ${table ?? 'a table'} does not hold (${code})`;
  return `${message} (${code})${poolerNeeds(error)}`;
}

/** Its certificate is not to be trusted, or it has none. */
const isOfTls = (error: unknown): boolean => /CERT|TLS|VERIFY/.test(codeOfSystem(error));

/** Words of our own library, before the server was asked for anything. */
const NO_PASSWORD = /^SASL: .*client password must be/;
const UNKNOWN_AUTHORITY = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

function reachReason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  const reason = reasonOf(error);
  if (NO_PASSWORD.test(reason)) return 'it asks for a password, and none is given';
  if (UNKNOWN_AUTHORITY.test(codeOfSystem(error)))
    return `${reason}; sslrootcert=<file> names the authority that has signed its certificate`;
  return reason;
}

/** Everything that is no answer of the server is a lost connection. */
export function toKeepError(error: unknown): KeepError {
  if (error instanceof KeepError) return error;
  if (error instanceof DatabaseError) {
    const code = codeOf(error);
    const failure = FAILURES[code] ?? FAILURES[code.slice(0, 2)] ?? 'statement';
    return new KeepError(failure, describe(error));
  }
  const refused = isOfTls(error) || NO_PASSWORD.test(reasonOf(error));
  return new KeepError(refused ? 'refused' : 'away', `the database cannot be reached: ${reachReason(error)}`);
}
