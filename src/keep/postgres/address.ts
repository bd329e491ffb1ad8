// What DATABASE_URL says, as connections need it: each of its hosts, with the settings that our sessions go by.
import { Client, type ClientConfig } from 'pg';
import { OperatorError, reasonOf } from '../../lib/errors.ts';

/**
 * Every question goes along an index, row by row. A plan made while a table was empty would read it as a whole, by itself or
 * to join it, and is kept until the table was analysed. What has many days, or must be read as a whole all the same, counts as
 * so dear then that it would be compiled first, which takes longer than the question. A bridge that vanished in the middle of a
 * message, or stands still there, holds its locks no longer than half a minute. Limits of the provider's would end changes of
 * large tables, and sessions that wait for hooks; each question has a deadline of ours. Bytes are read in one form, whichever
 * the database shows to others.
 */
const OPTIONS = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  'bytea_output=hex',
  'idle_in_transaction_session_timeout=15000',
  'idle_session_timeout=0',
  'statement_timeout=0',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** `postgres://user:password@host:port,host:port/database?…`: the first host that is a primary is used. */
export function hostsOf(url: string): string[] {
  const [, head = '', hosts = '', rest = ''] = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/s.exec(url) ?? [];
  if (head === '') throw new OperatorError('DATABASE_URL', 'DATABASE_URL is no address of PostgreSQL', EXAMPLE);
  return hosts.split(',').map((host) => `${head}${host}${rest}`);
}
const EXAMPLE = 'it looks like postgres://user:password@host:5432/database';
const SPECIAL = `${EXAMPLE}; in user and password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 for # and %25 for %`;

/** Settings that the address itself has come after ours: what it says would otherwise stand alone. */
const withOptions = (url: string): string =>
  url.replace(/([?&]options=)(?=[^&#])/, `$1${encodeURIComponent(`${OPTIONS} `)}`);

/** What a connection to each of the hosts needs. Throws an `OperatorError`, without the password, where the address is a mistake. */
export function configsOf(url: string): ClientConfig[] {
  const configs = hostsOf(url).map((one): ClientConfig => {
    return { application_name: 'tagbridge', options: OPTIONS, connectionString: withOptions(one) };
  });
  for (const config of configs) refuseUnreadable(config);
  return configs;
}

function refuseUnreadable(config: ClientConfig): void {
  try {
    new Client(config);
  } catch (error) {
    if (error instanceof Error && 'path' in error)
      throw new OperatorError('DATABASE_URL', `DATABASE_URL names a file that cannot be read: ${reasonOf(error)}`);
    throw new OperatorError('DATABASE_URL', 'DATABASE_URL cannot be read', SPECIAL);
  }
}
