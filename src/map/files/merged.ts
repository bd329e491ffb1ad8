// What holds for one source: its platform with the store's overrides and the apps it reads, each part with the line it is written on.
import { isTable, type Table, tableOf, valueIn } from '../../lib/table.ts';
import { type MappingFile, type Path, shown } from './files.ts';
import { createLocator, isOff, overlay, removable } from './merge.ts';
import { overridesOf } from './source.ts';

/** One expression, test or constant. `own` ones are of the store file. */
export type MergedValue = { text: string; file: string; line: number; own: boolean };
/** Several values are tried in their order. */
export type MergedPart = { path: Path; values: MergedValue[] };
export type Merged = {
  parts: MergedPart[];
  /** What the store takes away with `off`. */
  removed: MergedPart[];
};
export type MergedFiles = { platform: MappingFile; store: MappingFile; apps: readonly MappingFile[] };

type Leaf = { path: Path; value: unknown };
/** Shared fields are listed with each rule that has them; the others say nothing of how a hook is mapped. */
const ASIDE = new Set(['platform', 'title', 'settings', 'examples', 'fields', 'strip']);

const textOf = (value: unknown): string => shown(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const isLeaf = (value: unknown) => !isTable(value) || Object.keys(value).length === 0;

function leavesOf(value: unknown, path: Path = []): Leaf[] {
  if (isLeaf(value)) return [{ path, value }];
  return Object.entries(tableOf(value)).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

const tableAt = (value: unknown, ...path: string[]): Table => tableOf(valueIn(value, path));

/** The expressions that apps add behind those of a field; a constant is what the store wants the field to be. */
function appValues(path: Path, own: unknown, apps: readonly MappingFile[]): MergedValue[] {
  const [part, , table, field] = path;
  if (
    part !== 'events' ||
    table !== 'fields' ||
    path.length !== 4 ||
    typeof own === 'number' ||
    typeof own === 'boolean'
  )
    return [];
  return apps.flatMap((app) =>
    [tableAt(app.value, 'fields')[String(field)] ?? []].flat().map((one, index): MergedValue => {
      const { line } = app.at(['fields', String(field), index]);
      return { text: textOf(one), file: app.file, line, own: false };
    }),
  );
}

/** Fields that only apps give to a rule. */
function appLeaves(merged: unknown, apps: readonly MappingFile[]): Leaf[] {
  const names = [...new Set(apps.flatMap((app) => Object.keys(tableAt(app.value, 'fields'))))];
  return Object.keys(tableAt(merged, 'events')).flatMap((rule) => {
    const fields = tableAt(merged, 'events', rule, 'fields');
    const constants = tableAt(merged, 'events', rule, 'set');
    const added = names.filter((name) => !(name in fields) && !(name in constants));
    return added.map((name) => ({ path: ['events', rule, 'fields', name], value: [] }));
  });
}

/** A list of names in one file; those of both files add up. */
function namesAt(file: MappingFile, path: readonly string[], own: boolean): MergedValue[] {
  return [valueIn(file.value, path) ?? []].flat().map((name, index) => {
    const { line } = file.at([...path, index]);
    return { text: textOf(name), file: file.file, line, own };
  });
}

/** The merged parts of `sources.<source>` of a store file, in the order of the files. */
export function mergedView({ platform, store, apps }: MergedFiles, source: string): Merged {
  const entry = tableAt(store.value, 'sources', source);
  const overrides = overridesOf(entry);
  const locate = createLocator(platform, store, source);
  const merged = overlay(tableAt(platform.value), overrides);
  const valueAt = (value: unknown, path: Path): MergedValue => {
    const { file, line } = locate(path);
    return { text: textOf(value), file, line, own: file === store.file };
  };
  const toPart = ({ path, value }: Leaf): MergedPart => {
    const own = Array.isArray(value)
      ? value.map((one, index) => valueAt(one, [...path, index]))
      : [valueAt(value, path)];
    return { path, values: [...own, ...appValues(path, value, apps)] };
  };
  const leaves = [...leavesOf(merged), ...appLeaves(merged, apps)];
  const listed = leaves.filter(({ path: [part] }) => !ASIDE.has(String(part)));
  // Parts of one rule stand together.
  const groups = Map.groupBy(listed, ({ path: [part, rule] }) => (part === 'events' ? `events ${rule}` : part));
  const kept = new Set(leaves.map(({ path }) => path.join('\n')));
  const removed = leavesOf(overrides).filter(
    ({ path, value }) => removable(path) && isOff(value) && !kept.has(path.join('\n')),
  );
  const stripped = [...namesAt(platform, ['strip'], false), ...namesAt(store, ['sources', source, 'strip'], true)];
  const parts = [...groups.values()].flat().map(toPart);
  if (stripped.length > 0) parts.push({ path: ['strip'], values: stripped });
  return { parts, removed: removed.map(toPart) };
}
