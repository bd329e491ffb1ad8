// A trial process: does one job at a time, apart from the process that answers senders, and may be ended at any moment.
import type { Data } from '../keep/beside.ts';
import { describeError } from '../lib/errors.ts';
import { type Answer, createTrialJobs, type Job } from './trial-jobs.ts';

/** Where hooks are kept, once and first; then one job after the other. */
export type ToTrial = { kind: 'data'; data: Data | undefined } | { kind: 'job'; job: Job };
/** `ready` once it can be asked; then one answer to each job. */
export type FromTrial = { kind: 'ready' } | { kind: 'done'; answer: Answer } | { kind: 'failed'; error: unknown };

const say = (message: FromTrial): void => void process.send?.(message);
let run = createTrialJobs(undefined);

process.on('message', (message: ToTrial) => {
  if (message.kind === 'data') {
    run = createTrialJobs(message.data);
    return say({ kind: 'ready' });
  }
  run(message.job).then(
    (answer) => say({ kind: 'done', answer }),
    (error) => say({ kind: 'failed', error: describeError(error) }),
  );
});
process.on('disconnect', () => process.exit());
