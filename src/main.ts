// Start here: builds the parts, opens the ports, starts the work threads, and stops all of them in order.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { watchOldest } from './admin/alarm.ts';
import { createMetrics } from './admin/metrics.ts';
import type { Config } from './config.ts';
import type { Keep } from './keep/keep.ts';
import { watchKeeping } from './keep/keeping.ts';
import { watchRoom } from './keep/room.ts';
import { steadyClock, watchClock } from './lib/clock.ts';
import { type Crowd, createCrowd } from './lib/crowd.ts';
import { describeError } from './lib/errors.ts';
import { createFresh, inProportion } from './lib/fresh.ts';
import { createIds } from './lib/id.ts';
import type { Log } from './lib/log.ts';
import { metered } from './lib/meter.ts';
import { MINUTE_MS } from './lib/time.ts';
import { STORES } from './map/files/files.ts';
import { type Mappings, watchMappings } from './map/files/mappings.ts';
import { createReload, haveChanged, tellDoubts } from './mapping-reload.ts';
import { type Opened, openAll } from './opening.ts';
import { createReadCompared } from './pages/compared.ts';
import { createCounting } from './road/counting.ts';
import { createNotKept } from './road/not-kept.ts';
import { keepForgetting } from './road/retention.ts';
import { startWorkers } from './road/workers.ts';
import { createServers } from './servers.ts';
import type { Clock } from './types.ts';

/** Threads that are busy while hooks are kept: this one, and the one that writes. */
const OTHER_THREADS = 2;
/** Requests under way may end before the process does; then deliveries under way. */
const STOP_MS = 3_000;
/** Deliveries that wait longer than this are worth a line in the log of their own. */
const WAITING_TOO_LONG_MS = 15 * MINUTE_MS;

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

/** Those who hear what the log is told, and the count that gauges, alarms, alerts and pages share. */
function createListeners({ mappings, keep, hasty, now }: Opened, newId: () => string, plainLog: Log) {
  // Counting what is open takes the longer the more there is.
  const countOpen = createFresh(hasty.countOpen, now, inProportion);
  const readCompared = createReadCompared({ keep: hasty, mappings, now });
  const onError = (error: unknown) => plainLog.error({ error: describeError(error) }, 'admin.failed');
  const metrics = createMetrics({ countOpen, readCompared, now, onError });
  const counting = createCounting({ keep, now, newId, log: plainLog });
  const notKept = createNotKept(now);
  const log = [metrics.hear, counting.hear, notKept.hear].reduce(metered, plainLog);
  return { countOpen, metrics, counting, notKept: notKept.count, log };
}

/** Watches whether hooks can be kept: is there room, and is what is written taken? */
async function watchKeep({ keep, host, now }: Opened, log: Log, signal: AbortSignal) {
  const freeBytes = async () => (await host.room())?.free ?? Number.POSITIVE_INFINITY;
  const room = await watchRoom({ freeBytes, isThere: host.isThere, log, signal });
  const tryIt = async () => {
    room.check();
    await keep.tryWriting();
  };
  return { room, keeping: watchKeeping({ tryIt, now, log, signal }) };
}

/** What each work thread starts with. Where there are processors for all threads, nobody has to give way. */
function workerOptions(config: Config, { texts, connect }: Opened, crowd: Crowd) {
  const isCramped = availableParallelism() < config.WORKERS + OTHER_THREADS;
  return () => ({
    crowd: isCramped ? crowd.memory : undefined,
    env: config.env,
    logLevel: config.LOG_LEVEL,
    encryptionKey: config.ENCRYPTION_KEY,
    allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS,
    publicUrl: config.PUBLIC_URL,
    ports: connect(),
    texts,
  });
}

/** A clock that was set back would leave what is due waiting until it was right again. */
const mendClock = (keep: Pick<Keep, 'pullDue'>, now: Clock, log: Log) => async (ms: number) => {
  log.warn({ seconds: Math.round(ms / 1000) }, 'clock.jumped');
  if (ms < 0)
    await keep
      .pullDue(now(), Math.round(ms))
      .catch((error) => log.error({ error: describeError(error) }, 'clock.not_mended'));
};

const tellAway = (log: Log) => (reason: string, ms: number) =>
  log.warn(
    { error: reason, seconds: ms / 1_000 },
    'database.away: it is waited for; if that takes too long this start ends',
  );

const tellOlder = (log: Log) => (found: number, known: number) =>
  log.warn(
    { from: found, to: known },
    'keep.updating: tables of an older version are changed, which takes minutes where they hold millions of rows; the older version cannot start on them again',
  );

/** Says that hooks are received, and for how many stores. */
function tellReady(
  mappings: Mappings,
  config: Config,
  { port, adminPort }: { port: number; adminPort: number },
  log: Log,
) {
  const stores = mappings.all().length;
  log.info({ port, admin_port: adminPort, stores }, 'service.ready');
  if (stores === 0) log.warn({ folder: join(config.MAPPINGS_DIR, STORES) }, NO_STORES);
}

/** Starts everything; resolves when hooks are received. Throws an `OperatorError` for mistakes in settings or files. */
export async function startService({ config, log: plainLog, onCrash }: ServiceParts): Promise<Service> {
  const ending = new AbortController();
  const { signal } = ending;
  const told = { log: plainLog, onAway: tellAway(plainLog), onOlder: tellOlder(plainLog) };
  const opened = await openAll(config, { ...told, haste: signal });
  const { mappings, keep, now } = opened;
  tellDoubts(mappings, plainLog);
  const newId = createIds(now);
  const { counting, ...listeners } = createListeners(opened, newId, plainLog);
  const { countOpen, metrics, log } = listeners;
  const crowd = createCrowd(now);
  const options = workerOptions(config, opened, crowd);
  const onAttempts = metrics.addAttempts;
  const workers = startWorkers({ count: config.WORKERS, options, newId, now, onCrash, onAttempts });

  const { room, keeping } = await watchKeep(opened, log, signal);
  const servers = await createServers({ ...listeners, config, opened, workers, crowd, room, keeping, newId, signal });
  const beside: Promise<unknown>[] = [room.watching, keeping.watching];
  /** Those who ask end before what they ask; requests and then deliveries under way get `ms` milliseconds each. */
  const end = async (ms: number): Promise<void> => {
    ending.abort();
    await servers.end(ms);
    await workers.stop(ms);
    await Promise.all(beside);
    await servers.close();
    await opened.close();
  };

  const places = await servers.open().catch(async (error: unknown) => {
    // Nothing of a start that fails keeps the process alive, or goes on to send.
    await end(0);
    throw error;
  });
  const folder = config.MAPPINGS_DIR;
  const reload = createReload({ folder, mappings, workers, log });
  beside.push(
    watchMappings(folder, { onChange: reload, isBehind: () => haveChanged(folder, opened) }, signal),
    watchClock({ now, steady: steadyClock, onJump: mendClock(keep, now, log), signal }),
    watchOldest({ countOpen, now, log, limitMs: WAITING_TOO_LONG_MS, signal }),
    counting.keepCounting(signal),
    servers.keepAlerting(),
    keepForgetting({ keep, days: config, now, log, signal }),
    // Whoever looks first, at a page or a gauge, finds it counted.
    countOpen().catch((error) => log.error({ error: describeError(error) }, 'admin.failed')),
  );
  tellReady(mappings, config, places, log);
  const stop = async () => {
    await servers.leave();
    await end(STOP_MS);
    log.info({}, 'service.stopped');
  };
  return { url: places.url, adminUrl: places.adminUrl, reload, stop };
}
