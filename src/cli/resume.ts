// `tagbridge resume`: lists paused accounts with the reason, or lifts a pause.
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import { OperatorError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { note } from './note.ts';

export const resume: Command = {
  usage: '[ACCOUNT]',
  help: 'Lists paused accounts, or sends to one of them again',
  run: async (args, { out, err, env }) => {
    const { positionals } = readArguments({ args, allowPositionals: true }, 1);
    const [account] = positionals;
    return withKept(readConfig(env), err, async (keep) => {
      const pauses = await keep.listPauses();
      if (account === undefined) {
        for (const pause of pauses)
          out(`${pause.account}  since ${new Date(pause.since).toISOString()}: ${pause.reason}`);
        if (pauses.length === 0) out('no account is paused');
        return 0;
      }
      if (!pauses.some((pause) => pause.account === account)) {
        throw new OperatorError(
          'ARGUMENT',
          `${account} is not paused`,
          nearest(
            account,
            pauses.map((pause) => pause.account),
          ),
        );
      }
      await keep.resumeAccount(account);
      await note(keep, { action: 'resume', detail: account });
      out(`${account} is sent to again`);
      return 0;
    });
  },
};
