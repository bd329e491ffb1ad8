// `tagbridge backup`: copies what the embedded store keeps into a file, while the service runs or not.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { backUp } from '../keep/backup.ts';
import { fileIn, refuseEmpty } from '../keep/open.ts';
import { OperatorError } from '../lib/errors.ts';
import { counted } from '../lib/words.ts';
import type { Command } from './command.ts';
import { placeOf } from './kept.ts';

export const backup: Command = {
  usage: 'FILE',
  help: 'Copies what the embedded store keeps into a new file; the service may run',
  run: async (args, { out, env }) => {
    const [to, ...others] = parseArgs({ args, allowPositionals: true }).positionals;
    if (to === undefined || others.length > 0)
      throw new OperatorError('ARGUMENT', 'name one file to copy into', 'tagbridge backup /data/copy.db');
    const place = placeOf(readConfig(env));
    if (place.url !== undefined)
      throw new OperatorError('BACKUP', 'this copies the embedded store only', 'PostgreSQL has pg_dump');
    await refuseEmpty(place);
    const bytes = await backUp(fileIn(place.folder), resolve(to));
    out(
      `${to} holds everything of now, in ${counted(Math.ceil(bytes / 1_000), 'kB', 'kB')}. Nothing opens it without ENCRYPTION_KEY, if that is set.`,
    );
    return 0;
  },
};
