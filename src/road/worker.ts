// A work thread: digests kept hooks and delivers their events, apart from the thread that answers senders.
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createDeliverer } from '../deliver/deliverer.ts';
import { createHttp } from '../deliver/http.ts';
import type { Route as DeliverRoute } from '../deliver/questions.ts';
import { KeepError } from '../keep/error.ts';
import { createKeep } from '../keep/keep.ts';
import { connectDatabase, type Ports } from '../keep/open.ts';
import { watchCrowd } from '../lib/crowd.ts';
import { describeError } from '../lib/errors.ts';
import { createIds } from '../lib/id.ts';
import { createLog } from '../lib/log.ts';
import { createTally, metered, type Tallied } from '../lib/meter.ts';
import { standBack } from '../lib/priority.ts';
import { vaultOf } from '../lib/vault.ts';
import { createMappings, type Texts } from '../map/mappings.ts';
import { mappingParts } from '../mapping-parts.ts';
import { createDigest } from '../pipeline.ts';
import type { Hook } from '../types.ts';
import { BATCH, createClaiming } from './claiming.ts';
import { createComplete } from './complete.ts';
import { refusal } from './digest.ts';
import { createGiveBack } from './give-back.ts';
import { type HandedHooks, unpackHooks } from './handing.ts';
import { createLookups } from './lookups.ts';
import { createComply } from './requests.ts';
import { createSuspects } from './suspects.ts';

/** What the main thread starts a work thread with. */
export type WorkerOptions = {
  env: Record<string, string | undefined>;
  logLevel: string;
  encryptionKey: string | undefined;
  allowPrivate: boolean;
  ports: Ports;
  texts: Texts;
  lease_id: string;
  /** Where the main thread says that it is hard pressed; undefined where there are processors for all threads. */
  crowd: SharedArrayBuffer | undefined;
};
export type ToWorker =
  /** Nothing is worked on before: the mapping files may have changed while the thread was starting. */
  | { kind: 'begin' }
  | { kind: 'hooks'; handed: HandedHooks }
  | { kind: 'mappings'; texts: Texts }
  | { kind: 'resume'; account: string }
  | { kind: 'stop'; deadline: number };
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'done'; count: number }
  /** Attempts since the last such message, by store, destination and outcome. */
  | { kind: 'attempts'; tallied: Tallied };

/** How often the main thread hears how many attempts were made. */
const TELL_MS = 1_000;
/** How long a claim for hooks waits when there was nothing to do. */
const IDLE_MS = 100;
/** How long hooks wait at most while senders queue, and how often that is looked at. */
const GIVE_WAY_MS = 500;
const LOOK_MS = 10;

