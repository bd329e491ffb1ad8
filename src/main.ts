// Start here: builds the parts, runs the server and the work threads, and stops both in order.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { watchOldest } from './admin/alarm.ts';
import { createMetrics, type Metrics } from './admin/metrics.ts';
import { createAdminApp, createAdminServer } from './admin/server.ts';
import { adminPath, adminUrl, type Config } from './config.ts';
import { createHttp } from './deliver/http.ts';
import { createKeep, type Keep } from './keep/keep.ts';
import { type Keeping, watchKeeping } from './keep/keeping.ts';
import { openDatabase } from './keep/open.ts';
import { watchRoom } from './keep/room.ts';
import { steadyClock, watchClock } from './lib/clock.ts';
import { type Crowd, createCrowd } from './lib/crowd.ts';
import { describeError, OperatorError } from './lib/errors.ts';
import { createFresh, inProportion } from './lib/fresh.ts';
import { createIds } from './lib/id.ts';
import { endRequests, listen } from './lib/listen.ts';
import type { Log } from './lib/log.ts';
import { metered } from './lib/meter.ts';
import { vaultOf } from './lib/vault.ts';
import { waitAtMost } from './lib/wait.ts';
import { formatProblem, type Problem, readMappings, STORES } from './map/files.ts';
import { createMappings, watchMappings } from './map/mappings.ts';
import { usedTexts } from './map/used.ts';
import { mappingParts } from './mapping-parts.ts';
import { createReload, tellDoubts } from './mapping-reload.ts';
import { createAlerting } from './pages/alerting.ts';
import { createPeople } from './pages/people.ts';
import { createCounting } from './road/counting.ts';
import { createNotKept } from './road/not-kept.ts';
import { createSendersServer } from './road/receiving.ts';
import { keepForgetting } from './road/retention.ts';
import { startWorkers } from './road/workers.ts';
import type { Clock } from './types.ts';

/** Threads that are busy while hooks are kept: this one, and the one that writes. */
const OTHER_THREADS = 2;
/** Requests under way may end before the process does. */
const STOP_MS = 6_000;
/** Deliveries that wait longer than this are worth a line in the log of their own. */
const WAITING_TOO_LONG_MS = 15 * 60_000;

const NO_STORES = 'mappings.no_stores: no store file is there, so every hook is answered with 404';

export type Service = {
  /** Where hooks are received. */
  url: string;
  /** Where pages and metrics are. */
  adminUrl: string;
  /** Reads the mapping files again; broken ones do not replace good ones. Never rejects: the log says what is wrong. */
  reload: () => Promise<void>;
  stop: () => Promise<void>;
};
export type ServiceParts = { config: Config; log: Log; onCrash: (error: unknown) => void };

/** Mapping mistakes at start end it: an operator is there to see them. */
function refuseProblems(problems: readonly Problem[]): never {
  const lines = problems.map(formatProblem).join('\n');
  throw new OperatorError(
    'MAPPINGS',
    `${problems.length} mistakes in mapping files:\n${lines}\n`,
    'mend them; `tagbridge check` shows them again',
  );
}

