// `tagbridge migrate`: moves all that is kept in the embedded store into PostgreSQL; when it was stopped, it goes on.
import { readConfig } from '../config.ts';
import { moveTo } from '../keep/open.ts';
import { OperatorError } from '../lib/errors.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { createProgress } from './progress.ts';

export const migrate: Command = {
  usage: '--to postgres://USER:PASSWORD@HOST/DATABASE',
  help: 'Moves what the embedded store keeps into an empty PostgreSQL; the service must not run',
  run: async (args, { out, env }) => {
    const { values } = readArguments({ args, options: { to: { type: 'string' } } });
    if (values.to === undefined) throw new OperatorError('ARGUMENT', 'name the database', '--to postgres://…');
    const { DATA_DIR } = readConfig(env);
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    let progress = createProgress('copied', undefined);
    try {
      const copied = await moveTo(values.to, DATA_DIR, {
        onTotal: (rows) => {
          progress = createProgress('copied', rows);
        },
        onProgress: (rows) => progress.step(rows),
        signal: stopping.signal,
      });
      progress.end();
      for (const { table, rows, hash } of copied)
        out(`${table}: ${rows} rows, the same on both sides (${hash.slice(0, 12)})`);
      out('Everything is there. Start the service with DATABASE_URL; keep the old folder until you are sure.');
      return 0;
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
  },
};
