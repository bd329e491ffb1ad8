// Finds the stores of the mapping files for commands, one of them or one of its sources, with every mistake in their files.
import { type Config, type Environment, readConfig } from '../config.ts';
import type { Keep } from '../keep/keep.ts';
import { OperatorError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { formatProblem, readMappings } from '../map/files/files.ts';
import { type Loaded, loadMappings, type Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { mappingParts } from '../mapping-parts.ts';

type Files = Pick<Config, 'MAPPINGS_DIR' | 'env'>;

/** All stores that can be used, and what is wrong with the others. */
export const readStores = async ({ MAPPINGS_DIR, env }: Files) =>
  loadMappings(await readMappings(MAPPINGS_DIR), mappingParts(env));

/** Throws an `OperatorError` when the store is unknown or cannot be used. */
export const findStore = async (config: Files, name: string | undefined): Promise<Store> =>
  storeIn(await readStores(config), name);

/** As `findStore`, of files that were read. */
export function storeIn({ stores, problems }: Pick<Loaded, 'stores' | 'problems'>, name: string | undefined): Store {
  if (name === undefined) throw new OperatorError('ARGUMENT', 'name a store', '--store S');
  const store = stores.get(name);
  if (store !== undefined) return store;
  const mistakes = problems.length === 0 ? '' : `; mistakes in the files:\n${problems.map(formatProblem).join('\n')}`;
  throw new OperatorError('UNKNOWN_STORE', `there is no store ${name}${mistakes}`, nearest(name, stores.keys()));
}

/** Throws an `OperatorError` when the store or source is unknown or cannot be used. */
export async function findSource(
  env: Environment,
  storeName: string | undefined,
  sourceName: string | undefined,
): Promise<{ config: Config; store: Store; source: Source }> {
  if (storeName === undefined || sourceName === undefined)
    throw new OperatorError('ARGUMENT', 'name a store and a source', '--store S --source N');
  const config = readConfig(env);
  const store = await findStore(config, storeName);
  const source = store.sources.get(sourceName);
  if (source === undefined)
    throw new OperatorError(
      'UNKNOWN_SOURCE',
      `store ${storeName} has no source ${sourceName}`,
      nearest(sourceName, store.sources.keys()),
    );
  return { config, store, source };
}

type Places = Partial<Record<'store' | 'source' | 'destination', string>>;

/** Throws an `OperatorError` for a place that no file names, where it is why nothing was found. */
export async function refuseUnknown(config: Files, { store, source, destination }: Places): Promise<void> {
  const read = await readStores(config);
  // A file with mistakes may name it, and the service still use its last good form.
  if (read.broken.size > 0 && (store === undefined || !read.stores.has(store))) return;
  const asked = store === undefined ? [...read.stores.values()] : [storeIn(read, store)];
  const whose = store === undefined ? 'no store has a' : `store ${store} has no`;
  const sources = asked.flatMap((one) => [...one.sources.keys()]);
  if (source !== undefined && !sources.includes(source))
    throw new OperatorError('UNKNOWN_SOURCE', `${whose} source ${source}`, nearest(source, sources));
  const destinations = asked.flatMap(({ routes }) => routes.map(({ name }) => name));
  if (destination !== undefined && !destinations.includes(destination))
    throw new OperatorError(
      'UNKNOWN_DESTINATION',
      `${whose} destination ${destination}`,
      nearest(destination, destinations),
    );
}

/** Throws an `OperatorError` for a store that no file names and of which nothing is kept from before. */
export async function refuseUnknownStore(
  config: Files,
  keep: Pick<Keep, 'countSelectedHooks'>,
  store: string | undefined,
) {
  if (store !== undefined && (await keep.countSelectedHooks({ store })) === 0) await refuseUnknown(config, { store });
}
