// What expressions read of tables whose names are all known before anything comes: of any other name there is never a value.
import { nearest, nearestOrAll } from '../../lib/nearest.ts';
import type { RuleContext } from '../rule.ts';
import type { Node } from './ast.ts';
import { ExpressionError } from './error.ts';

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

/** Bound to texts wherever they are bound. */
const TEXTS = ['topic', 'store', 'received_at', 'money', 'country'];

/** Throws where nothing can be read: of a text, of a function, or of headers by a name that none has. */
export function checkRead({ of, name, position }: Read, { times, isFunction }: { times: number; isFunction: boolean }) {
  if (times === 0 && isFunction) {
    // It is one of JSONata's too, where it is not bound.
    const [message, hint] =
      of === 'lookup'
        ? ['there are no look-ups here', 'those of a source are known to its own expressions alone']
        : [`$${of} is a function and has no ${name}`, `write $${of}(${name})`];
    throw new ExpressionError('NO_TABLE', message, position, hint);
  }
  if (times !== 1) return;
  if (TEXTS.includes(of)) {
    const message = `$${of} is a text and has no ${name}`;
    throw new ExpressionError('NO_TABLE', message, position, `write $${of} alone`);
  }
  if (of === 'headers' && name !== name.toLowerCase()) {
    const message = `$headers."${name}" is never there: names of headers are read in small letters`;
    throw new ExpressionError('HEADER', message, position, `write $headers."${name.toLowerCase()}"`);
  }
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
