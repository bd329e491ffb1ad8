// What expressions read of tables whose names are all known before anything comes: of any other name there is never a value.
import { nearest, nearestOrAll } from '../lib/nearest.ts';
import type { Node } from './expression-ast.ts';
import { ExpressionError } from './expression-error.ts';
import type { RuleContext } from './rule.ts';

/** `$lookup.order` reads `order` of `lookup`. */
export type Read = { of: string; name: string; position: number | undefined };
/** What is wrong with what is read; undefined where it may be there. */
type MistakeOf = (read: Pick<Read, 'of' | 'name'>) => { code: string; message: string; hint: string } | undefined;

/** What a path reads of variables by their names alone. */
export function readsIn({ type, steps = [] }: Node, startOf: (node: Node) => number | undefined): Read[] {
  if (type !== 'path') return [];
  return steps.flatMap((node, index): Read[] => {
    const table = steps[index - 1];
    if (node.type !== 'name' || table?.type !== 'variable' || table.group !== undefined) return [];
    return [{ of: String(table.value), name: String(node.value), position: startOf(node) }];
  });
}

/** Compiles as before, and refuses what reads something that is never there. */
export const refusing =
  (compile: RuleContext['compile'], mistakeOf: MistakeOf): RuleContext['compile'] =>
  (text, names) => {
    const run = compile(text, names);
    for (const read of run.reads) {
      const mistake = mistakeOf(read);
      if (mistake !== undefined) throw new ExpressionError(mistake.code, mistake.message, read.position, mistake.hint);
    }
    return run;
  };

/** Names of look-ups and settings that a source has neither of its platform nor of its store. */
export const unknownTo =
  (lookups: readonly string[], settings: readonly string[]): MistakeOf =>
  ({ of, name }) => {
    if (of === 'lookup' && !lookups.includes(name)) {
      const hint = lookups.length === 0 ? 'look-ups stand under lookups:' : nearestOrAll(name, lookups);
      return { code: 'UNKNOWN_LOOKUP', message: `there is no look-up ${name}`, hint };
    }
    if (of === 'settings' && !settings.includes(name)) {
      const hint = nearest(name, settings) ?? 'declare it under settings: of the platform';
      return { code: 'UNKNOWN_SETTING', message: `there is no setting ${name}`, hint };
    }
    return undefined;
  };

/** Look-ups are asked one after the other: `later` are those that stand behind `self`. */
export const notYetFor =
  (self: string, later: readonly string[]): MistakeOf =>
  ({ of, name }) => {
    if (of !== 'lookup') return undefined;
    const code = 'UNKNOWN_LOOKUP';
    if (name === self) {
      const hint = 'under take: its fields are named by themselves';
      return { code, message: `${name} reads its own answer, which is not there yet`, hint };
    }
    if (!later.includes(name)) return undefined;
    const message = `${name} is asked after ${self}, so ${self} never has its answer`;
    return {
      code,
      message,
      hint: `they are asked as they stand, those of the platform first: put ${name} above ${self}`,
    };
  };
