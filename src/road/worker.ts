// A work thread: digests kept hooks and delivers their events, apart from the thread that answers senders.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createDeliverer, type Deliverer } from '../deliver/deliverer.ts';
import { createHttp } from '../deliver/http.ts';
import { createSender } from '../deliver/sender.ts';
import { KeepError } from '../keep/error.ts';
import { createKeep } from '../keep/keep.ts';
import { connectDatabase, type Ports } from '../keep/open.ts';
import { createBackground } from '../lib/background.ts';
import { steadyClock } from '../lib/clock.ts';
import { watchCrowd } from '../lib/crowd.ts';
import { describeError } from '../lib/errors.ts';
import { createIds } from '../lib/id.ts';
import { createLog, type Log } from '../lib/log.ts';
import { createTally, type Heard, metered, type Tallied } from '../lib/meter.ts';
import { standBack } from '../lib/priority.ts';
import { vaultOf } from '../lib/vault.ts';
import type { Texts } from '../map/files/files.ts';
import { createMappings } from '../map/files/mappings.ts';
import { mappingParts } from '../mapping-parts.ts';
import { createDigest } from '../pipeline.ts';
import { BATCH, createClaiming } from './claiming.ts';
import { createComplete } from './complete.ts';
import { createGiveBack } from './give-back.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { createLookups } from './lookups.ts';
import { createAskingQuality } from './quality.ts';
import { createReconcile } from './reconcile.ts';
import { createReconciling } from './reconciling.ts';
import { createRecount } from './recount.ts';
import { createRecounting } from './recounting.ts';
import { createComply } from './requests.ts';
import { workInRounds } from './rounds.ts';
import { createRouting } from './routing.ts';
import { createSuspects } from './suspects.ts';
import { createWatchingWebhooks } from './watching-webhooks.ts';
import { createAskWebhooks, takesHooks } from './webhooks.ts';

/** What the main thread starts a work thread with. */
export type WorkerOptions = {
  env: Record<string, string | undefined>;
  logLevel: string;
  encryptionKey: string | undefined;
  allowPrivate: boolean;
  publicUrl: string | undefined;
  ports: Ports;
  texts: Texts;
  lease_id: string;
  /** Where the main thread says that it is hard pressed; undefined where there are processors for all threads. */
  crowd: SharedArrayBuffer | undefined;
};
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'done'; count: number }
  /** Attempts since the last such message, by store, destination and outcome. */
  | { kind: 'attempts'; tallied: Tallied };

/** How often the main thread hears how many attempts were made. */
const TELL_MS = 1_000;
const BEGIN_AGAIN_MS = 1_000;

/** The second half of the road as this thread goes it, over a database connection and an HTTP client of its own. */
async function openRoad(options: WorkerOptions, log: Log, signal: AbortSignal) {
  const { db, now } = await connectDatabase(options.ports, signal);
  const newId = createIds(now);
  const keep = createKeep({ db, vault: vaultOf(options.encryptionKey) });
  const mappings = createMappings(options.texts, mappingParts(options.env));
  const http = createHttp({ allowPrivate: options.allowPrivate });
  const deliverer = createDeliverer({
    questions: keep,
    http,
    ...createRouting(mappings, now),
    now,
    random: Math.random,
    log,
    newLeaseId: newId,
    signal,
  });
  /** Hooks whose look-ups or requests are under way. */
  const background = createBackground();
  /** Of the hooks that the database failed on it is told once for all, when they are given back. */
  const failed = (error: unknown): void => {
    if (!(error instanceof KeepError)) log.error({ error: describeError(error) }, 'work.failed');
  };
  const giveBack = createGiveBack({ keep, now, log });
  const lookups = createLookups({ send: http.send, keep, now, log, signal });
  const reconcile = createReconcile({ lookups, keep, now, newId, signal });
  const reconciling = createReconciling({ stores: mappings, keep, reconcile, now, newId, log, signal });
  const send = createSender({ http, now });
  const recount = createRecount({ send, keep, now, signal });
  const recounting = createRecounting({ stores: mappings, keep, recount, now, newId, log, signal });
  const quality = createAskingQuality({ stores: mappings, keep, send, now, newId, log, signal });
  const { publicUrl } = options;
  const knows = (place: string) => takesHooks(mappings.all(), place);
  const askWebhooks = createAskWebhooks({ lookups, keep, now, signal, publicUrl, knows });
  const webhooks = createWatchingWebhooks({ stores: mappings, keep, askWebhooks, now, newId, log, signal });
  const digest = createDigest({
    stores: mappings,
    keep,
    deliverer,
    complete: createComplete({ lookups, keep, now }),
    comply: createComply({ keep, now, log, signal }),
    background: (work) => background.begin(work, failed),
    giveBack,
    now,
    newId,
    log,
  });
  const sift = createSuspects({ keep, now, log });
  const claimed = createClaiming({ keep, sift, digest, giveBack, now, newId });
  const close = async (): Promise<void> => {
    await http.close();
    await db.close();
  };
  const keepAsking = (): Promise<unknown> =>
    Promise.all([
      reconciling.keepReconciling(),
      recounting.keepRecounting(),
      webhooks.keepWatching(),
      quality.keepAsking(),
    ]);
  return { mappings, deliverer, digest, claimed, giveBack, background, keepAsking, now, close };
}

