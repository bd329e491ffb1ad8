// Compiles JSONata: simple expressions to synchronous functions, all others for jsonata's own interpreter.
import jsonata from 'jsonata';
import type { Node } from './ast.ts';
import { type Checked, checkExpression } from './check.ts';
import { compileClosure } from './closures.ts';
import type { Env } from './closures-base.ts';
import { isSequence } from './closures-values.ts';
import { ExpressionError, evaluationError, syntaxError } from './error.ts';
import { foreignHint } from './mistaken.ts';
import { plain } from './plain.ts';
import type { Read } from './reads.ts';
import { createRegexes } from './regex.ts';

export { ExpressionError } from './error.ts';

export type Expression = {
  /**
   * `input` is the context, a part of a prepared body; `env` holds the bound variables by name without `$`. `$$` is
   * `env.record`, or the input where there is none. Answers plain data, or a promise of it where the interpreter was
   * needed; throws an `ExpressionError`, or rejects with one. Changes neither `input` nor `env`.
   */
  evaluate: (input: unknown, env: Env) => unknown;
  /** Does it run without the interpreter, as long as no value is unusual? */
  compiled: boolean;
  /** What it reads by name of the variables that `env` may hold. */
  reads: readonly Read[];
  /** What keeps it with the interpreter. */
  reason?: string;
  /** How often a compiled expression needed the interpreter. */
  deopts: () => number;
};

export type ExpressionFunctions = Readonly<Record<string, { args: string; fn: (...args: unknown[]) => unknown }>>;
export type CompileOptions = {
  /** Functions by name without `$`. They must be pure: an expression may be evaluated twice. */
  functions: ExpressionFunctions;
  /** Names, without `$`, of the variables that `env` may hold. */
  bindings: readonly string[];
};

/** A looping expression ends after this many milliseconds by the clock, nested calls or list elements. */
const LIMITS = { timeout: 2_000, stack: 10_000, sequence: 1_000_000 };
const TOO_LONG = 'D1012';
/** An expression whose thread had less than half of that time is no loop: the machine stood still or was busy. It may try again. */
const WORKED_MICROS = (LIMITS.timeout / 2) * 1_000;
const PATIENT_MS = 8_000;
/** What `$$` is renamed to, because jsonata insists that it is the input. Nobody can write a name with spaces. */
const ROOT = 'the record';

/** Compiles one expression; a mistake in it throws an `ExpressionError`. */
export function compileExpression(text: string, options: CompileOptions): Expression {
  try {
    return compile(text, options);
  } catch (thrown) {
    throw syntaxError(thrown, text, foreignHint(text));
  }
}

function compile(text: string, { functions, bindings }: CompileOptions): Expression {
  const regexes = createRegexes();
  const limits = { ...LIMITS, RegexEngine: regexes.engine };
  const program = jsonata(text, limits);
  const ast: Node = program.ast();
  const checked = checkExpression(ast, functions, bindings);
  for (const [pattern, position] of checked.patterns) regexes.add(pattern, position);
  for (const root of checked.roots) root.value = ROOT;
  for (const [name, { fn }] of Object.entries(functions))
    if (checked.functions.has(name)) program.registerFunction(name, fn);
  const compiled = compileClosure(ast, functions);
  const interpret = createInterpreter(program, limits, checked);
  const usesRoot = checked.roots.length > 0;
  const bind = (input: unknown, env: Env): Env => (usesRoot ? { ...env, [ROOT]: env.record ?? input } : env);
  if ('reason' in compiled) {
    const evaluate: Expression['evaluate'] = (input, env) => interpret(input, bind(input, env));
    return { evaluate, reads: checked.reads, compiled: false, reason: compiled.reason, deopts: () => 0 };
  }
  let deopts = 0;
  const { closure } = compiled;
  const finish = checked.makesLists || checked.makesObjects ? plain : unmark;
  return {
    compiled: true,
    reads: checked.reads,
    deopts: () => deopts,
    evaluate: (input, env) => {
      const bound = bind(input, env);
      // A list as the whole input is one value to jsonata, not many.
      if (Array.isArray(input)) return interpret(input, bound);
      try {
        return finish(closure(input, bound));
      } catch (error) {
        if (error instanceof ExpressionError) throw error;
        deopts += 1;
        return interpret(input, bound);
      }
    },
  };
}

function createInterpreter(program: jsonata.Expression, limits: { timeout: number }, { makesObjects }: Checked) {
  const interpret = async (input: unknown, env: Env, timeout: number): Promise<unknown> => {
    const before = process.threadCpuUsage();
    try {
      limits.timeout = timeout;
      // Where it makes objects, jsonata pushes into empty lists of its input. Copied at once, what is shared stays shared.
      const given = makesObjects ? structuredClone({ input, env }) : { input, env };
      return plain(await program.evaluate(given.input, given.env));
    } catch (thrown) {
      const error = evaluationError(thrown);
      const { user, system } = process.threadCpuUsage(before);
      if (error.code !== TOO_LONG || user + system >= WORKED_MICROS || timeout === PATIENT_MS) throw error;
    }
    return interpret(input, env, PATIENT_MS);
  };
  return (input: unknown, env: Env) => interpret(input, env, LIMITS.timeout);
}

/** A list that came about by going over something, without its mark. */
function unmark(value: unknown): unknown {
  return Array.isArray(value) && isSequence(value) ? [...value] : value;
}
