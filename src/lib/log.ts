// The log: one JSON line per thing that happened, with credentials cut out wherever they might stand.
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Logs to stdout, or to `to`. Fields are ids, counts, times and reasons; nobody passes a body or a person's data. */
export function createLog(level: string, to?: DestinationStream): Log {
  const redact = { paths: ['*.access_token', '*.api_secret', '*.secrets', '*.authorization'], remove: true };
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return to === undefined ? pino(options) : pino(options, to);
}
