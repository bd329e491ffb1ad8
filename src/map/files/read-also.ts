// Files that say where other apps leave their ids on an order; laid under what a platform reads itself.
import { z } from 'zod';
import { nearestOrAll } from '../../lib/nearest.ts';
import { plainWords } from '../../lib/plain-words.ts';
import { isTable } from '../../lib/table.ts';
import { type CompiledField, type CompiledRule, compileFields, type RuleContext } from '../rule.ts';
import { AppFields, Name } from '../schema/schema.ts';
import { type MappingFile, type Problem, whereIn } from './files.ts';
import { zodProblems } from './problems.ts';

const KEYS = ['read_also', 'title', 'fields'];
/** `$attributes` are the names and values on the record, as its platform says. */
export const ReadAlso = z.strictObject({
  read_also: Name,
  title: z.string(),
  fields: AppFields,
});

/** By the names stores know them by. */
export type Apps = ReadonlyMap<string, MappingFile>;

/** Checks files of apps by themselves. One with mistakes is known too, so that stores are not told that it is not there. */
export function indexApps(
  files: readonly MappingFile[],
  bound: readonly string[],
  compile: RuleContext['compile'],
  problems: Problem[],
): Map<string, MappingFile> {
  const apps = new Map<string, MappingFile>();
  for (const file of files) {
    const locate = whereIn(file);
    const parsed = ReadAlso.safeParse(file.value, { reportInput: true, error: plainWords });
    if (!parsed.success) problems.push(...zodProblems(parsed.error.issues, locate, KEYS));
    else compileFields(parsed.data.fields, ['fields'], bound, { compile, locate, problems });
    const name = isTable(file.value) ? file.value.read_also : undefined;
    if (typeof name !== 'string') continue;
    const other = apps.get(name);
    if (other === undefined) apps.set(name, file);
    else problems.push({ ...locate(['read_also']), code: 'TWICE', message: `${name} is also in ${other.file}` });
  }
  return apps;
}

/** The fields of the apps a store reads, in its order. A name nobody knows is a mistake at its place. */
export function compileApps(
  names: readonly string[],
  apps: Apps,
  bound: readonly string[],
  { compile, locate, problems }: RuleContext,
): CompiledField[] {
  return names.flatMap((name, index) => {
    const file = apps.get(name);
    if (file !== undefined) {
      const fields = ReadAlso.safeParse(file.value).data?.fields ?? {};
      return compileFields(fields, ['fields'], bound, { compile, locate: whereIn(file), problems: [] });
    }
    const hint = nearestOrAll(name, apps.keys());
    const message = `there is no file read_also/${name}.yaml`;
    problems.push({ ...locate(['read_also', index]), code: 'UNKNOWN_APP', message, hint });
    return [];
  });
}

/** The rule with the fields of apps behind its own: a field's own expressions go first, then those of the apps in turn. */
export function withApps(rule: CompiledRule, apps: readonly CompiledField[]): CompiledRule {
  const fields = new Map(rule.fields.map((field) => [field.path, field]));
  for (const { path, ...app } of apps) {
    const own = fields.get(path);
    // A constant is what the store wants the field to be.
    if (own !== undefined && own.expressions.length === 0) continue;
    const expressions = [...(own?.expressions ?? []), ...app.expressions];
    fields.set(path, { ...app, path, ...own, expressions });
  }
  return { ...rule, fields: [...fields.values()] };
}