/** Opens what hooks are kept in; a key that does not open it, or another process that has it for itself, ends the start. */
async function openKeep({ DATABASE_URL, DATA_DIR, ENCRYPTION_KEY }: Config) {
  const vault = vaultOf(ENCRYPTION_KEY);
  const database = await openDatabase({ url: DATABASE_URL, folder: DATA_DIR });
  const keep = createKeep({ db: database.db, vault });
  try {
    await keep.checkVault();
    await database.begin();
    return { ...database, keep, hasty: createKeep({ db: database.hasty, vault }) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens what hooks are kept in, and loads the mapping files. */
async function openAll(config: Config) {
  const texts = usedTexts(await readMappings(config.MAPPINGS_DIR));
  // The database opens in threads of its own, while the mappings are compiled in this one.
  const opening = openKeep(config);
  const mappings = createMappings(texts, mappingParts(config.env, { allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS }));
  const opened = await opening;
  if (mappings.problems().length === 0) return { texts, mappings, ...opened };
  await opened.close();
  return refuseProblems(mappings.problems());
}
type Opened = Awaited<ReturnType<typeof openAll>>;

/** What each work thread starts with. Where there are processors for all threads, nobody has to give way. */
function workerOptions(config: Config, { texts, connect }: Opened, crowd: Crowd) {
  const isCramped = availableParallelism() < config.WORKERS + OTHER_THREADS;
  return () => ({
    crowd: isCramped ? crowd.memory : undefined,
    env: config.env,
    logLevel: config.LOG_LEVEL,
    encryptionKey: config.ENCRYPTION_KEY,
    allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS,
    ports: connect(),
    texts,
  });
}

type PeoplesSide = {
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

/** People's side: pages, the API and metrics, and the alerts that tell them when nobody looks. */
function createPeoplesSide({ config, opened, newId, log, ...parts }: PeoplesSide) {
  const { keep, hasty, host, mappings, now } = opened;
  const { metrics, countOpen, notKept, keeping, checkRoom, origin, onError, signal } = parts;
  // Requests of the pages are few; the work threads have clients of their own.
  const http = createHttp({ allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, connections: 8 });
  const watched = { ...keep, countOpen };
  const alerting = createAlerting({ keep: watched, host, keeping, mappings, config, http, now, newId, signal, log });
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
  const app = createAdminApp({ metrics, metricsToken, pages: people.pages, trustProxy, onError });
  return { app, welcome: people.welcome, keepAlerting: alerting.keepAlerting, close: http.close };
}

/** One port where people's side is served by the senders' server. */
async function listenOn(server: Server, admin: Server | undefined, { PORT, ADMIN_PORT, HOST }: Config) {
  const port = await listen(server, 'PORT', PORT, HOST);
  return { port, adminPort: admin === undefined ? port : await listen(admin, 'ADMIN_PORT', ADMIN_PORT, HOST) };
}

/** A clock that was set back would leave what is due waiting until it was right again. */
const mendClock = (keep: Pick<Keep, 'pullDue'>, now: Clock, log: Log) => async (ms: number) => {
  log.warn({ seconds: Math.round(ms / 1000) }, 'clock.jumped');
  if (ms < 0)
    await keep
      .pullDue(now(), Math.round(ms))
      .catch((error) => log.error({ error: describeError(error) }, 'clock.not_mended'));
};

/** Starts everything; resolves when hooks are received. Throws an `OperatorError` for mistakes in settings or files. */
export async function startService({ config, log: plainLog, onCrash }: ServiceParts): Promise<Service> {
  const opened = await openAll(config);
  const { mappings, keep, now, host } = opened;
  const newId = createIds(now);
  tellDoubts(mappings, plainLog);
  // Counting what is open takes the longer the more there is: gauges, alarms, alerts and pages share one count.
  const countOpen = createFresh(keep.countOpen, now, inProportion);
  const metrics = createMetrics({ countOpen, now });
  const counting = createCounting({ keep, now, newId, log: plainLog });
  const notKept = createNotKept(now);
  const log = [metrics.hear, counting.hear, notKept.hear].reduce(metered, plainLog);
  const crowd = createCrowd(now);
  const options = workerOptions(config, opened, crowd);
  const workers = startWorkers({
    count: config.WORKERS,
    options,
    newId,
    now,
    onCrash,
    onAttempts: metrics.addAttempts,
  });

  const ending = new AbortController();
  const { signal } = ending;
  const freeBytes = async () => (await host.room())?.free ?? Number.POSITIVE_INFINITY;
  const room = await watchRoom({ freeBytes, isThere: host.isThere, log, signal });
  const tryKeeping = async () => {
    room.check();
    await keep.tryWriting();
  };
  const keeping = watchKeeping({ tryIt: tryKeeping, now, log, signal });
  let stopping = false;
  let ports = { port: config.PORT, adminPort: config.ADMIN_PORT };
  const onError = (error: unknown) => log.error({ error: describeError(error) }, 'admin.failed');
  const people = createPeoplesSide({
    config,
    opened,
    metrics,
    countOpen,
    notKept: notKept.count,
    keeping,
    checkRoom: room.check,
    origin: () => adminUrl(config, ports.adminPort),
    newId,
    signal,
    log,
    onError,
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
    ready: () => !stopping && keeping.isWell(),
    also: path === '' ? [] : [{ path, handler: people.app }],
    now,
    newId,
    log,
  });
  const admin = path === '' ? createAdminServer(people.app) : undefined;
  /** Nothing of a start that fails keeps the process alive, or goes on to send. */
  const giveUp = async (error: unknown): Promise<never> => {
    ending.abort();
    for (const one of [server, admin]) one?.close().closeAllConnections();
    await workers.stop(0);
    await Promise.all([room.watching, keeping.watching, people.close()]);
    await opened.close();
    throw error;
  };
  ports = await listenOn(server, admin, config).catch(giveUp);
  await people.welcome().catch(giveUp);
  // Whoever looks first, at a page or a gauge, finds it counted.
  countOpen().catch(onError);

  const reload = createReload({ folder: config.MAPPINGS_DIR, mappings, workers, log });
  const beside = Promise.all([
    watchMappings(config.MAPPINGS_DIR, reload, signal),
    watchClock({ now, steady: steadyClock, onJump: mendClock(keep, now, log), signal }),
    watchOldest({ countOpen, now, log, limitMs: WAITING_TOO_LONG_MS, signal }),
    counting.keepCounting(signal),
    people.keepAlerting(),
    keepForgetting({ keep, days: config, now, log, signal }),
  ]);

  const stores = mappings.all().length;
  log.info({ port: ports.port, admin_port: ports.adminPort, stores }, 'service.ready');
  if (stores === 0) log.warn({ folder: join(config.MAPPINGS_DIR, STORES) }, NO_STORES);
  const stop = async () => {
    stopping = true;
    // Senders learn that this process goes while it still answers; a balancer sees /readyz and sends no more.
    await waitAtMost(config.DRAIN_SECONDS * 1000, once(server, 'close'));
    ending.abort();
    admin?.close();
    admin?.closeAllConnections();
    await endRequests(server, STOP_MS / 2);
    await workers.stop(STOP_MS / 2);
    await Promise.all([beside, room.watching, keeping.watching]);
    await people.close();
    await opened.close();
    log.info({}, 'service.stopped');
  };
  const urlOf = (at: number) => `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${at}`;
  return { url: urlOf(ports.port), adminUrl: urlOf(ports.adminPort) + path, reload, stop };
}
