// A rule, compiled: its expressions once at load, with every mistake reported at its place in the file.
import { EVENT_FIELDS, type Field, ITEM_FIELDS } from '../event.ts';
import { misspelt } from '../event-name.ts';
import { nearest } from '../lib/nearest.ts';
import { type CompiledCondition, compileCondition } from './condition.ts';
import { CUSTOM, compileSet, constantOf, fieldOf, refuseMistaken, refuseSameKey } from './constants.ts';
import { type Expression, ExpressionError } from './expression/expression.ts';
import type { Locate, Path, Problem } from './files/files.ts';
import { place } from './files/merge.ts';
import { Items, type Rule } from './schema/schema.ts';

/** One field: its expressions in order, and where each is written. A constant has no expressions. */
export type CompiledField = {
  path: string;
  field: Field;
  expressions: { text: string; run: Expression; at: string }[];
  constant?: string | number | boolean;
  at: string;
};
export type CompiledRule = {
  name: string;
  /** The event it makes, as far as that is known without a record. */
  emit: string;
  /** Names the event, where records decide. */
  emits: Expression | undefined;
  at: string;
  topics: RegExp | undefined;
  /** The same as they are written; none where any will do. */
  told: readonly string[];
  when: CompiledCondition | undefined;
  each: Expression | undefined;
  /** All of them name the event, if it `hasNames`; else there is at most one. */
  keys: Expression[];
  hasNames: boolean;
  /** Gives a duration. */
  wait: Expression | undefined;
  lets: { name: string; run: Expression }[];
  fields: CompiledField[];
  items: { each: Expression; fields: CompiledField[] } | undefined;
};

/** What compiling needs: an expression compiler that knows the bound names, and where to report. */
export type RuleContext = {
  compile: (text: string, names: readonly string[]) => Expression;
  locate: Locate;
  problems: Problem[];
};

/**
 * Compiles an expression where there is one; a mistake becomes a problem at its place, which is that of a `key` or of a value,
 * and undefined is returned.
 */
export function compileAt(
  text: string | undefined,
  path: Path,
  names: readonly string[],
  context: RuleContext,
  key = false,
): Expression | undefined {
  if (text === undefined) return undefined;
  try {
    return context.compile(text, names);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const at = context.locate(path, key);
    const shift = Math.max(0, (error.position ?? 0) - 1);
    const { code, message, hint } = error;
    const column = at.column + (text.includes('\n') ? 0 : shift);
    context.problems.push({ ...at, column, code, message, hint });
    return undefined;
  }
}

/** Compiles a `when` table that stands at a path. */
export const compileWhen = (
  when: Record<string, unknown>,
  at: Path,
  names: readonly string[],
  context: RuleContext,
): CompiledCondition =>
  compileCondition(when, (text, path, key) => compileAt(text, [...at, ...path], names, context, key));

function compileField(
  { path, field }: Pick<CompiledField, 'path' | 'field'>,
  given: unknown,
  at: Path,
  names: readonly string[],
  context: RuleContext,
): CompiledField {
  const base = { path, field, at: place(context.locate(at)) };
  if (typeof given === 'number' || typeof given === 'boolean') {
    const constant = field === CUSTOM ? given : constantOf({ path, field }, given, at, context);
    return { ...base, expressions: [], ...(constant !== undefined && { constant }) };
  }
  const texts = Array.isArray(given) ? given.map(String) : [String(given)];
  const expressions = texts.flatMap((text, index) => {
    const own = Array.isArray(given) ? [...at, index] : at;
    const run = compileAt(text, own, names, context);
    refuseMistaken({ path, field }, text, own, context);
    return run === undefined ? [] : [{ text, run, at: place(context.locate(own)) }];
  });
  return { ...base, expressions };
}

/** The fields of an event, without its items. */
export const compileFields = (
  fields: Readonly<Record<string, unknown>>,
  at: Path,
  names: readonly string[],
  context: RuleContext,
): CompiledField[] =>
  Object.entries(fields).map(([path, given]) =>
    compileField({ path, field: fieldOf(path, EVENT_FIELDS) }, given, [...at, path], names, context),
  );

/** `let:` in its order: each may use those before it. Answers them, and all names that are bound after them. */
export function compileLets(
  lets: Readonly<Record<string, unknown>> | undefined,
  at: Path,
  names: readonly string[],
  context: RuleContext,
): { lets: CompiledRule['lets']; bound: readonly string[] } {
  const compiled: CompiledRule['lets'] = [];
  const bound = [...names];
  for (const [name, text] of Object.entries(lets ?? {})) {
    const run = compileAt(String(text), [...at, 'let', name], bound, context);
    if (run !== undefined) compiled.push({ name, run });
    bound.push(name);
  }
  return { lets: compiled, bound };
}

