// The heartbeat: a service elsewhere hears every minute that this bridge runs, and tells people when it hears nothing.
import type { Log } from '../lib/log.ts';
import type { Clock, GetRequest, Reply } from '../types.ts';
import { problemIn } from './send.ts';

export type HeartbeatParts = {
  /** What to ask; its path is mostly the secret that names the bridge there. */
  url: string;
  send: (request: GetRequest, options: { signal: AbortSignal }) => Promise<Reply>;
  now: Clock;
  signal: AbortSignal;
  log: Pick<Log, 'info' | 'warn'>;
};
/** `host` is called; it last heard at `heard_at` of this process, and `problem` is why it did not the last time. */
export type Pulse = { host: string; heard_at: number | undefined; problem: string | undefined };
export type Heartbeat = {
  /** Says that the bridge runs, unless it is `unwell`, in words. The log says what fails, once. */
  beat: (unwell?: string) => Promise<void>;
  /** Another replica says so now, and how that goes is not known here. */
  rest: () => void;
  pulse: () => Pulse;
};

const HEADERS = { 'user-agent': 'tagbridge' };

/** A GET is what all services of the kind take: https://healthchecks.io/docs/http_api/, Uptime Kuma's push monitors and others. */
export function createHeartbeat({ url, send, now, signal, log }: HeartbeatParts): Heartbeat {
  const { host } = new URL(url);
  let heard_at: number | undefined;
  let problem: string | undefined;
  return {
    beat: async (unwell) => {
      const before = problem;
      problem = unwell ?? problemIn(await send({ method: 'GET', url, headers: HEADERS }, { signal }), host);
      if (problem === undefined) heard_at = now();
      if (problem === before) return;
      if (problem === undefined) log.info({ host }, 'heartbeat.heard_again');
      else log.warn({ host, problem }, 'heartbeat.not_heard');
    },
    rest: () => {
      heard_at = undefined;
      problem = undefined;
    },
    pulse: () => ({ host, heard_at, problem }),
  };
}