async function runWorker(options: WorkerOptions, port: MessagePort): Promise<void> {
  const tally = createTally();
  const log = metered(createLog(options.logLevel), (message, { store, destination, outcome }) => {
    if (message === 'delivery.attempted') tally.add(String(store), String(destination), String(outcome));
  });
  const say = (message: FromWorker) => port.postMessage(message);
  const halting = new AbortController();
  const { db, now } = await connectDatabase(options.ports);
  const newId = createIds(now);
  const keep = createKeep({ db, vault: vaultOf(options.encryptionKey) });
  const mappings = createMappings(options.texts, mappingParts(options.env));
  const http = createHttp({ allowPrivate: options.allowPrivate });
  let routes: readonly DeliverRoute[] = mappings.all().flatMap((store) => store.routes);
  const deliverer = createDeliverer({
    questions: keep,
    http,
    routes: () => routes,
    refusal: async ({ store: of, name }, event) => {
      const store = mappings.get(of);
      const route = store?.routes.find((one) => one.name === name);
      return store && route && refusal(route, event, store, now());
    },
    now,
    random: Math.random,
    log,
    newLeaseId: newId,
    signal: halting.signal,
  });
  const lookups = createLookups({ send: http.send, keep, now, log, signal: halting.signal });
  /** Of the hooks that the database failed on it is told once for all, when they are given back. */
  const failed = (error: unknown): void => {
    if (!(error instanceof KeepError)) log.error({ error: describeError(error) }, 'work.failed');
  };
  /** Hooks whose look-ups are under way. */
  const looking = new Set<Promise<void>>();
  const background = (work: Promise<void>): void => {
    const settled = work.catch(failed).finally(() => looking.delete(settled));
    looking.add(settled);
  };
  const complete = createComplete({ lookups, now });
  const comply = createComply({ keep, now, log, signal: halting.signal });
  const giveBack = createGiveBack({ keep, now, log });
  const digest = createDigest({
    stores: mappings,
    keep,
    deliverer,
    complete,
    comply,
    background,
    giveBack,
    now,
    newId,
    log,
  });
  const sift = createSuspects({ keep, now, log });
  const claimed = createClaiming({ keep, sift, digest, giveBack, now, newId });

  const given: Hook[] = [];
  let wake: () => void = () => {};
  const told = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<number>();
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'begin') told.resolve();
    else if (message.kind === 'hooks') given.push(...unpackHooks(message.handed));
    else if (message.kind === 'mappings') {
      mappings.replace(message.texts);
      routes = mappings.all().flatMap((store) => store.routes);
    } else if (message.kind === 'resume')
      void deliverer
        .resume(message.account)
        .catch((error) => log.error({ error: describeError(error) }, 'account.not_resumed'));
    else {
      halting.abort();
      told.resolve();
      stopped.resolve(message.deadline);
    }
    wake();
  });

  /** Waits for hooks from the main thread, for a stop, or until it is time to look for hooks that are due. */
  const rest = (ms: number) => {
    const nap = new AbortController();
    wake = () => nap.abort();
    return sleep(ms, undefined, { signal: nap.signal }).catch(() => undefined);
  };
  const handed = async (): Promise<void> => {
    const hooks = given.splice(0, BATCH).map((hook) => ({ ...hook, attempts: 1 }));
    try {
      await digest(hooks, options.lease_id);
    } finally {
      say({ kind: 'done', count: hooks.length });
    }
  };

  /** Nothing is sent before it is known which accounts are paused. */
  const begin = async (): Promise<void> => {
    while (!halting.signal.aborted) {
      try {
        return await deliverer.start();
      } catch (error) {
        log.error({ error: describeError(error) }, 'work.not_begun');
        await rest(1_000);
      }
    }
  };

  const telling = setInterval(() => say({ kind: 'attempts', tallied: tally.take() }), TELL_MS);
  await begin();
  say({ kind: 'ready' });
  await told.promise;
  // Senders who wait for an answer go before deliveries, which can wait; a start cannot.
  standBack();
  const isCrowded = options.crowd === undefined ? () => false : watchCrowd(now, options.crowd);
  /** While senders queue they get the processors; but work goes on, however slowly. */
  const giveWay = async (): Promise<void> => {
    for (const end = now() + GIVE_WAY_MS; isCrowded() && now() < end && !halting.signal.aborted; ) await rest(LOOK_MS);
  };
  /** The batch that is being written while the next one is mapped. */
  let latest: Promise<unknown> = Promise.resolve();
  /** Begins the next batch, if there is one, and ends with the one before. */
  const follow = async (next: () => Promise<unknown>): Promise<void> => {
    const before = latest;
    latest = next();
    // Whoever follows hears of its failure.
    latest.catch(() => undefined);
    await before;
  };
  const nothing = () => Promise.resolve();
  let lastClaim = 0;
  while (!halting.signal.aborted) {
    try {
      await giveWay();
      await giveBack.settle();
      const mayClaim = given.length === 0 || now() - lastClaim > IDLE_MS;
      await follow(given.length > 0 ? handed : nothing);
      if (!mayClaim) continue;
      await follow(nothing);
      lastClaim = now();
      if (!(await claimed()) && given.length === 0 && !halting.signal.aborted) await rest(IDLE_MS);
    } catch (error) {
      log.error({ error: describeError(error) }, 'work.failed');
      await rest(1_000);
    }
  }
  const deadline = await stopped.promise;
  await latest.catch((error) => log.error({ error: describeError(error) }, 'work.failed'));
  await Promise.all(looking);
  giveBack.owe(given, options.lease_id);
  // What cannot be given back is handed out again when its lease ends.
  await giveBack.release(now()).catch((error) => log.warn({ error: describeError(error) }, 'hooks.not_released'));
  await deliverer.stop({ deadline });
  clearInterval(telling);
  say({ kind: 'attempts', tallied: tally.take() });
  await http.close();
  await db.close();
  port.close();
}

if (parentPort !== null) await runWorker(workerData, parentPort);
