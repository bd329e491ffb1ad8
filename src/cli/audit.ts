// `tagbridge audit`: who erased, exported, replayed or resumed what, and when.
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { OperatorError } from '../lib/errors.ts';
import { parseInstant } from '../map/convert.ts';
import type { Command } from './command.ts';
import { withKept } from './kept.ts';

export const audit: Command = {
  usage: '[--since T] [--json]',
  help: 'Lists who did what; people stand there as fingerprints',
  run: async (args, { out, env }) => {
    const { values } = parseArgs({
      args,
      options: { since: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const since = values.since === undefined ? 0 : parseInstant(values.since);
    if (since === undefined)
      throw new OperatorError('ARGUMENT', `--since ${values.since} is no time`, 'write it like 2026-01-31T12:00:00Z');
    return withKept(readConfig(env), async (keep) => {
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
