// Runs compiled rules over one record: which of them hold, and the drafts of events they make.
import { DURATION, durationMs } from '../lib/duration.ts';
import type { Evaluate } from './condition.ts';
import { valuesOf } from './condition-test.ts';
import { convert, isMissing, sendable } from './convert.ts';
import { type Expression, ExpressionError } from './expression/expression.ts';
import type { Draft, Values } from './policy.ts';
import type { CompiledField, CompiledRule } from './rule.ts';
import type { Tried, Watch } from './watch.ts';

export type Env = Record<string, unknown>;
type Scalar = string | number | boolean;
/** Where a mapped id came from. */
export type Provenance = Record<string, { from: string }>;
export type Made = {
  rule: CompiledRule;
  /** Ids that name the event, at least one. */
  keys: [string, ...string[]];
  /** Milliseconds that the event leaves to hooks that tell it better. */
  wait: number | undefined;
  draft: Draft;
  provenance: Provenance;
};
export type RuleResult = {
  made: Made[];
  /** What must be mended before this record can be mapped: place in the mapping file, field, and what is wrong. */
  problems: { at: string; field: string; message: string }[];
  /** Why the rule did not hold. */
  failed?: string;
};

/** Thrown to leave a synchronous run when the interpreter needs a turn; the run is repeated once it has answered. */
class Pending extends Error {
  readonly answer: Promise<void>;
  constructor(answer: Promise<void>) {
    super('an expression needs the interpreter');
    this.answer = answer;
  }
}
type Answer = { value: unknown } | { error: unknown };
/** Expressions are pure, so every repeat asks the same questions in the same order: an answer is known by its number. */
export type Results = { asked: number; answers: Map<number, Answer>; watch?: Watch };

/** Evaluates synchronously, or leaves the run until the interpreter has answered. Throws what the expression throws. */
export function evaluate(run: Expression, input: unknown, env: Env, results: Results): unknown {
  const number = results.asked++;
  const known = results.answers.size === 0 ? undefined : results.answers.get(number);
  if (known !== undefined) {
    if ('error' in known) throw known.error;
    return known.value;
  }
  const value = run.evaluate(input, env);
  if (!(value instanceof Promise)) return value;
  const note = (answer: Answer) => void results.answers.set(number, answer);
  throw new Pending(
    value.then(
      (answer) => note({ value: answer }),
      (error) => note({ error }),
    ),
  );
}

/** The same for conditions, which are told what to ask with. */
export const evaluateIn =
  (results: Results): Evaluate =>
  (run, input, env) =>
    evaluate(run, input, env, results);

/** Runs `work` again until no expression is waiting for the interpreter. `watch` gets the steps of the last run. */
export function untilSettled<T>(work: (results: Results) => T, watch?: Watch): T | Promise<T> {
  const results: Results = { asked: 0, answers: new Map(), ...(watch !== undefined && { watch }) };
  const attempt = (): T | Promise<T> => {
    results.asked = 0;
    if (watch !== undefined) watch.length = 0;
    try {
      return work(results);
    } catch (error) {
      if (error instanceof Pending) return error.answer.then(attempt);
      throw error;
    }
  };
  return attempt();
}

/** The words of a mistake, short enough for a reason. Whatever else was thrown is none, and goes on its way. */
export const messageOf = ({ message }: ExpressionError): string => message.slice(0, 200);

type Field = { value: Scalar; from: string } | { problem: string } | undefined;

/** The first expression that gives a usable value, else the constant. */
function runField(field: CompiledField, input: unknown, env: Env, results: Results, tried?: Tried[]): Field {
  for (const { text, run, at } of field.expressions) {
    let given: unknown;
    try {
      given = evaluate(run, input, env, results);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { problem: messageOf(error) };
    }
    tried?.push({ text, at, given });
    if (isMissing(given)) continue;
    const converted = convert(field.field, given);
    if ('value' in converted) return { value: keepScalar(field, given, converted.value), from: text };
    if ('problem' in converted) return { problem: converted.problem };
  }
  return field.constant === undefined ? undefined : { value: field.constant, from: 'set' };
}

/** Free parameters stay numbers or booleans where the body has them so; every other field has its own type. */
function keepScalar(field: CompiledField, given: unknown, value: Scalar): Scalar {
  return (typeof given === 'number' || typeof given === 'boolean') && field.path.startsWith('custom.') ? given : value;
}

