// What a command of the command line is, and one of several that share a name.
import type { Environment } from '../config.ts';
import { OperatorError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';

export type Terminal = { out: (text: string) => void; err: (text: string) => void; env: Environment };
export type Command = {
  usage: string;
  help: string;
  /** Resolves with the exit code. Throws an `OperatorError` for mistakes of whoever typed. */
  run: (args: string[], terminal: Terminal) => Promise<number>;
};

/** What `tagbridge NAME ACTION` runs. Throws an `OperatorError` for an action that is not there. */
export function actionOf<R>(name: string, runs: Readonly<Record<string, R>>, action: string): R {
  const run = Object.hasOwn(runs, action) ? runs[action] : undefined;
  if (run !== undefined) return run;
  throw new OperatorError('ARGUMENT', `there is no tagbridge ${name} ${action}`, nearest(action, Object.keys(runs)));
}
