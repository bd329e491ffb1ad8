// `tagbridge backup`: copies what the embedded store keeps into a file, while the service runs or not.
import { resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { backUp } from '../keep/backup.ts';
import { placeOf } from '../keep/beside.ts';
import { OperatorError } from '../lib/errors.ts';
import { count } from '../lib/words.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const backup: Command = {
  usage: 'FILE',
  help: 'Copies what the embedded store keeps into a new file; the service may run',
  run: async (args, { out, env }) => {
    const [to, ...others] = readArguments({ args, allowPositionals: true }).positionals;
    if (to === undefined || others.length > 0)
      throw new OperatorError('ARGUMENT', 'name one file to copy into', 'tagbridge backup /data/copy.db');
    const bytes = await backUp(placeOf(readConfig(env)), resolve(to));
    const opens = 'Where ENCRYPTION_KEY is set, it opens with that key only.';
    out(`${to} holds all that is kept by now, in ${count(Math.ceil(bytes / 1_000))} kB. ${opens}`);
    return 0;
  },
};