function runFields(
  fields: readonly CompiledField[],
  input: unknown,
  env: Env,
  results: Results,
  out: RuleResult,
  provenance?: Provenance,
) {
  const values: Values = {};
  for (const field of fields) {
    const tried: Tried[] | undefined = results.watch && [];
    const result = runField(field, input, env, results, tried);
    if (tried !== undefined) results.watch?.push({ kind: 'field', field, tried, ...result });
    if (result === undefined) continue;
    if ('problem' in result) {
      out.problems.push({ at: field.at, field: field.path, message: result.problem });
      continue;
    }
    values[field.path] = result.value;
    if (provenance !== undefined && field.field.id === true) provenance[field.path] = { from: result.from };
  }
  return values;
}

/** The rule over one context: the record, or one element of its `each`. */
function runOnce(rule: CompiledRule, input: unknown, env: Env, results: Results, out: RuleResult): void {
  results.watch?.push({ kind: 'element' });
  const own: Env = { ...env };
  for (const { name, run } of rule.lets) own[name] = evaluate(run, input, own, results);
  if (rule.when !== undefined) {
    const verdict = rule.when(input, own, evaluateIn(results));
    if (!verdict.holds) {
      out.failed = verdict.reason;
      results.watch?.push({ kind: 'failed', reason: verdict.reason });
      return;
    }
  }
  const mistakes = out.problems.length;
  const name = rule.emits === undefined ? rule.emit : evaluate(rule.emits, input, own, results);
  if (typeof name !== 'string') {
    out.problems.push({ at: rule.at, field: 'emit', message: 'names no event' });
    return;
  }
  const provenance: Provenance = {};
  const values = runFields(rule.fields, input, own, results, out, provenance);
  const draft: Draft = { name, values };
  if (rule.items !== undefined) {
    const { each, fields } = rule.items;
    const bound = own.record === input ? own : { ...own, record: input };
    draft.items = valuesOf(evaluate(each, input, own, results)).map((item) => {
      results.watch?.push({ kind: 'item' });
      return runFields(fields, item, bound, results, out);
    });
  }
  const found = rule.keys.length > 0 ? idsOf(rule, input, own, results) : [values.order_id ?? values.lead_id];
  const [key, ...more] = [...new Set(found.flatMap((id) => (id === undefined ? [] : String(id))))];
  if (key === undefined) {
    out.problems.push({ at: rule.at, field: 'key', message: 'gives no id to know this event by' });
    return;
  }
  const wait = readWait(rule.wait && evaluate(rule.wait, input, own, results));
  if (Number.isNaN(wait)) out.problems.push({ at: rule.at, field: 'wait', message: 'gives no duration such as 2m' });
  if (out.problems.length > mistakes) return;
  results.watch?.push({ kind: 'draft' });
  out.made.push({ rule, keys: [key, ...more], wait, draft, provenance });
}

/** The ids that a rule's keys give, in their order, as they can be kept and sent. */
export function idsOf(rule: CompiledRule, input: unknown, env: Env, results: Results): (string | number)[] {
  const isId = (id: unknown): id is string | number => (typeof id === 'string' && id !== '') || typeof id === 'number';
  const asSent = (id: unknown) => (typeof id === 'string' ? sendable(id) : id);
  return rule.keys.flatMap((run) =>
    valuesOf(evaluate(run, input, env, results))
      .map(asSent)
      .filter(isId),
  );
}

const readWait = (given: unknown): number | undefined => {
  if (isMissing(given)) return undefined;
  return typeof given === 'string' && DURATION.test(given) ? durationMs(given) : Number.NaN;
};

/** Runs one rule over one record. An error inside an expression becomes a problem of that field, never a thrown error. */
export function runRule(rule: CompiledRule, record: unknown, env: Env, results: Results): RuleResult {
  const out: RuleResult = { made: [], problems: [] };
  results.watch?.push({ kind: 'rule', rule });
  try {
    if (rule.each === undefined) runOnce(rule, record, env, results, out);
    else
      for (const element of valuesOf(evaluate(rule.each, record, env, results)))
        runOnce(rule, element, { ...env, record }, results, out);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    out.problems.push({ at: rule.at, field: rule.name, message: messageOf(error) });
  }
  if (out.made.length > 0) delete out.failed;
  return out;
}
