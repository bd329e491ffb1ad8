// Start here: builds the parts, runs the server and the work threads, and stops both in order.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchOldest } from './admin/alarm.ts';
import { createMetrics } from './admin/metrics.ts';
import { createAdminApp, createAdminServer } from './admin/server.ts';
import { adminPath, adminUrl, type Config } from './config.ts';
import { isPublicAddress } from './deliver/address.ts';
import { createHttp } from './deliver/http.ts';
import { createBatcher } from './keep/batch.ts';
import type { NewHook } from './keep/hooks.ts';
import { createKeep } from './keep/keep.ts';
import { openDatabase } from './keep/open.ts';
import { watchRoom } from './keep/room.ts';
import { steadyClock, watchClock } from './lib/clock.ts';
import { createCrowd } from './lib/crowd.ts';
import { describeError, OperatorError } from './lib/errors.ts';
import { createFresh, inProportion } from './lib/fresh.ts';
import { createIds } from './lib/id.ts';
import { listen } from './lib/listen.ts';
import type { Log } from './lib/log.ts';
import { metered } from './lib/meter.ts';
import { openFilesLimit } from './lib/open-files.ts';
import { vaultOf } from './lib/vault.ts';
import { formatProblem, type Problem, readMappings, STORES } from './map/files.ts';
import { createMappings, type Mappings, type Texts, watchMappings } from './map/mappings.ts';
import { usedTexts } from './map/used.ts';
import { mappingParts } from './mapping-parts.ts';
import { createAlerting } from './pages/alerting.ts';
import { createPeople } from './pages/people.ts';
import { createAccept } from './pipeline.ts';
import { createFetchKey } from './receive/fetch-key.ts';
import { createReceiver } from './receive/server.ts';
import { createVisitRoutes } from './receive/visits.ts';
import { createCapture } from './road/capture.ts';
import { createCounting } from './road/counting.ts';
import { createNotKept } from './road/not-kept.ts';
import { keepForgetting } from './road/retention.ts';
import { startWorkers } from './road/workers.ts';

/** Threads that are busy while hooks are kept: this one, and the one that writes. */
const OTHER_THREADS = 2;
const IN_FLIGHT_BYTES = 32_000_000;
const MAX_CONNECTIONS = 8_000;
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

function warnOf(mappings: Mappings, log: Log): void {
  for (const warning of mappings.warnings()) log.warn({ warning: formatProblem(warning) }, 'mappings.doubtful');
}

const isPatient = (ms: number, until: Promise<unknown>): Promise<unknown> => {
  const patience = new AbortController();
  const waited = sleep(ms, undefined, { signal: patience.signal, ref: false }).catch(() => undefined);
  return Promise.race([until, waited]).finally(() => patience.abort());
};

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

/** Senders get no more than half of what may be open: the database, the deliveries and the pages need the rest. */
const connectionsLimit = async (): Promise<number> =>
  Math.min(MAX_CONNECTIONS, Math.floor(((await openFilesLimit()) ?? Number.POSITIVE_INFINITY) / 2));

