// Begins to listen on a port, and ends: what is wrong with the port or the address is a mistake an operator can mend.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { codeOf, OperatorError } from './errors.ts';
import { every, waitAtMost } from './wait.ts';

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it: stop that one, or choose another port',
  EACCES: 'this user may not take it: choose a port above 1023',
};
/**
 * Longer than proxies keep a connection (nginx one minute, Caddy two, Google's balancers ten): one that we end first, just
 * as the next hook or form sets out on it, costs that its answer.
 */
const KEEP_ALIVE_MS = 620_000;
const ADDRESS_HINT = 'HOST must be an address of this machine, such as 0.0.0.0 or 127.0.0.1';

/** Resolves with the port, which the system chooses where `port` is 0. `setting` is what the operator calls it. */
export async function listen(server: Server, setting: string, port: number, host: string): Promise<number> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = codeOf(error);
    const what = `cannot listen on ${setting} ${port} of ${host} (${code})`;
    throw new OperatorError('LISTEN', what, HINTS[code] ?? ADDRESS_HINT);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

const SWEEP_MS = 50;
/**
 * Takes no new connections; requests under way may end within `ms` milliseconds, and are cut off then. A connection that was
 * answered stays open for more, so what has become idle is closed again and again.
 */
export async function endRequests(server: Server, ms: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const ended = new AbortController();
  void every(SWEEP_MS, ended.signal, () => server.closeIdleConnections());
  await waitAtMost(ms, closed);
  ended.abort();
  server.closeAllConnections();
}
