// Start here: builds the parts, runs the server and the work threads, and stops both in order.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { isPublicAddress } from './deliver/address.ts';
import { createBatcher } from './keep/batch.ts';
import type { NewHook } from './keep/hooks.ts';
import { createKeep } from './keep/keep.ts';
import { openSqlite } from './keep/sqlite.ts';
import { systemClock } from './lib/clock.ts';
import { describeError, OperatorError } from './lib/errors.ts';
import { newId } from './lib/id.ts';
import type { Log } from './lib/log.ts';
import { vaultOf } from './lib/vault.ts';
import { formatProblem, readMappings } from './map/files.ts';
import { createMappings, watchMappings } from './map/mappings.ts';
import { mappingParts } from './mapping-parts.ts';
import { createAccept } from './pipeline.ts';
import { createFetchKey } from './receive/fetch-key.ts';
import { createReceiver } from './receive/server.ts';
import { startWorkers } from './workers.ts';

const IN_FLIGHT_BYTES = 64_000_000;
/** Requests under way may end before the process does. */
const STOP_MS = 8_000;

export type Service = {
  /** Where hooks are received. */
  url: string;
  stop: () => Promise<void>;
};
export type ServiceParts = { config: Config; log: Log; onCrash: (error: unknown) => void };

/** Mapping mistakes at start end it: an operator is there to see them. */
function refuseProblems(problems: Parameters<typeof formatProblem>[0][]): void {
  if (problems.length === 0) return;
  const lines = problems.map(formatProblem).join('\n');
  throw new OperatorError(
    'MAPPINGS',
    `${problems.length} mistakes in mapping files:\n${lines}\n`,
    'mend them; `tagbridge check` shows them again',
  );
}

/** Starts everything; resolves when hooks are received. Throws an `OperatorError` for mistakes in settings or files. */
export async function startService({ config, log, onCrash }: ServiceParts): Promise<Service> {
  const texts = await readMappings(config.MAPPINGS_DIR);
  const mappings = createMappings(texts, mappingParts(config.env));
  refuseProblems([...mappings.problems()]);
  const vault = vaultOf(config.ENCRYPTION_KEY);
  const sqlite = await openSqlite({ path: join(config.DATA_DIR, 'tagbridge.db') });
  const keep = createKeep({ db: sqlite.db, vault });
  await keep.releaseAllLeases(systemClock());
  const options = () => ({
    env: config.env,
    logLevel: config.LOG_LEVEL,
    encryptionKey: config.ENCRYPTION_KEY,
    allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS,
    ports: sqlite.connect(),
    texts,
  });
  const workers = await startWorkers({ count: config.WORKERS, options, newId, now: systemClock, onCrash });

  const keepOne = createBatcher((hooks: NewHook[]) => keep.keepHooks(hooks));
  const isAllowed = config.ALLOW_PRIVATE_DESTINATIONS ? () => true : isPublicAddress;
  const accept = createAccept({
    stores: mappings,
    keep: keepOne,
    worker: workers,
    publicUrl: config.PUBLIC_URL,
    fetchKey: createFetchKey({ isAllowed, now: systemClock }),
    now: systemClock,
    newId,
    log,
  });
  let ready = true;
  const server = createReceiver({
    accept,
    knows: (store, source) => mappings.get(store)?.sources.has(source) === true,
    maxBodyBytes: config.MAX_BODY_BYTES,
    maxInFlightBytes: IN_FLIGHT_BYTES,
    ready: () => ready,
    onError: (error) => log.error({ error: describeError(error) }, 'receive.failed'),
  });
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');

  const stopping = new AbortController();
  const watching = watchMappings(
    config.MAPPINGS_DIR,
    (next) => {
      const { problems } = mappings.replace(next);
      for (const problem of problems) log.error({ problem: formatProblem(problem) }, 'mappings.broken');
      workers.setMappings(next);
      log.info({ stores: mappings.all().length, problems: problems.length }, 'mappings.loaded');
    },
    stopping.signal,
  );

  const { port } = server.address() as AddressInfo;
  log.info({ port, stores: mappings.all().length }, 'service.ready');
  const stop = async () => {
    ready = false;
    stopping.abort();
    server.close();
    server.closeIdleConnections();
    await Promise.race([once(server, 'close'), new Promise((resolve) => setTimeout(resolve, STOP_MS / 2).unref())]);
    server.closeAllConnections();
    await workers.stop(STOP_MS / 2);
    await watching;
    await sqlite.close();
    log.info({}, 'service.stopped');
  };
  return { url: `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`, stop };
}
