// What must be there before anything starts: the database that hooks are kept in, and mapping files without mistakes.
import type { Config } from './config.ts';
import { placeOf } from './keep/beside.ts';
import { createKeep } from './keep/keep.ts';
import { openDatabase, type Watching } from './keep/open.ts';
import { OperatorError } from './lib/errors.ts';
import { vaultOf } from './lib/vault.ts';
import { counted } from './lib/words.ts';
import { formatProblem, type Problem, readMappings } from './map/files/files.ts';
import { createMappings } from './map/files/mappings.ts';
import { usedTexts } from './map/files/used.ts';
import { mappingParts } from './mapping-parts.ts';

/** Mapping mistakes at start end it: an operator is there to see them. */
function refuseProblems(problems: readonly Problem[]): never {
  const lines = problems.map(formatProblem).join('\n');
  const many = counted(problems.length, 'mistake', 'mistakes');
  throw new OperatorError(
    'MAPPINGS',
    `${many} in mapping files:\n${lines}\nMend them; \`tagbridge check\` shows the same.`,
  );
}

/** Opens what hooks are kept in; a key that does not open it, or another process that has it for itself, ends the start. */
async function openKeep(config: Config, watching: Watching) {
  const vault = vaultOf(config.ENCRYPTION_KEY);
  const database = await openDatabase(placeOf(config), { ...watching, vault });
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

/**
 * Loads the mapping files, and opens what hooks are kept in. Throws an `OperatorError` for mistakes in either. Files first: a
 * start that they end, or a key, leaves tables of an older version as they are, and whoever goes back to it can.
 */
export async function openAll(config: Config, watching: Watching) {
  const texts = usedTexts(await readMappings(config.MAPPINGS_DIR));
  const mappings = createMappings(
    texts,
    mappingParts(config.env, { allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, cut: config.cut }),
  );
  if (mappings.problems().length > 0) return refuseProblems(mappings.problems());
  return { texts, mappings, ...(await openKeep(config, watching)) };
}
export type Opened = Awaited<ReturnType<typeof openAll>>;
