// `when` tables: declarative tests that are right for a missing field too, and say which of them did not hold.
import { isTable } from '../lib/table.ts';
import { compileTest, type Test, valuesOf } from './condition-test.ts';
import { ExpressionError } from './expression/error.ts';
import type { Expression } from './expression/expression.ts';

/** `reason` is about the first test that does not hold. */
type Condition = { holds: true } | { holds: false; reason: string };

type Env = Record<string, unknown>;
/** Answers with the value itself: what to do about expressions that need the interpreter is the caller's business. */
export type Evaluate = (run: Expression, input: unknown, env: Env) => unknown;
export type CompiledCondition = (input: unknown, env: Env, evaluate: Evaluate) => Condition;
/**
 * Compiles the text at a path inside the table, where it is the `key` or the value; undefined when it has a mistake, which is
 * reported elsewhere.
 */
export type CompileAt = (text: string, path: readonly (string | number)[], key: boolean) => Expression | undefined;

/** `isMissing`: what was looked for is not there at all, which may be a matter of the subscription. */
type Verdict = { holds: true } | { holds: false; reason: string; isMissing: boolean };
type Tests = (...given: Parameters<CompiledCondition>) => Verdict;

const HOLDS: Verdict = { holds: true };

/**
 * Compiles a table; all of its tests must hold. A key is a dotted path or any other expression, its value a test:
 * a value or a list of them (texts compare as texts, numbers by value, so that 12.5 is also "12.50"; true is also
 * "true", 1 and "1"), `{ not }`, `{ exists }`, `{ gt, gte, lt, lte }` or `{ matches }`. Where a path gives several values
 * one that fits is enough. A missing field, which an empty list is too, fulfils only `{ not }` and `{ exists: false }`.
 * `any` is a list of tables one of which must hold, `expression` must be true in JSONata's sense. `hint` is for a field that
 * is not there at all.
 */
export function compileCondition(
  table: Record<string, unknown>,
  compile: CompileAt,
  hint = 'does the subscription send all fields?',
): CompiledCondition {
  const tests = compileTable(table, compile);
  return (...given) => {
    const verdict = tests(...given);
    if (verdict.holds) return verdict;
    const { reason, isMissing } = verdict;
    return { holds: false, reason: isMissing ? `${reason}; ${hint}` : reason };
  };
}

function compileTable(table: Record<string, unknown>, compile: CompileAt): Tests {
  const tests = Object.entries(table).flatMap(([key, given]) => compileEntry(key, given, compile) ?? []);
  return (input, env, evaluate) => {
    for (const test of tests) {
      const verdict = test(input, env, evaluate);
      if (!verdict.holds) return verdict;
    }
    return HOLDS;
  };
}

function compileEntry(key: string, given: unknown, compile: CompileAt): Tests | undefined {
  if (key === 'any') return compileAny(given, compile);
  if (key === 'expression') return compileTruth(String(given), compile);
  const run = compile(key, [key], true);
  const test = compileTest(given);
  if (test === undefined) throw new ExpressionError('UNKNOWN_TEST', `${key}: this is no test`);
  return (
    run &&
    ((input, env, evaluate) => {
      const value = evaluate(run, input, env);
      return test.fits(value) ? HOLDS : fail(key, test, value);
    })
  );
}

function compileAny(given: unknown, compile: CompileAt): Tests {
  const tables = Array.isArray(given) ? given.filter(isTable) : [];
  const choices = tables.map((table, index) =>
    compileTable(table, (text, path, key) => compile(text, ['any', index, ...path], key)),
  );
  return (input, env, evaluate) => {
    const reasons: string[] = [];
    let areMissing = true;
    for (const choice of choices) {
      const verdict = choice(input, env, evaluate);
      if (verdict.holds) return HOLDS;
      reasons.push(verdict.reason);
      // What one alternative lacks is no matter of the subscription where another was there.
      areMissing &&= verdict.isMissing;
    }
    const reason = reasons.join(' and ');
    return {
      holds: false,
      reason: reasons.length > 1 ? `${reason} (one of them is enough)` : reason,
      isMissing: areMissing,
    };
  };
}

function compileTruth(text: string, compile: CompileAt): Tests | undefined {
  const run = compile(text, ['expression'], false);
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const verdict: Verdict = { holds: false, reason: `the expression does not hold: ${shown}`, isMissing: false };
  return run && ((input, env, evaluate) => (isTrue(evaluate(run, input, env)) ? HOLDS : verdict));
}

/** As `$boolean` of JSONata has it. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue);
  return isTable(value) ? Object.keys(value).length > 0 : Boolean(value);
}

const IS_PATH = /^[\w$.`-]+$/;

function fail(path: string, { want }: Test, value: unknown): Verdict {
  if (valuesOf(value).length === 0) return { holds: false, reason: `${path} is missing`, isMissing: true };
  // A field that is true is told as any other; of a comparison nobody says that it is "true".
  if (typeof value === 'boolean' && !IS_PATH.test(path)) {
    const reason = value ? `${path} holds (must not)` : `${path} does not hold (must)`;
    return { holds: false, reason, isMissing: false };
  }
  const got = showable(path, value);
  const shown = got === undefined ? 'something else' : `"${got}"`;
  return { holds: false, reason: `${path} is ${shown} (must ${want})`, isMissing: false };
}

/** An e-mail address, an address of a computer, or a phone number with its sign or its zero before it. */
const LOOKS_PERSONAL = /@|%40|(?:\d{1,3}\.){3}\d|(?:\+\d|^\(?0)[\d\s()./-]{7,}/;
/** Fields that say who somebody is or where they live; a country is nobody's secret. */
const NAMES_SOMEBODY =
  /(?:first|last|given|family|full|sur)_?name|phone|mobile|street|birth|address(?![\w.]*(?:country|region|province|state))/i;

/** A short value that tells of nobody, for reasons are kept in the ledger, shown and logged; undefined for any other. */
function showable(path: string, value: unknown): string | undefined {
  if (typeof value === 'object' || NAMES_SOMEBODY.test(path)) return undefined;
  const text = String(value);
  return text.length <= 40 && !LOOKS_PERSONAL.test(text) ? text : undefined;
}
