// People's side: pages, the API and metrics, and the alerts that tell people when nobody looks.
import type { Metrics } from '../admin/metrics.ts';
import { createAdminApp } from '../admin/server.ts';
import { createHeartbeat } from '../alert/heartbeat.ts';
import { adminPath, type Config } from '../config.ts';
import { createHttp } from '../deliver/http.ts';
import type { Keep } from '../keep/keep.ts';
import type { Keeping } from '../keep/keeping.ts';
import type { Log } from '../lib/log.ts';
import type { Opened } from '../opening.ts';
import { createAlerting } from './alerting.ts';
import { createPeople } from './people.ts';

export type PeoplesSideParts = {
  config: Config;
  opened: Opened;
  newId: () => string;
  log: Log;
  metrics: Metrics;
  countOpen: Keep['countOpen'];
  notKept: () => number;
  keeping: Keeping;
  checkRoom: () => void;
  /** Where people reach the pages; known once the port is. */
  origin: () => string;
  onError: (error: unknown) => void;
  signal: AbortSignal;
};

/** What is served to people, and what goes on beside it until `signal`. */
export function createPeoplesSide({ config, opened, newId, log, ...parts }: PeoplesSideParts) {
  const { keep, hasty, host, mappings, now } = opened;
  const { metrics, countOpen, notKept, keeping, checkRoom, origin, onError, signal } = parts;
  // Requests of the pages are few; the work threads have clients of their own.
  const http = createHttp({ allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, connections: 8 });
  const ownHttp = createHttp({ allowPrivate: true, connections: 2 });
  const { HEARTBEAT_URL: url } = config;
  const heartbeat = url === undefined ? undefined : createHeartbeat({ url, send: ownHttp.send, now, signal, log });
  const alerting = createAlerting({
    keep: { ...keep, countOpen },
    host,
    keeping,
    mappings,
    config,
    http,
    ownHttp,
    heartbeat,
    now,
    newId,
    signal,
    log,
  });
  const people = createPeople({
    alerting,
    keep: { ...hasty, countOpen },
    mappings,
    config,
    http,
    origin,
    checkRoom,
    notKept,
    now,
    newId,
    signal,
    log,
    onError,
  });
  const { METRICS_TOKEN: metricsToken, ADMIN_PROXIES: trustProxy } = config;
  // On one port the proxy before the hooks reaches the pages too.
  const addresses = [config.ADMIN_URL, adminPath(config) === '' ? undefined : config.PUBLIC_URL];
  const isProxied = addresses.some((address) => address?.startsWith('https:'));
  const app = createAdminApp({ metrics, metricsToken, isProxied, pages: people.pages, trustProxy, onError });
  const close = async () => {
    await Promise.all([http.close(), ownHttp.close()]);
  };
  return { app, welcome: people.welcome, keepAlerting: alerting.keepAlerting, close };
}
