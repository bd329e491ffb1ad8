// One work thread as the main thread sees it: how it is started, what it has to do, and what it says.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { movable } from '../keep/open.ts';
import type { Tallied } from '../lib/meter.ts';
import type { Hook } from '../types.ts';
import type { ToWorker } from './inbox.ts';
import type { FromWorker, WorkerOptions } from './worker.ts';

/** Room for short-lived objects, which V8 would let grow to hundreds of MB before it clears up. */
const YOUNG_MB = 9;

export type ThreadParts = {
  options: () => Omit<WorkerOptions, 'lease_id'>;
  newId: () => string;
  /** A work thread ended by itself: a bug, after which the process must start afresh. */
  onCrash: (error: unknown) => void;
  onAttempts: (tallied: Tallied) => void;
  /** Threads that end are meant to. */
  isStopping: () => boolean;
};

export type Thread = {
  lease_id: string;
  /** Hooks that it has to work on, or that have a place with it. */
  out: number;
  /** Hooks to be handed over at the end of this turn of the event loop. */
  bag: Hook[];
  /** Seconds since it last said something. */
  silent: number;
  tell: (message: ToWorker, moved?: ArrayBuffer[]) => void;
  /** Resolves when it may be told to begin; rejects if it ended before. */
  ready: Promise<void>;
  /** Resolves when it ended. */
  stopped: Promise<void>;
};

/** Starts one; what it is told before it is ready it hears then. */
export function startThread({ options, newId, onCrash, onAttempts, isStopping }: ThreadParts): Thread {
  const { ports, ...rest } = options();
  const lease_id = newId();
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    name: 'work',
    workerData: { ...rest, ports, lease_id },
    transferList: movable(ports),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const ready = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const tell: Thread['tell'] = (message, moved = []) => worker.postMessage(message, moved);
  const thread: Thread = {
    lease_id,
    out: 0,
    bag: [],
    silent: 0,
    tell,
    ready: ready.promise,
    stopped: stopped.promise,
  };
  worker.on('message', (message: FromWorker) => {
    thread.silent = 0;
    if (message.kind === 'ready') ready.resolve();
    else if (message.kind === 'done') thread.out -= message.count;
    else onAttempts(message.tallied);
  });
  worker.on('error', (error) => {
    ready.reject(error);
    onCrash(error);
  });
  worker.on('exit', (status) => {
    stopped.resolve();
    const ended = new Error(`a work thread ended with status ${status}`);
    ready.reject(ended);
    if (!isStopping() && status !== 0) onCrash(ended);
  });
  return thread;
}