function compileKeys({ key, keys }: Rule, at: Path, names: readonly string[], context: RuleContext): Expression[] {
  const compiled = Object.entries({ key, keys }).flatMap(([name, given]) =>
    (given === undefined ? [] : [given].flat()).flatMap((text, index) => {
      const own = Array.isArray(given) ? [...at, name, index] : [...at, name];
      refuseSameKey(text, own, context);
      return compileAt(text, own, names, context) ?? [];
    }),
  );
  if (key !== undefined && keys !== undefined) {
    const message = 'a rule has either key or keys';
    context.problems.push({ ...context.locate([...at, 'keys'], true), code: 'INVALID', message });
  }
  return compiled;
}

function compileItems(given: unknown, at: Path, names: readonly string[], context: RuleContext): CompiledRule['items'] {
  // Field tables are typed by name only; zod has checked this part already, and says so again to the compiler.
  const items = Items.optional().parse(given);
  if (items === undefined) return undefined;
  const each = compileAt(items.each, [...at, 'each'], names, context);
  const fields = Object.entries(items.fields).map(([path, text]) =>
    compileField({ path, field: fieldOf(path, ITEM_FIELDS) }, text, [...at, 'fields', path], names, context),
  );
  return each && { each, fields };
}

/** `orders/*` and the like as one regular expression over the whole topic. */
export function topicPattern(topics: readonly string[]): RegExp {
  const escaped = topics.map((topic) => topic.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  return new RegExp(`^(?:${escaped.join('|')})$`);
}

/** A constant of a field that is also mapped is what it falls back to. */
function withConstants(fields: CompiledField[], constants: CompiledField[]): CompiledField[] {
  const byPath = new Map(constants.map((constant) => [constant.path, constant]));
  const filled = fields.map((field) => ({ ...byPath.get(field.path), ...field }));
  const mapped = new Set(fields.map((field) => field.path));
  return [...filled, ...constants.filter((constant) => !mapped.has(constant.path))];
}

/** Fields by which an event is known where its rule has no key. */
const NAMING = ['order_id', 'lead_id'];

/** An event that is one letter off a standard name would be no purchase to anybody. */
function refuseMisspelt({ name, emit, emits }: CompiledRule, context: RuleContext): void {
  const hint = emits === undefined ? misspelt(emit) : undefined;
  if (hint === undefined) return;
  const where = emit === name ? context.locate(['events', name], true) : context.locate(['events', name, 'emit']);
  context.problems.push({ ...where, code: 'INVALID', message: `is no standard event: ${emit}`, hint });
}

/** Reports rules whose events could never be told apart, or are called what nobody knows. */
export function refuseNameless(rules: readonly CompiledRule[], context: RuleContext): void {
  for (const rule of rules) {
    const { name, keys, fields } = rule;
    if (keys.length > 0 || fields.some(({ path }) => NAMING.includes(path))) {
      refuseMisspelt(rule, context);
      continue;
    }
    const others = rules.flatMap((other) => (other.name === name ? [] : other.name));
    const where = context.locate(['events', name], true);
    const message = `${name} has neither a key nor ${NAMING.join(' or ')}, by which its events are told apart`;
    context.problems.push({ ...where, code: 'MISSING', message, hint: nearest(name, others) });
  }
}

/** Compiles a rule at `events.<name>`. Mistakes go to `context.problems`; the result is only used if there are none. */
export function compileRule(name: string, rule: Rule, names: readonly string[], context: RuleContext): CompiledRule {
  const at: Path = ['events', name];
  const each = compileAt(rule.each, [...at, 'each'], names, context);
  const { lets, bound } = compileLets(rule.let, at, names, context);
  const when = rule.when && compileWhen(rule.when, [...at, 'when'], bound, context);
  const keys = compileKeys(rule, at, bound, context);
  const wait = compileAt(rule.wait, [...at, 'wait'], bound, context);
  const { emit = name } = rule;
  const emits = emit.startsWith('$') ? compileAt(emit, [...at, 'emit'], bound, context) : undefined;
  const { items, ...plain } = rule.fields ?? {};
  const fields = compileFields(plain, [...at, 'fields'], bound, context);
  const compiledItems = compileItems(items, [...at, 'fields', 'items'], bound, context);
  const constants = compileSet(rule.set, [...at, 'set'], context);
  return {
    name,
    emit,
    emits,
    at: place(context.locate(at, true)),
    topics: rule.topics && topicPattern(rule.topics),
    told: rule.topics ?? [],
    when,
    each,
    keys,
    hasNames: rule.keys !== undefined,
    wait,
    lets,
    fields: withConstants(fields, constants),
    items: compiledItems,
  };
}
