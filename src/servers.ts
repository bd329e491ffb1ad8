// The two ports: where senders are received, and people's side; or one port for both. They open, and end, together.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Metrics } from './admin/metrics.ts';
import { createAdminServer } from './admin/server.ts';
import { adminPath, adminUrl, type Config } from './config.ts';
import type { Keep } from './keep/keep.ts';
import type { Keeping } from './keep/keeping.ts';
import type { Room } from './keep/room.ts';
import type { Crowd } from './lib/crowd.ts';
import { describeError } from './lib/errors.ts';
import { endRequests, listen } from './lib/listen.ts';
import type { Log } from './lib/log.ts';
import { waitAtMost } from './lib/wait.ts';
import type { Opened } from './opening.ts';
import { createPeoplesSide } from './pages/side.ts';
import type { AcceptParts } from './road/accept.ts';
import { createSendersServer } from './road/receiving.ts';

export type ServersParts = {
  config: Config;
  opened: Opened;
  workers: AcceptParts['worker'];
  crowd: Crowd;
  room: Room;
  keeping: Keeping;
  metrics: Metrics;
  countOpen: Keep['countOpen'];
  /** Hooks that could not be kept lately. */
  notKept: () => number;
  newId: () => string;
  log: Log;
  signal: AbortSignal;
};

type Ports = { port: number; adminPort: number };

/** One port where people's side is served by the senders' server. */
async function listenOn(server: Server, admin: Server | undefined, { PORT, ADMIN_PORT, HOST }: Config): Promise<Ports> {
  const port = await listen(server, 'PORT', PORT, HOST);
  return { port, adminPort: admin === undefined ? port : await listen(admin, 'ADMIN_PORT', ADMIN_PORT, HOST) };
}

/** Makes both; nothing is received before `open`. */
export async function createServers(parts: ServersParts) {
  const { config, opened, workers, crowd, room, keeping, metrics, countOpen, notKept, newId, log, signal } = parts;
  const { keep, mappings, now } = opened;
  let isLeaving = false;
  let ports: Ports = { port: config.PORT, adminPort: config.ADMIN_PORT };
  const people = createPeoplesSide({
    config,
    opened,
    metrics,
    countOpen,
    notKept,
    keeping,
    checkRoom: room.check,
    origin: () => adminUrl(config, ports.adminPort),
    newId,
    signal,
    log,
    onError: (error) => log.error({ error: describeError(error) }, 'admin.failed'),
  });
  const path = adminPath(config);
  const server = await createSendersServer({
    config,
    keep,
    mappings,
    workers,
    room,
    crowd,
    observeCommit: metrics.observeCommit,
    ready: () => !isLeaving && keeping.isWell(),
    also: path === '' ? [] : [{ path, handler: people.app }],
    now,
    newId,
    log,
  });
  const admin = path === '' ? createAdminServer(people.app) : undefined;
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  return {
    keepAlerting: people.keepAlerting,
    /** Resolves when hooks are received, with both ports and what is reached there. Throws an `OperatorError`. */
    open: async () => {
      ports = await listenOn(server, admin, config);
      await people.welcome();
      return { ...ports, url: `http://${host}:${ports.port}`, adminUrl: `http://${host}:${ports.adminPort}${path}` };
    },
    /** Senders learn that this process goes while it still answers; a balancer sees /readyz and sends no more. */
    leave: async (): Promise<void> => {
      isLeaving = true;
      await waitAtMost(config.DRAIN_SECONDS * 1000, once(server, 'close'));
    },
    /** Requests under way, of senders and of people, may end within `ms` milliseconds. */
    end: async (ms: number): Promise<void> => {
      await Promise.all([server, ...(admin === undefined ? [] : [admin])].map((one) => endRequests(one, ms)));
    },
    /** Once nothing asks any more. */
    close: people.close,
  };
}