/** Starts everything; resolves when hooks are received. Throws an `OperatorError` for mistakes in settings or files. */
export async function startService({ config, log: plainLog, onCrash }: ServiceParts): Promise<Service> {
  const texts = usedTexts(await readMappings(config.MAPPINGS_DIR));
  // The database opens in threads of its own, while the mappings are compiled in this one.
  const opening = openKeep(config);
  const mappings = createMappings(texts, mappingParts(config.env, { allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS }));
  const { keep, hasty, connect, now, host, close } = await opening;
  const newId = createIds(now);
  if (mappings.problems().length > 0) {
    await close();
    refuseProblems(mappings.problems());
  }
  warnOf(mappings, plainLog);
  // Counting what is open takes the longer the more there is: gauges, alarms, alerts and pages share one count.
  const countOpen = createFresh(keep.countOpen, now, inProportion);
  const watched = { ...keep, countOpen };
  const metrics = createMetrics({ countOpen, now });
  const counting = createCounting({ keep, now, newId, log: plainLog });
  const notKept = createNotKept(now);
  const log = [metrics.hear, counting.hear, notKept.hear].reduce(metered, plainLog);
  const isCramped = availableParallelism() < config.WORKERS + OTHER_THREADS;
  const crowd = createCrowd(now);
  const options = () => ({
    crowd: isCramped ? crowd.memory : undefined,
    env: config.env,
    logLevel: config.LOG_LEVEL,
    encryptionKey: config.ENCRYPTION_KEY,
    allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS,
    ports: connect(),
    texts,
  });
  const onAttempts = metrics.addAttempts;
  const workers = startWorkers({ count: config.WORKERS, options, newId, now, onCrash, onAttempts });

  const ending = new AbortController();
  const { signal } = ending;
  const freeBytes = async () => (await host.room())?.free ?? Number.POSITIVE_INFINITY;
  const room = await watchRoom({ freeBytes, isThere: host.isThere, log, signal });
  const keepOne = createBatcher(async (hooks: NewHook[]) => {
    room.check();
    crowd.see();
    const began = performance.now();
    const kept = await keep.keepHooks(hooks);
    metrics.observeCommit(performance.now() - began);
    return kept;
  });
  const isAllowed = config.ALLOW_PRIVATE_DESTINATIONS ? () => true : isPublicAddress;
  const accept = createAccept({
    stores: mappings,
    keep: keepOne,
    worker: workers,
    publicUrl: config.PUBLIC_URL,
    fetchKey: createFetchKey({ isAllowed, now }),
    now,
    newId,
    log,
  });
  let adminPort = config.ADMIN_PORT;
  // Requests of the pages are few; the work threads have clients of their own.
  const http = createHttp({ allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, connections: 8 });
  const onAdminError = (error: unknown) => log.error({ error: describeError(error) }, 'admin.failed');
  const alerting = createAlerting({ keep: watched, host, mappings, config, http, now, newId, signal, log });
  const people = createPeople({
    alerting,
    keep: { ...hasty, countOpen },
    mappings,
    config,
    http,
    origin: () => adminUrl(config, adminPort),
    checkRoom: room.check,
    notKept: notKept.count,
    now,
    newId,
    signal,
    log,
    onError: onAdminError,
  });
  const app = createAdminApp({
    metrics,
    metricsToken: config.METRICS_TOKEN,
    pages: people.pages,
    trustProxy: config.ADMIN_PROXIES,
    onError: onAdminError,
  });
  let stopping = false;
  const path = adminPath(config);
  const visits = createVisitRoutes(createCapture({ stores: mappings, keep, now, log }));
  const server = createReceiver({
    accept,
    knows: (store, source) => mappings.get(store)?.sources.get(source)?.entered === false,
    maxBodyBytes: config.MAX_BODY_BYTES,
    maxInFlightBytes: IN_FLIGHT_BYTES,
    maxConnections: await connectionsLimit(),
    proxies: config.PROXIES,
    ready: () => !stopping,
    also: [{ path: '/t', handler: visits }, ...(path === '' ? [] : [{ path, handler: app }])],
    onError: (error) => log.error({ error: describeError(error) }, 'receive.failed'),
  });
  const admin = path === '' ? createAdminServer(app) : undefined;
  /** Nothing of a start that fails keeps the process alive, or goes on to send. */
  const giveUp = async (error: unknown): Promise<never> => {
    ending.abort();
    for (const one of [server, admin]) one?.close().closeAllConnections();
    await workers.stop(0);
    await Promise.all([room.watching, http.close()]);
    await close();
    throw error;
  };
  const port = await listen(server, 'PORT', config.PORT, config.HOST).catch(giveUp);
  adminPort =
    admin === undefined ? port : await listen(admin, 'ADMIN_PORT', config.ADMIN_PORT, config.HOST).catch(giveUp);
  await people.welcome().catch(giveUp);
  // Whoever looks first, at a page or a gauge, finds it counted.
  countOpen().catch(onAdminError);

  const use = (next: Texts) => {
    const used = usedTexts(next);
    const { problems } = mappings.replace(used);
    for (const problem of problems) log.error({ problem: formatProblem(problem) }, 'mappings.broken');
    warnOf(mappings, log);
    workers.setMappings(used);
    log.info({ stores: mappings.all().length, problems: problems.length }, 'mappings.loaded');
  };
  // What goes wrong here leaves in use what was, and hooks are received all the same.
  const reload = async () => {
    try {
      use(await readMappings(config.MAPPINGS_DIR));
    } catch (error) {
      log.error({ error: describeError(error) }, 'mappings.not_loaded');
    }
  };
  const watching = watchMappings(config.MAPPINGS_DIR, reload, signal);
  const onJump = async (ms: number) => {
    log.warn({ seconds: Math.round(ms / 1000) }, 'clock.jumped');
    if (ms < 0)
      await keep.pullDue(now()).catch((error) => log.error({ error: describeError(error) }, 'clock.not_mended'));
  };
  const jumps = watchClock({ now, steady: steadyClock, onJump, signal });
  const alarm = watchOldest({ countOpen, now, log, limitMs: WAITING_TOO_LONG_MS, signal });

  const counted = counting.keepCounting(signal);
  const alerted = alerting.keepAlerting();
  const forgetting = keepForgetting({ keep, days: config, now, log, signal });

  const stores = mappings.all().length;
  log.info({ port, admin_port: adminPort, stores }, 'service.ready');
  if (stores === 0) log.warn({ folder: join(config.MAPPINGS_DIR, STORES) }, NO_STORES);
  const stop = async () => {
    stopping = true;
    // Senders learn that this process goes while it still answers; a balancer sees /readyz and sends no more.
    await isPatient(config.DRAIN_SECONDS * 1000, once(server, 'close'));
    ending.abort();
    admin?.close();
    admin?.closeAllConnections();
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await isPatient(STOP_MS / 2, closed);
    server.closeAllConnections();
    await workers.stop(STOP_MS / 2);
    await Promise.all([watching, alarm, forgetting, counted, alerted, room.watching, jumps]);
    await http.close();
    await close();
    log.info({}, 'service.stopped');
  };
  const origin = (at: number) => `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${at}`;
  return { url: origin(port), adminUrl: origin(adminPort) + path, reload, stop };
}
