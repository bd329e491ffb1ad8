// Paths such as `line_items[quantity > 1].price`: going from a value, or from all of a list, to the next.
import { isTable } from '../../lib/table.ts';
import type { Filter, Node } from './ast.ts';
import { type Closure, type Compile, type Env, unsupported } from './closures-base.ts';
import { deopt, fieldOf, isSequence, listOf, sequence, settle, truth } from './closures-values.ts';

type Keep = (value: unknown, env: Env) => unknown[];
type Step = { run: Closure; filter: Keep | undefined };

const ODD_STEPS = new Set(['sort', 'parent', 'wildcard', 'descendant']);

export function compilePath(node: Node, compile: Compile): Closure {
  const nodes = node.steps ?? [];
  const steps = nodes.map((step) => compileStep(step, compile));
  const fromVariable = nodes[0]?.type === 'variable';
  const keep = node.keepSingletonArray === true;
  const start = fromVariable ? 1 : 0;
  const names = plainNames(nodes.slice(start));
  const end = start + names.length;
  const first = steps[0];
  if (first === undefined || (fromVariable && first.filter !== undefined)) unsupported('an odd path');

  const [only] = names;
  if (only !== undefined && steps.length === 1)
    return (input, env) =>
      Array.isArray(input) ? follow(steps, 0, input, env, keep) : finish(fieldOf(input, only), keep);
  return (input, env) => {
    let at = fromVariable ? first.run(input, env) : input;
    let done = start;
    if (!fromVariable && Array.isArray(at)) return follow(steps, 0, at, env, keep);
    for (const name of names) {
      if (Array.isArray(at)) return follow(steps, done, at, env, keep);
      at = fieldOf(at, name);
      done += 1;
    }
    if (end === steps.length) return finish(at, keep);
    if (end > 0 && at === undefined) return undefined;
    return follow(steps, end, Array.isArray(at) ? at : [at], env, keep);
  };
}

/** The leading steps that only name a field: most paths are nothing else. */
function plainNames(nodes: readonly Node[]): string[] {
  const end = nodes.findIndex(
    ({ type, stages, predicate, keepArray }) => type !== 'name' || stages || predicate || keepArray,
  );
  return nodes.slice(0, end === -1 ? nodes.length : end).map(({ value }) => String(value));
}

function compileStep(node: Node, compile: Compile): Step {
  if (ODD_STEPS.has(node.type)) unsupported(node.type);
  if (node.consarray) unsupported('a list as a step');
  const { stages, ...plain } = node;
  return { run: compile(plain), filter: stages === undefined ? undefined : compileFilters(stages, compile) };
}

/** The value that naming fields led to, as the value of a path. */
function finish(value: unknown, keep: boolean): unknown {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return keep ? sequence([value]) : value;
  if (!isSequence(value)) return value;
  return close([...value], keep);
}

function close(items: unknown[], keep: boolean): unknown {
  return keep && items.length > 0 ? sequence(items) : settle(items);
}

/** The remaining steps over a list, one after the other. */
function follow(steps: readonly Step[], from: number, list: unknown[], env: Env, keep: boolean): unknown {
  let items = list;
  for (let index = from; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined) break;
    const out: unknown[] = [];
    let values = 0;
    let latest: unknown;
    for (const item of items) {
      const given = step.run(item, env);
      const value = step.filter === undefined ? given : step.filter(given, env);
      if (value === undefined) continue;
      values += 1;
      latest = value;
      if (Array.isArray(value)) for (const one of value) out.push(one);
      else out.push(value);
    }
    // A single list of the data at the end of a path stays the list it is.
    const isLast = index === steps.length - 1;
    if (isLast && values === 1 && Array.isArray(latest) && !isSequence(latest)) return latest;
    if (out.length === 0) return undefined;
    items = out;
  }
  return close(items, keep);
}

/** Predicates, one after the other. The result is a sequence, except where a position picked a list. */
export function compileFilters(filters: readonly Filter[], compile: Compile): Keep {
  const keeps = filters.map(({ type, expr }) => {
    if (type !== 'filter' || expr === undefined) return unsupported('#');
    return expr.type === 'number' ? compilePosition(Number(expr.value)) : compilePredicate(expr, compile);
  });
  const [only] = keeps;
  if (only !== undefined && keeps.length === 1) return only;
  return (value, env) => keeps.reduce<unknown[]>((list, keep) => keep(list, env), listOf(value));
}

function compilePosition(position: number): Keep {
  const index = Math.floor(position);
  return (value) => {
    const item = listOf(value).at(index);
    if (Array.isArray(item)) return item;
    return sequence(item === undefined ? [] : [item]);
  };
}

function compilePredicate(node: Node, compile: Compile): Keep {
  const test = compileEquality(node, compile(node));
  return (value, env) => {
    const kept: unknown[] = [];
    for (const item of listOf(value)) {
      const result = test(item, env);
      // Computed positions are left to the interpreter.
      if (typeof result === 'number' || Array.isArray(result)) deopt();
      if (result === true || truth(result)) kept.push(item);
    }
    return sequence(kept);
  };
}

/** `[name = 'text']`, by far the commonest predicate, without the steps in between. */
function compileEquality(node: Node, general: Closure): Closure {
  const { lhs, rhs } = node;
  if (node.type !== 'binary' || node.value !== '=' || lhs === undefined || Array.isArray(lhs)) return general;
  if (rhs === undefined || Array.isArray(rhs) || rhs.type !== 'string') return general;
  const [name, ...more] = lhs.type === 'path' && !lhs.keepSingletonArray ? plainNames(lhs.steps ?? []) : [];
  if (name === undefined || more.length > 0 || lhs.steps?.length !== 1) return general;
  const wanted = rhs.value;
  return (item, env) => (isTable(item) ? fieldOf(item, name) === wanted : general(item, env));
}
