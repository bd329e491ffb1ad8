// What must be there before anything starts: the database that hooks are kept in, and mapping files without mistakes.
import type { Config } from './config.ts';
import { placeOf } from './keep/beside.ts';
import { createKeep } from './keep/keep.ts';
import { openDatabase, type Watching } from './keep/open.ts';
import { OperatorError } from './lib/errors.ts';
import { vaultOf } from './lib/vault.ts';
import { formatProblem, type Problem, readMappings } from './map/files.ts';
import { createMappings } from './map/mappings.ts';
import { usedTexts } from './map/used.ts';
import { mappingParts } from './mapping-parts.ts';

/** Mapping mistakes at start end it: an operator is there to see them. */
function refuseProblems(problems: readonly Problem[]): never {
  const lines = problems.map(formatProblem).join('\n');
  throw new OperatorError(
    'MAPPINGS',
    `${problems.length} mistakes in mapping files:\n${lines}\n`,
    'mend them; `tagbridge check` shows them again',
  );
}

/** Opens what hooks are kept in; a key that does not open it, or another process that has it for itself, ends the start. */
async function openKeep(config: Config, watching: Watching) {
  const vault = vaultOf(config.ENCRYPTION_KEY);
  const database = await openDatabase(placeOf(config), watching);
  const keep = createKeep({ db: database.db, vault });
  try {
    await keep.checkVault();
    await database.begin();
    return { ...database, keep, hasty: createKeep({ db: database.hasty, vault }) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens what hooks are kept in, and loads the mapping files. Throws an `OperatorError` for mistakes in either. */
export async function openAll(config: Config, watching: Watching) {
  const texts = usedTexts(await readMappings(config.MAPPINGS_DIR));
  // The database opens in threads of its own, while the mappings are compiled in this one.
  const opening = openKeep(config, watching);
  const mappings = createMappings(
    texts,
    mappingParts(config.env, { allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, cut: config.cut }),
  );
  const opened = await opening;
  if (mappings.problems().length === 0) return { texts, mappings, ...opened };
  await opened.close();
  return refuseProblems(mappings.problems());
}
export type Opened = Awaited<ReturnType<typeof openAll>>;
