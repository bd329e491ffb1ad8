// The service's side of trials: one job at a time in a process of its own, which is ended when a job takes too long or too much memory.
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import type { Data } from '../keep/beside.ts';
import type { Answer, Job } from './trial-jobs.ts';
import type { FromTrial, ToTrial } from './trial-process.ts';

export type Trials = ReturnType<typeof createTrials>;
export type TrialsParts = {
  /** Where hooks are kept, for comparisons; a process that only tries is not told. */
  data?: Data;
  /** All that a process sees of the environment. */
  env?: Record<string, string>;
  /** The longest a job may take, in milliseconds. */
  deadline: number;
  /** The most memory a process may take for what lives long, in MB. */
  memory: number;
  /** Ends what is under way. */
  signal: AbortSignal;
  onError: (error: unknown) => void;
};
/** Why a job has no answer, in words for whoever waits for it. */
export type Ended<T> = { answer: T } | { failure: string };
type Waiting = { job: Job; asker: string; settle: (ended: Ended<Answer>) => void };

const SHORT_LIVED_MB = 8;
const MOST_WAITING = 8;
/** A process that nobody asks ends after this. */
const IDLE_MS = 60_000;

const FAILURES = {
  busy: 'Too many people try something at this moment. Try again in a few seconds.',
  newer: 'A newer change is tried instead.',
  memory: 'This took more memory than a trial may take, so it was ended.',
  failed: 'Something failed; the log says what.',
};
const tooLong = (ms: number) =>
  `This took longer than ${ms / 1000} seconds, so it was ended. Is there an expression that never ends?`;

/**
 * Starts a process when there is something to do, and keeps it for a while. No thread: a long text that does not fit into
 * the memory of a thread ends the whole process.
 */
export function createTrials({ data, env = {}, deadline, memory, signal, onError }: TrialsParts) {
  const code = new URL(`./trial-process${extname(import.meta.url)}`, import.meta.url);
  const waiting: Waiting[] = [];
  let child: ChildProcess | undefined;
  let running: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number, then: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(then, ms).unref();
  };
  const end = () => {
    clearTimeout(timer);
    const ended = child;
    child = undefined;
    ended?.kill('SIGKILL');
  };
  const finish = (ended: Ended<Answer>) => {
    running?.settle(ended);
    running = undefined;
    next();
  };
  const send = (to: ChildProcess, message: ToTrial) => to.send(message);
  const give = (to: ChildProcess) => {
    if (running === undefined) return;
    try {
      send(to, { kind: 'job', job: running.job });
    } catch (error) {
      // What is nested very deep cannot be copied.
      onError(error);
      wait(IDLE_MS, end);
      return finish({ failure: FAILURES.failed });
    }
    wait(deadline, () => {
      end();
      finish({ failure: tooLong(deadline) });
    });
  };

  const hear = (from: ChildProcess, message: FromTrial): void => {
    if (message.kind === 'ready') give(from);
    else {
      if (message.kind === 'failed') onError(message.error);
      wait(IDLE_MS, end);
      finish(message.kind === 'done' ? { answer: message.answer } : { failure: FAILURES.failed });
    }
  };
  /** V8 ends its process by SIGABRT when its memory is full. */
  const lose = (why: string): void => {
    const isMemory = why === 'SIGABRT';
    if (running !== undefined && !isMemory) onError(new Error(`a trial process ended: ${why}`));
    end();
    finish({ failure: isMemory ? FAILURES.memory : FAILURES.failed });
  };

  const start = (): void => {
    const { DATABASE_URL, DATA_DIR, ENCRYPTION_KEY } = data ?? {};
    const started = fork(code, {
      env,
      execArgv: [`--max-old-space-size=${memory}`, `--max-semi-space-size=${SHORT_LIVED_MB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child = started;
    started.unref();
    started.channel?.unref();
    const ifCurrent = (then: () => void) => (child === started ? then() : undefined);
    started.on('message', (message: FromTrial) => ifCurrent(() => hear(started, message)));
    started.on('error', (error) => ifCurrent(() => lose(error.message)));
    started.on('exit', (status, by) => ifCurrent(() => lose(by ?? `status ${status}`)));
    const known = DATA_DIR === undefined ? undefined : { DATABASE_URL, DATA_DIR, ENCRYPTION_KEY };
    send(started, { kind: 'data', data: known });
  };

  const next = (): void => {
    if (running !== undefined) return;
    running = waiting.shift();
    if (running === undefined) return;
    if (child === undefined) start();
    else give(child);
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
    throw new Error(`a trial process answered ${ended.answer.kind} to ${job.kind}`);
  };

  signal.addEventListener('abort', end, { once: true });
  return { run };
}

const isOf = <K extends Answer['kind']>(kind: K, answer: Answer): answer is Extract<Answer, { kind: K }> =>
  answer.kind === kind;
