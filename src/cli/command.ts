// What a command of the command line is.
import type { Environment } from '../config.ts';

export type Terminal = { out: (text: string) => void; err: (text: string) => void; env: Environment };
export type Command = {
  usage: string;
  help: string;
  /** Resolves with the exit code. Throws an `OperatorError` for mistakes of whoever typed. */
  run: (args: string[], terminal: Terminal) => Promise<number>;
};
