// What commands need that ask shops and destinations themselves, beside a running service or without one.
import type { Config } from '../config.ts';
import { createHttp, type Http } from '../deliver/http.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import type { Clock } from '../types.ts';
import type { Terminal } from './command.ts';

export type Asking = {
  keep: Keep;
  http: Http;
  now: Clock;
  signal: AbortSignal;
  /** The command itself says what came of it. */
  log: Record<'info' | 'warn', () => void>;
};

/** Runs `work` with a client for one question at a time and with what is kept, and closes both. Throws as `withKept` does. */
export async function withAsking<T>(
  config: Config,
  terminal: Terminal,
  work: (parts: Asking) => Promise<T>,
): Promise<T> {
  const http = createHttp({ allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, connections: 1 });
  const { signal } = new AbortController();
  const log = { info: () => undefined, warn: () => undefined };
  try {
    return await withKept(config, terminal.err, (keep) => work({ keep, http, now: Date.now, signal, log }));
  } finally {
    await http.close();
  }
}
