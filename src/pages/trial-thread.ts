// A trial thread: does one job at a time, apart from the thread that answers senders, and may be ended at any moment.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Data } from '../cli/kept.ts';
import { describeError } from '../lib/errors.ts';
import { type Answer, createTrialJobs, type Job } from './trial-jobs.ts';

/** `ready` once it can be asked; then one answer to each job. */
export type FromTrial = { kind: 'ready' } | { kind: 'done'; answer: Answer } | { kind: 'failed'; error: unknown };

export function runTrials(data: Data | undefined, port: MessagePort): void {
  const run = createTrialJobs(data);
  const say = (message: FromTrial) => port.postMessage(message);
  port.on('message', (job: Job) => {
    run(job).then(
      (answer) => say({ kind: 'done', answer }),
      (error) => say({ kind: 'failed', error: describeError(error) }),
    );
  });
  say({ kind: 'ready' });
}

if (parentPort !== null) runTrials(workerData ?? undefined, parentPort);
