// The mapping files in use: loaded at start, again when they change, and never replaced by broken ones.
import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Problem, STORES, type Texts } from './files.ts';
import { createLoader, type Loaded, type LoadParts, type Store } from './load.ts';

/** Stores by name; the map is replaced whole by a reload. */
export type Mappings = {
  get: (name: string) => Store | undefined;
  all: () => readonly Store[];
  problems: () => readonly Problem[];
  /** What is in use, and is most likely not meant. */
  warnings: () => readonly Problem[];
  /** Store files, or their folder, that cannot be used as they are; what was good before is in use, if there was anything. */
  broken: () => ReadonlySet<string>;
  /**
   * Puts other files in use; stores whose files are broken keep their last good form, and so do all of them where their
   * folder cannot be read or no store is left.
   */
  replace: (texts: Texts) => Loaded;
};

/** A folder without stores is more likely moved, mounted or written anew at this moment than meant. */
const noneLeft = (loaded: Loaded): Loaded => ({
  ...loaded,
  broken: new Set([...loaded.broken, STORES]),
  problems: [
    ...loaded.problems,
    {
      file: STORES,
      line: 1,
      column: 1,
      code: 'NO_STORES',
      message: 'no store file is left that can be used, so the stores stay in use as they were',
      hint: 'put the files back, or restart the service to go on without',
    },
  ],
});

/** Starts from `texts`; mistakes are in `problems()`, and whoever starts decides whether they matter. */
export function createMappings(texts: Texts, parts: LoadParts): Mappings {
  const load = createLoader(parts);
  let loaded = load(texts);
  let stores = loaded.stores;
  let list = [...stores.values()];
  return {
    get: (name) => stores.get(name),
    all: () => list,
    problems: () => loaded.problems,
    warnings: () => loaded.warnings,
    broken: () => loaded.broken,
    replace: (next) => {
      loaded = load(next);
      const isKept = ({ file }: Store) => loaded.broken.has(file) || loaded.broken.has(STORES);
      if (loaded.stores.size === 0 && list.length > 0 && !list.some(isKept)) loaded = noneLeft(loaded);
      const kept = list.filter((store) => isKept(store) && !loaded.stores.has(store.name));
      stores = new Map([...kept.map((store): [string, Store] => [store.name, store]), ...loaded.stores]);
      list = [...stores.values()];
      return loaded;
    },
  };
}

const SETTLE_MS = 200;

/**
 * Calls `onChange`, which must not reject, after files in `dir` changed and then stayed still for a moment: editors write in
 * several steps, and a change is read once they are done. `isBehind` is asked once, when changes are heard: did files change
 * before? Ends with the signal.
 */
export async function watchMappings(
  dir: string,
  { onChange, isBehind }: { onChange: () => Promise<void>; isBehind: () => Promise<boolean> },
  signal: AbortSignal,
): Promise<void> {
  let changed = 0;
  let read = 0;
  let wake: () => void = () => {};
  const open = () =>
    watch(dir, { recursive: true, persistent: false }, () => {
      changed += 1;
      wake();
    }).on('error', () => {});
  let watcher = open();
  /** Node.js hears nothing more of a file once another took its place, as editors and git do: it is told of all files again. */
  const renew = () => {
    try {
      const next = open();
      watcher.close();
      watcher = next;
    } catch {
      // The folder is away; whoever watches it still hears when it is back.
    }
  };
  signal.addEventListener('abort', () => wake(), { once: true });
  if (await isBehind()) changed += 1;
  while (!signal.aborted) {
    if (read === changed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    read = changed;
    await sleep(SETTLE_MS, undefined, { signal }).catch(() => undefined);
    if (read !== changed || signal.aborted) continue;
    renew();
    await onChange();
  }
  watcher.close();
}
