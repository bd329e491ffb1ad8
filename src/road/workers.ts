// The main thread's side of the work threads: starts them, hands hooks over in memory, stops them in time.
import { LEASE_MS } from '../deliver/questions.ts';
import type { Texts } from '../map/files/files.ts';
import type { Clock, Hook } from '../types.ts';
import { packHooks } from './handing.ts';
import type { ToWorker } from './inbox.ts';
import { startThread, type Thread, type ThreadParts } from './thread.ts';

/** A thread that says nothing for so many seconds never will again. */
const SILENT_SECONDS = 60;
/** Hooks that may wait in the memory of one work thread; the others wait on disk. */
const MAX_HANDED = 512;

export type WorkersParts = Omit<ThreadParts, 'isStopping'> & { count: number; now: Clock };

/** Those that are at work, by their leases. */
type Threads = ReadonlyMap<string, Thread>;

/** Seconds are counted, not measured: while the whole process stands still nobody can say anything. */
const watchSilence = (threads: Threads, onSilent: (error: Error) => void): NodeJS.Timeout =>
  setInterval(() => {
    for (const thread of threads.values()) {
      thread.silent += 1;
      if (thread.silent === SILENT_SECONDS) onSilent(new Error(`a work thread was silent for ${SILENT_SECONDS} s`));
    }
  }, 1_000).unref();

/** Hands hooks over in memory. */
function createHandover(threads: Threads, now: Clock) {
  return {
    /** Room for one more hook in the thread with the least to do. */
    lease: () => {
      let least: Thread | undefined;
      for (const thread of threads.values()) if (least === undefined || thread.out < least.out) least = thread;
      if (least === undefined || least.out >= MAX_HANDED) return undefined;
      least.out += 1;
      return { lease_id: least.lease_id, until: now() + LEASE_MS };
    },
    /** Hands a kept hook over; hooks of one turn of the event loop travel together. */
    give: (hook: Hook, lease_id: string) => {
      const thread = threads.get(lease_id);
      if (thread === undefined) return;
      thread.bag.push(hook);
      if (thread.bag.length > 1) return;
      setImmediate(() => {
        const handed = packHooks(thread.bag.splice(0));
        thread.tell({ kind: 'hooks', handed }, [handed.bytes]);
      });
    },
    /** The room is not needed. */
    giveBack: (lease_id: string) => {
      const thread = threads.get(lease_id);
      if (thread !== undefined) thread.out -= 1;
    },
  };
}

/** Starts the threads. Hooks may be received before they are at work: until then nothing is handed over, and waits on disk. */
export function startWorkers({ count, now, ...parts }: WorkersParts) {
  let stopping = false;
  const threads = new Map<string, Thread>();
  /** Files that came while threads were starting, in order: what stays in use of broken ones depends on those before. */
  const newer: Texts[] = [];
  const join = async (thread: Thread): Promise<void> => {
    await thread.ready;
    for (const texts of newer) thread.tell({ kind: 'mappings', texts });
    thread.tell({ kind: 'begin' });
    threads.set(thread.lease_id, thread);
  };
  const started = Array.from({ length: count }, () => startThread({ ...parts, isStopping: () => stopping }));
  // What fails to start is told as a crash.
  for (const thread of started) join(thread).catch(() => undefined);
  const watching = watchSilence(threads, parts.onCrash);
  const { lease, give, giveBack } = createHandover(threads, now);

  const tellAll = (message: ToWorker) => {
    for (const thread of threads.values()) thread.tell(message);
  };
  const setMappings = (texts: Texts) => {
    if (threads.size < count) newer.push(texts);
    tellAll({ kind: 'mappings', texts });
  };
  const resume = (account: string) => tellAll({ kind: 'resume', account });
  /** Lets requests under way end within `deadline` milliseconds; leases of the rest are given back. */
  const stop = async (deadline: number) => {
    stopping = true;
    clearInterval(watching);
    // Also those that cannot begin, because the database is away: they would go on to try.
    for (const thread of started) thread.tell({ kind: 'stop', deadline });
    await Promise.all(started.map(({ stopped }) => stopped));
  };
  return { lease: () => (stopping ? undefined : lease()), give, giveBack, setMappings, resume, stop };
}
