// Knows whether hooks can be kept just now, for whoever asks before sending some: a balancer, and the log.
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { every } from '../lib/wait.ts';
import type { Clock } from '../types.ts';
import { inWords } from './error.ts';

const LOOK_MS = 1_000;

export type KeepingParts = {
  /** Keeps nothing, in the way hooks are kept; rejects where they could not be. */
  tryIt: () => Promise<unknown>;
  now: Clock;
  log: Pick<Log, 'info' | 'error'>;
  signal: AbortSignal;
  /** How long between two looks, in milliseconds. */
  lookMs?: number;
};
export type Keeping = {
  /** As far as is known by the last look. */
  isWell: () => boolean;
  /** Since when they cannot be kept, in milliseconds since 1970; undefined while they can. */
  failingSince: () => number | undefined;
  /** Resolves when it has ended, after the signal. */
  watching: Promise<void>;
};

/** Looks again and again until the signal; says in the log what began and what is over. Until the first look all is well. */
export function watchKeeping({ tryIt, now, log, signal, lookMs = LOOK_MS }: KeepingParts): Keeping {
  let failingSince: number | undefined;
  const look = async (): Promise<void> => {
    const error = await tryIt().then(
      () => undefined,
      (reason: unknown) => ({ reason }),
    );
    if (signal.aborted || (failingSince === undefined) === (error === undefined)) return;
    failingSince = error === undefined ? undefined : now();
    if (error === undefined) log.info({}, 'keep.well: hooks are kept again');
    else
      log.error(
        { error: describeError(inWords(error.reason)) },
        'keep.failing: hooks are answered with 503 until it is over',
      );
  };
  const watching = every(lookMs, signal, look);
  return { isWell: () => failingSince === undefined, failingSince: () => failingSince, watching };
}
