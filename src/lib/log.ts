// The log: one JSON line per thing that happened, with credentials cut out wherever they might stand.
import { type DestinationStream, pino } from 'pino';
import { plainText } from './plain.ts';

/** The message names what happened, such as `hook.received`. */
export type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

type Fields = Record<string, unknown>;
const CREDENTIALS: ReadonlySet<string> = new Set([
  'access_token',
  'api_secret',
  'secrets',
  'authorization',
  'password',
]);

const isTable = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The same fields, or a copy where there are credentials to leave out or tables that might hold some. */
function withoutCredentials(fields: Fields): Fields {
  for (const name in fields) if (CREDENTIALS.has(name) || isTable(fields[name])) return strip(fields);
  return fields;
}

const strip = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      CREDENTIALS.has(name) ? [] : [[name, isTable(value) ? strip(value) : value]],
    ),
  );

/** Logs to stdout, or to `to`. Fields are ids, counts, times and reasons; nobody passes a body or a person's data. */
export function createLog(level: string, to?: DestinationStream): Log & Record<'fatal', Log['error']> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Pino's own redaction of paths takes twice as long as writing the line.
    formatters: { level: (label: string) => ({ level: label }), log: withoutCredentials },
    hooks: { streamWrite: plainText },
  };
  return pino(options, to ?? stdout());
}

/** Lines are written some at a time: writing each by itself takes as long as verifying a hook. */
const BUFFER_BYTES = 8_192;
const FLUSH_MS = 100;

function stdout(): DestinationStream {
  const out = pino.destination({ dest: 1, sync: true, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS });
  process.on('exit', () => out.flushSync());
  return out;
}