/** Nothing is sent before it is known which accounts are paused. */
async function beginToDeliver(
  deliverer: Pick<Deliverer, 'start'>,
  { rest }: Pick<Inbox, 'rest'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await deliverer.start();
    } catch (error) {
      log.error({ error: describeError(error) }, 'work.not_begun');
      await rest(BEGIN_AGAIN_MS);
    }
  }
}

async function runWorker(options: WorkerOptions, port: MessagePort): Promise<void> {
  const tally = createTally();
  const count: Heard = (message, { store, destination, outcome }) => {
    if (message === 'delivery.attempted') tally.add(String(store), String(destination), String(outcome));
  };
  const log = metered(createLog(options.logLevel), count);
  const halting = new AbortController();
  const { signal } = halting;
  const road = await openRoad(options, log, signal);
  const { mappings, deliverer, digest, claimed, giveBack, background, now, close } = road;
  const notResumed = (error: unknown): void => log.error({ error: describeError(error) }, 'account.not_resumed');
  const inbox = openInbox({
    port,
    setMappings: mappings.replace,
    resume: (account) => void deliverer.resume(account).catch(notResumed),
    halt: () => halting.abort(),
  });
  const say = (message: FromWorker) => port.postMessage(message);
  const tell = () => say({ kind: 'attempts', tallied: tally.take() });
  const handed = async (): Promise<void> => {
    const hooks = inbox.take(BATCH).map((hook) => ({ ...hook, attempts: 1 }));
    try {
      await digest(hooks, options.lease_id);
    } finally {
      say({ kind: 'done', count: hooks.length });
    }
  };

  const telling = setInterval(tell, TELL_MS);
  await beginToDeliver(deliverer, inbox, log, signal);
  say({ kind: 'ready' });
  await inbox.begun;
  // Senders who wait for an answer go before deliveries, which can wait; a start cannot.
  standBack();
  const beside = road.keepAsking();
  const isCrowded = options.crowd === undefined ? () => false : watchCrowd(now, options.crowd);
  await workInRounds({ inbox, handed, claimed, giveBack, isCrowded, now: steadyClock, log, signal });

  const deadline = await inbox.stopped;
  await Promise.all([background.ended(), beside]);
  giveBack.owe(inbox.take(), options.lease_id);
  // What cannot be given back is handed out again when its lease ends.
  await giveBack.release(now()).catch((error) => log.warn({ error: describeError(error) }, 'hooks.not_released'));
  await deliverer.stop({ deadline });
  clearInterval(telling);
  tell();
  await close();
  port.close();
}

if (parentPort !== null) await runWorker(workerData, parentPort);
