// The mapping files in use: loaded at start, again when they change, and never replaced by broken ones.
import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem, Texts } from './files.ts';
import { type Loaded, type LoadParts, loadMappings, type Store } from './load.ts';

export type { Texts } from './files.ts';

/** Stores by name; the map is replaced whole by a reload. */
export type Mappings = {
  get: (name: string) => Store | undefined;
  all: () => readonly Store[];
  problems: () => readonly Problem[];
  /** Store files that cannot be used as they are; what was good before is in use, if there was anything. */
  broken: () => ReadonlySet<string>;
  /** Puts other files in use; stores whose files are broken keep their last good form. */
  replace: (texts: Texts) => Loaded;
};

/** Starts from `texts`; mistakes are in `problems()`, and whoever starts decides whether they matter. */
export function createMappings(texts: Texts, parts: LoadParts): Mappings {
  let loaded = loadMappings(texts, parts);
  let stores = loaded.stores;
  let list = [...stores.values()];
  return {
    get: (name) => stores.get(name),
    all: () => list,
    problems: () => loaded.problems,
    broken: () => loaded.broken,
    replace: (next) => {
      loaded = loadMappings(next, parts);
      const kept = list.filter(({ name, file }) => loaded.broken.has(file) && !loaded.stores.has(name));
      stores = new Map([...kept.map((store): [string, Store] => [store.name, store]), ...loaded.stores]);
      list = [...stores.values()];
      return loaded;
    },
  };
}

const SETTLE_MS = 200;

/**
 * Calls `onChange`, which must not reject, after files in `dir` changed and then stayed still for a moment: editors write in
 * several steps, and a change is read once they are done. Ends with the signal.
 */
export async function watchMappings(dir: string, onChange: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let changed = 0;
  let read = 0;
  let wake: () => void = () => {};
  const watcher = watch(dir, { recursive: true, persistent: false, signal }, () => {
    changed += 1;
    wake();
  });
  watcher.on('error', () => {});
  while (!signal.aborted) {
    if (read === changed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      continue;
    }
    read = changed;
    await sleep(SETTLE_MS, undefined, { signal }).catch(() => undefined);
    if (read === changed && !signal.aborted) await onChange();
  }
}
