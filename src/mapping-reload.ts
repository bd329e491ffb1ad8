// Mapping files read again while the service runs: in use at once by all threads, where they are good.
import { isDeepStrictEqual } from 'node:util';
import { describeError } from './lib/errors.ts';
import type { Log } from './lib/log.ts';
import { formatProblem, readMappings, type Texts } from './map/files/files.ts';
import type { Mappings } from './map/files/mappings.ts';
import { usedTexts } from './map/files/used.ts';

export type ReloadParts = {
  folder: string;
  mappings: Mappings;
  workers: { setMappings: (texts: Texts) => void };
  log: Log;
};

/** Says in the log what is in use and most likely not meant. */
export function tellDoubts(mappings: Pick<Mappings, 'warnings'>, log: Log): void {
  for (const warning of mappings.warnings()) log.warn({ warning: formatProblem(warning) }, 'mappings.doubtful');
}

/** Are the files others than those that a start has read? What takes long there is the database, for minutes at times. */
export const haveChanged = (folder: string, { texts }: { texts: Texts }): Promise<boolean> =>
  readMappings(folder).then(
    (now) => !isDeepStrictEqual(usedTexts(now), texts),
    () => true,
  );

/** Makes the function that reads them. What goes wrong leaves in use what was, and hooks are received all the same. */
export function createReload({ folder, mappings, workers, log }: ReloadParts): () => Promise<void> {
  const use = (next: Texts): void => {
    const used = usedTexts(next);
    const { problems } = mappings.replace(used);
    for (const problem of problems) log.error({ problem: formatProblem(problem) }, 'mappings.broken');
    tellDoubts(mappings, log);
    workers.setMappings(used);
    log.info({ stores: mappings.all().length, problems: problems.length }, 'mappings.loaded');
  };
  return async () => {
    try {
      use(await readMappings(folder));
    } catch (error) {
      log.error({ error: describeError(error) }, 'mappings.not_loaded');
    }
  };
}
