// The main thread's side of the work threads: starts them, hands hooks over in memory, stops them in time.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LEASE_MS } from '../deliver/questions.ts';
import { movable } from '../keep/open.ts';
import type { Tallied } from '../lib/meter.ts';
import type { Texts } from '../map/mappings.ts';
import type { Clock, Hook } from '../types.ts';
import { packHooks } from './handing.ts';
import type { ToWorker } from './inbox.ts';
import type { FromWorker, WorkerOptions } from './worker.ts';

/** A thread that says nothing for so many seconds never will again. */
const SILENT_SECONDS = 60;
/** Room for short-lived objects, which V8 would let grow to hundreds of MB before it clears up. */
const YOUNG_MB = 9;
/** Hooks that may wait in the memory of one work thread; the others wait on disk. */
const MAX_HANDED = 512;

export type WorkersParts = {
  count: number;
  options: () => Omit<WorkerOptions, 'lease_id'>;
  newId: () => string;
  now: Clock;
  /** A work thread ended by itself: a bug, after which the process must start afresh. */
  onCrash: (error: unknown) => void;
  onAttempts: (tallied: Tallied) => void;
};

/** `silent` counts the seconds since the thread last said something. */
type Thread = { worker: Worker; lease_id: string; out: number; bag: Hook[]; silent: number; stopped: Promise<void> };

/** Starts the threads. Hooks may be received before they are at work: until then nothing is handed over, and waits on disk. */
export function startWorkers({ count, options, newId, now, onCrash, onAttempts }: WorkersParts) {
  let stopping = false;
  const code = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const start = async (): Promise<Thread> => {
    const { ports, ...rest } = options();
    const lease_id = newId();
    const worker = new Worker(code, {
      name: 'work',
      workerData: { ...rest, ports, lease_id },
      transferList: movable(ports),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const ready = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const thread: Thread = { worker, lease_id, out: 0, bag: [], silent: 0, stopped: stopped.promise };
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
      if (!stopping && status !== 0) onCrash(ended);
    });
    await ready.promise;
    return thread;
  };
  const tell = (thread: Thread, message: ToWorker, moved: ArrayBuffer[] = []) =>
    thread.worker.postMessage(message, moved);
  const threads: Thread[] = [];
  /** Leases given out in this turn, in order, so that `give` and `giveBack` find their thread. */
  const byLease = new Map<string, Thread>();
  /** Files that came while threads were starting, in order: what stays in use of broken ones depends on those before. */
  const newer: Texts[] = [];
  const join = async (): Promise<void> => {
    // What fails to start is told as a crash.
    const thread = await start().catch(() => undefined);
    if (thread === undefined) return;
    for (const texts of newer) tell(thread, { kind: 'mappings', texts });
    tell(thread, { kind: 'begin' });
    byLease.set(thread.lease_id, thread);
    threads.push(thread);
  };
  const joining = Promise.all(Array.from({ length: count }, join));

  // Seconds are counted, not measured: while the whole process stands still nobody can say anything.
  const listening = setInterval(() => {
    for (const thread of threads) {
      thread.silent += 1;
      if (thread.silent === SILENT_SECONDS) onCrash(new Error(`a work thread was silent for ${SILENT_SECONDS} s`));
    }
  }, 1_000).unref();

  /** Room for one more hook in the thread with the least to do. */
  const lease = () => {
    const [first, ...others] = threads;
    if (stopping || first === undefined) return undefined;
    const thread = others.reduce((best, one) => (one.out < best.out ? one : best), first);
    if (thread.out >= MAX_HANDED) return undefined;
    thread.out += 1;
    return { lease_id: thread.lease_id, until: now() + LEASE_MS };
  };
  /** Hands a kept hook over; hooks of one turn of the event loop travel together. */
  const give = (hook: Hook, lease_id: string) => {
    const thread = byLease.get(lease_id);
    if (thread === undefined) return;
    thread.bag.push(hook);
    if (thread.bag.length > 1) return;
    setImmediate(() => {
      const handed = packHooks(thread.bag.splice(0));
      tell(thread, { kind: 'hooks', handed }, [handed.bytes]);
    });
  };
  const giveBack = (lease_id: string) => {
    const thread = byLease.get(lease_id);
    if (thread !== undefined) thread.out -= 1;
  };
  const tellAll = (message: ToWorker) => {
    for (const thread of threads) tell(thread, message);
  };
  const setMappings = (texts: Texts) => {
    if (threads.length < count) newer.push(texts);
    tellAll({ kind: 'mappings', texts });
  };
  const resume = (account: string) => tellAll({ kind: 'resume', account });
  /** Lets requests under way end within `deadline` milliseconds; leases of the rest are given back. */
  const stop = async (deadline: number) => {
    stopping = true;
    await joining;
    clearInterval(listening);
    tellAll({ kind: 'stop', deadline });
    await Promise.all(threads.map((thread) => thread.stopped));
  };
  return { lease, give, giveBack, setMappings, resume, stop };
}
