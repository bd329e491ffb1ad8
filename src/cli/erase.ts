// `tagbridge erase`: takes a person out of all that is kept, beside a running service or without one.
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { fingerprints } from '../keep/audit.ts';
import { describeErased } from '../keep/erase.ts';
import { KeepError } from '../keep/error.ts';
import type { Keep } from '../keep/keep.ts';
import type { Command } from './command.ts';
import { withKept } from './kept.ts';
import { PERSON_OPTIONS, PERSON_USAGE, readPerson, whoTypes } from './person.ts';
import { createProgress } from './progress.ts';

/** Empties the log of the database; false where somebody keeps it open. */
async function scrub(keep: Keep): Promise<boolean> {
  try {
    await keep.scrub();
    return true;
  } catch (error) {
    if (error instanceof KeepError && error.failure === 'busy') return false;
    throw error;
  }
}

export const erase: Command = {
  usage: `${PERSON_USAGE} [--dry-run]`,
  help: 'Erases a person: bodies and what waits go, what was counted stays counted; whatever fits is theirs',
  run: async (args, { out, env }) => {
    const { values } = parseArgs({
      args,
      options: { ...PERSON_OPTIONS, 'dry-run': { type: 'boolean', default: false } },
    });
    const config = readConfig(env);
    const person = await readPerson(values, config);
    const { store, 'dry-run': dryRun } = values;
    return withKept(config, async (keep) => {
      const progress = createProgress('searched', await keep.countKept());
      const said = describeErased(
        await keep.erasePerson(person, { store }, { now: Date.now(), dryRun, onProgress: progress.step }),
      );
      progress.end();
      out(dryRun ? `would erase ${said}` : `erased ${said}`);
      if (dryRun) return 0;
      const line = { at: Date.now(), actor: whoTypes(), action: 'erase', store };
      await keep.writeAudit({ ...line, detail: `${fingerprints(person)}; ${said}` });
      if (await scrub(keep)) return 0;
      out('the log of the database could not be emptied, because somebody reads it; run this again');
      return 1;
    });
  },
};
