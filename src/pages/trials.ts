// The main thread's side of trials: one job at a time in a thread of its own, which is ended when a job takes too long or too much memory.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Data } from '../cli/kept.ts';
import type { Answer, Job } from './trial-jobs.ts';
import type { FromTrial } from './trial-thread.ts';

export type Trials = ReturnType<typeof createTrials>;
export type TrialsParts = {
  /** Where hooks are kept, for comparisons; a thread that only tries is not told. */
  data?: Data;
  /** The longest a job may take, in milliseconds. */
  deadline: number;
  /** The most memory a thread may take for what lives long, in MB. */
  memory: number;
  /** Ends what is under way. */
  signal: AbortSignal;
  onError: (error: unknown) => void;
};
/** Why a job has no answer, in words for whoever waits for it. */
export type Ended<T> = { answer: T } | { failure: string };
type Waiting = { job: Job; asker: string; settle: (ended: Ended<Answer>) => void };

const YOUNG_MB = 16;
const MOST_WAITING = 8;
/** A thread that nobody asks ends after this. */
const IDLE_MS = 60_000;

const FAILURES = {
  busy: 'Too many people try something at this moment. Try again in a few seconds.',
  newer: 'A newer change is tried instead.',
  memory: 'This took more memory than a trial may take, so it was ended.',
  failed: 'Something failed; the log says what.',
};
const tooLong = (ms: number) =>
  `This took longer than ${ms / 1000} seconds, so it was ended. Is there an expression that never ends?`;

/** Starts a thread when there is something to do, and keeps it for a while. */
export function createTrials({ data, deadline, memory, signal, onError }: TrialsParts) {
  const code = new URL(`./trial-thread${extname(import.meta.url)}`, import.meta.url);
  const waiting: Waiting[] = [];
  let worker: Worker | undefined;
  let running: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number, then: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(then, ms).unref();
  };
  const end = () => {
    clearTimeout(timer);
    const ended = worker;
    worker = undefined;
    void ended?.terminate();
  };
  const finish = (ended: Ended<Answer>) => {
    running?.settle(ended);
    running = undefined;
    next();
  };
  const give = (to: Worker) => {
    if (running === undefined) return;
    try {
      to.postMessage(running.job);
    } catch (error) {
      // What is nested very deep cannot be copied to a thread.
      onError(error);
      wait(IDLE_MS, end);
      return finish({ failure: FAILURES.failed });
    }
    wait(deadline, () => {
      end();
      finish({ failure: tooLong(deadline) });
    });
  };

  const start = (): void => {
    const { DATABASE_URL, DATA_DIR, ENCRYPTION_KEY } = data ?? {};
    const started = new Worker(code, {
      name: 'trial',
      workerData: DATA_DIR === undefined ? undefined : { DATABASE_URL, DATA_DIR, ENCRYPTION_KEY },
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker = started;
    started.unref();
    started.on('message', (message: FromTrial) => {
      if (worker !== started) return;
      if (message.kind === 'ready') return give(started);
      if (message.kind === 'failed') onError(message.error);
      wait(IDLE_MS, end);
      finish(message.kind === 'done' ? { answer: message.answer } : { failure: FAILURES.failed });
    });
    started.on('error', (error) => {
      if (worker !== started) return;
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (!isMemory) onError(error);
      end();
      finish({ failure: isMemory ? FAILURES.memory : FAILURES.failed });
    });
  };

  const next = (): void => {
    if (running !== undefined) return;
    running = waiting.shift();
    if (running === undefined) return;
    if (worker === undefined) start();
    else give(worker);
  };

  const ask = (job: Job, asker: string): Promise<Ended<Answer>> =>
    new Promise((settle) => {
      const older = waiting.findIndex((one) => one.asker === asker && one.job.kind === job.kind);
      if (older !== -1) for (const one of waiting.splice(older, 1)) one.settle({ failure: FAILURES.newer });
      if (waiting.length >= MOST_WAITING) return settle({ failure: FAILURES.busy });
      waiting.push({ job, asker, settle });
      next();
    });

  /** What a person asks for takes the place of what the same person still waits for. */
  const run = async <K extends Job['kind']>(
    job: Extract<Job, { kind: K }>,
    asker: string,
  ): Promise<Ended<Extract<Answer, { kind: K }>>> => {
    const ended = await ask(job, asker);
    if ('failure' in ended) return ended;
    if (isOf(job.kind, ended.answer)) return { answer: ended.answer };
    throw new Error(`a trial thread answered ${ended.answer.kind} to ${job.kind}`);
  };

  signal.addEventListener('abort', end, { once: true });
  return { run };
}

const isOf = <K extends Answer['kind']>(kind: K, answer: Answer): answer is Extract<Answer, { kind: K }> =>
  answer.kind === kind;
