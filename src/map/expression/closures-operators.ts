// Operators: arithmetic, comparison, logic, `&`, `in`, and the constructors of lists and objects.

import { isNode, type Node } from './ast.ts';
import { type Closure, type Compile, part, unsupported } from './closures-base.ts';
import { deopt, equal, finite, listOf, text, truth } from './closures-values.ts';

const ARITHMETIC = new Map<unknown, (a: number, b: number) => number>([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
]);
const COMPARISON = new Map<unknown, <T extends string | number>(a: T, b: T) => boolean>([
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

export function compileBinary(node: Node, compile: Compile): Closure {
  const left = compile(part(node.lhs));
  const right = compile(part(node.rhs));
  const arithmetic = ARITHMETIC.get(node.value);
  if (arithmetic !== undefined) return (input, env) => calculate(arithmetic, left(input, env), right(input, env));
  const comparison = COMPARISON.get(node.value);
  if (comparison !== undefined) return (input, env) => compare(comparison, left(input, env), right(input, env));
  switch (node.value) {
    case '=':
      return (input, env) => areEqual(left(input, env), right(input, env), true);
    case '!=':
      return (input, env) => areEqual(left(input, env), right(input, env), false);
    case 'and':
      return (input, env) => truth(left(input, env)) && truth(right(input, env));
    case 'or':
      return (input, env) => truth(left(input, env)) || truth(right(input, env));
    case '&':
      return (input, env) => textOrNothing(left(input, env)) + textOrNothing(right(input, env));
    case 'in':
      return (input, env) => isIn(left(input, env), right(input, env));
    default:
      return unsupported(`the operator ${String(node.value)}`);
  }
}

const textOrNothing = (value: unknown) => (value === undefined ? '' : text(value));

function calculate(operator: (a: number, b: number) => number, a: unknown, b: unknown): number | undefined {
  const left = a === undefined ? undefined : finite(a);
  const right = b === undefined ? undefined : finite(b);
  return left === undefined || right === undefined ? undefined : finite(operator(left, right));
}

function compare(operator: <T extends string | number>(a: T, b: T) => boolean, a: unknown, b: unknown) {
  if (typeof a === 'number' && typeof b === 'number') return operator(a, b);
  if (typeof a === 'string' && typeof b === 'string') return operator(a, b);
  const comparable = [a, b].every(
    (value) => value === undefined || typeof value === 'string' || typeof value === 'number',
  );
  return comparable && (a === undefined || b === undefined) ? undefined : deopt();
}

/** Missing is neither equal nor unequal to anything. */
function areEqual(a: unknown, b: unknown, wanted: boolean): boolean {
  return a !== undefined && b !== undefined && equal(a, b) === wanted;
}

function isIn(value: unknown, list: unknown): boolean {
  return value !== undefined && list !== undefined && listOf(list).some((item) => item === value);
}

export function compileUnary(node: Node, compile: Compile): Closure {
  switch (node.value) {
    case '-': {
      const value = compile(part(node.expression));
      return (input, env) => {
        const given = value(input, env);
        return given === undefined ? undefined : -finite(given);
      };
    }
    case '[':
      return compileList(node, compile);
    case '{':
      return compileObject(node, compile);
    default:
      return unsupported(`the operator ${String(node.value)}`);
  }
}

/** `[a, b]`: lists among the items are poured in, `[[a]]` keeps them. */
function compileList(node: Node, compile: Compile): Closure {
  if (node.consarray) unsupported('a list as a step');
  const items = (node.expressions ?? []).map((item) => ({ run: compile(item), whole: item.value === '[' }));
  return (input, env) => {
    const list: unknown[] = [];
    for (const { run, whole } of items) {
      const value = run(input, env);
      if (Array.isArray(value) && !whole) for (const one of value) list.push(one);
      else if (value !== undefined) list.push(value);
    }
    return list;
  };
}

/** `{"a": x}` with literal keys, over one object; over a list it would group, which is left to the interpreter. */
function compileObject(node: Node, compile: Compile): Closure {
  const fields: { key: string; run: Closure }[] = [];
  for (const pair of Array.isArray(node.lhs) ? node.lhs : []) {
    if (isNode(pair)) return unsupported('an unknown form');
    const [key, value] = pair;
    if (typeof key.value !== 'string' || key.type !== 'string') return unsupported('a computed key');
    const name = key.value;
    if (fields.some((field) => field.key === name)) return unsupported('a key given twice');
    fields.push({ key: name, run: compile(value) });
  }
  return (input, env) => {
    if (Array.isArray(input)) deopt();
    const object: Record<string, unknown> = {};
    for (const { key, run } of fields) {
      const value = run(input, env);
      if (value !== undefined) object[key] = value;
    }
    return object;
  };
}
