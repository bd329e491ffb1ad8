// `tagbridge erase`: takes a person out of all that is kept, beside a running service or without one.
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import { KeepError } from '../keep/error.ts';
import type { Keep } from '../keep/keep.ts';
import { fingerprints } from '../keep/questions/audit.ts';
import { describeErased } from '../keep/questions/erase.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { note } from './note.ts';
import { PERSON_OPTIONS, PERSON_USAGE, readPerson } from './person.ts';
import { createProgress } from './progress.ts';
import { refuseUnknownStore } from './store.ts';

const TRACES =
  'traces may be left in unused space of the database file, where only ENCRYPTION_KEY hides them; --rewrite removes them';
const AGAIN = 'run this again to remove what is left of it on the disk';

/** Takes what was deleted off the disk; answers what an operator must know about that, and whether it is done. */
async function scrub(keep: Keep, { rewrite, sealed }: { rewrite: boolean; sealed: boolean }) {
  try {
    const isGone = await (rewrite ? keep.scrub(Number.MAX_SAFE_INTEGER) : keep.scrub());
    return isGone || sealed ? { done: true } : { done: true, left: TRACES };
  } catch (error) {
    if (!(error instanceof KeepError)) throw error;
    return { done: false, left: `the database file could not be cleaned (${error.message}); ${AGAIN}` };
  }
}

export const erase: Command = {
  usage: `${PERSON_USAGE} [--dry-run] [--rewrite]`,
  help: 'Erases a person: bodies and what waits go, what was counted stays counted; whatever fits is theirs',
  run: async (args, { out, err, env }) => {
    const options = {
      ...PERSON_OPTIONS,
      'dry-run': { type: 'boolean', default: false },
      rewrite: { type: 'boolean', default: false },
    } as const;
    const { values } = readArguments({ args, options });
    const config = readConfig(env);
    const person = await readPerson(values, config);
    const { store, rewrite, 'dry-run': dryRun } = values;
    return withKept(config, err, async (keep) => {
      await refuseUnknownStore(config, keep, store);
      const progress = createProgress('searched', await keep.countKept());
      const said = describeErased(
        await keep.erasePerson(person, { store }, { now: Date.now(), dryRun, onProgress: progress.step }),
      );
      progress.end();
      out(dryRun ? `would erase ${said}` : `erased ${said}`);
      if (dryRun) return 0;
      await note(keep, { action: 'erase', store, detail: `${fingerprints(person)}; ${said}` });
      const { done, left } = await scrub(keep, { rewrite, sealed: config.ENCRYPTION_KEY !== undefined });
      if (left !== undefined) out(left);
      return done ? 0 : 1;
    });
  },
};
