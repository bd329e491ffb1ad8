// `tagbridge audit`: who erased, exported, replayed or resumed what, and when.
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { readInstant } from './instant.ts';

export const audit: Command = {
  usage: '[--since T] [--json]',
  help: 'Lists who did what; people stand there as fingerprints',
  run: async (args, { out, err, env }) => {
    const { values } = readArguments({
      args,
      options: { since: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const since = readInstant('since', values.since) ?? 0;
    return withKept(readConfig(env), err, async (keep) => {
      const lines = await keep.listAudit(since);
      for (const { at, ...line } of lines) {
        const time = new Date(at).toISOString();
        if (values.json) out(JSON.stringify({ at: time, ...line }));
        else
          out(
            `${time}  ${line.actor}  ${line.action}${line.store === undefined ? '' : ` ${line.store}`}: ${line.detail}`,
          );
      }
      if (lines.length === 0 && !values.json) out('nobody did anything');
      return 0;
    });
  },
};
