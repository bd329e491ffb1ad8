// Lays a store's overrides of one source over its platform file, and remembers which file each part came from.
import type { MappingFile, Path, Problem } from './files.ts';

type Table = Record<string, unknown>;
export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOff = (value: unknown) => value === 'off' || value === false;

/** Tables where `key: off` takes the platform's key away; elsewhere `off` and false are ordinary values. */
const removable = (path: Path) =>
  (path.length === 2 && path[0] === 'events') ||
  (path.length > 3 &&
    path[0] === 'events' &&
    ['when', 'fields', 'set', 'let'].includes(String(path[2])) &&
    path.length === 4);

/** Merges tables key by key; everything else, `any:` and `expression:` included, is replaced whole. */
export function mergeOver(base: unknown, over: unknown, path: Path = []): unknown {
  if (!isTable(base) || !isTable(over) || isWholeTest(path)) return over;
  const merged: Table = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const inner = [...path, key];
    if (removable(inner) && isOff(value)) delete merged[key];
    else merged[key] = key in base ? mergeOver(base[key], value, inner) : value;
  }
  return merged;
}

/** A source's parts laid over its platform's. A constant that the store sets replaces what the platform maps. */
export function overlay(platform: unknown, source: unknown): unknown {
  const merged = mergeOver(platform, source);
  if (!isTable(merged) || !isTable(merged.events) || !isTable(source) || !isTable(source.events)) return merged;
  for (const [name, rule] of Object.entries(source.events)) {
    const target = merged.events[name];
    if (!isTable(rule) || !isTable(rule.set) || !isTable(target) || !isTable(target.fields)) continue;
    const own = isTable(rule.fields) ? rule.fields : {};
    const set = rule.set;
    const kept = Object.entries(target.fields).filter(([path]) => path in own || !(path in set));
    target.fields = Object.fromEntries(kept);
  }
  return merged;
}

/** A test of a `when` table is one thing: `{ not: x }` of the store replaces the platform's `[a, b]`. */
const isWholeTest = (path: Path) => path[0] === 'events' && path[2] === 'when' && path.length === 4;

/** The place of a path of the merged source: in the store file if it says something there, else in the platform file. */
export function createLocator(platform: MappingFile, store: MappingFile, sourceName: string) {
  return (path: Path, key = false): Pick<Problem, 'file' | 'line' | 'column'> => {
    const inStore = ['sources', sourceName, ...path];
    if (store.has(inStore)) return { file: store.file, ...store.at(inStore, key) };
    return { file: platform.file, ...platform.at(path, key) };
  };
}
export type Locate = ReturnType<typeof createLocator>;
