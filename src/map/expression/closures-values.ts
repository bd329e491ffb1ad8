// What values mean in JSONata: sequences, truth, text, numbers, equality. What is unusual is left to jsonata itself.
import { isTable } from '../../lib/table.ts';

/** Thrown when a compiled expression meets a value it leaves to the interpreter; the caller starts again there. */
const DEOPT = new Error('this value is left to the interpreter');

export function deopt(): never {
  throw DEOPT;
}

/**
 * A list that came about by going over something. A sequence of one is that one, of none is missing, unlike a list in
 * the data, which stays a list.
 */
type Sequence = unknown[] & { sequence?: true };

export function sequence(items: unknown[]): unknown[] {
  const marked: Sequence = items;
  marked.sequence = true;
  return marked;
}

export function isSequence(list: unknown[]): boolean {
  const marked: Sequence = list;
  return marked.sequence === true;
}

/** What a sequence is once it is a value. */
export function settle(items: unknown[]): unknown {
  return items.length > 1 ? sequence(items) : items[0];
}

/** A list as it is, any other value as a list of it. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** A field of one object; missing in anything else. What every object has, though it was not given it, is a function or `__proto__`. */
export function fieldOf(value: unknown, name: string): unknown {
  if (!isTable(value)) return undefined;
  const field = value[name];
  const mayBeInherited = typeof field === 'function' || name === '__proto__';
  return mayBeInherited && !Object.hasOwn(value, name) ? undefined : field;
}

/** A field of an object, or of all objects of a list. */
export function lookup(input: unknown, key: string): unknown {
  return Array.isArray(input) ? lookupAll(input, key, []) : fieldOf(input, key);
}

function lookupAll(list: unknown[], key: string, found: unknown[]): unknown[] {
  for (const item of list) {
    const value = lookup(item, key);
    if (Array.isArray(value)) for (const one of value) found.push(one);
    else if (value !== undefined) found.push(value);
  }
  return sequence(found);
}

/** "", 0, false, null, {}, missing and lists of nothing else are false. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return Number.isFinite(value) ? value !== 0 : deopt();
    case 'object':
      return Array.isArray(value) ? value.some(truth) : value !== null && Object.keys(value).length > 0;
    case 'undefined':
      return false;
    default:
      return deopt();
  }
}

/** `$string` of a scalar; numbers have 15 digits. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) {
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(15)));
  }
  return typeof value === 'boolean' || value === null ? String(value) : deopt();
}

const NUMBER = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/;

/** `$number` of a scalar. */
export function number(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return finite(typeof value === 'string' && NUMBER.test(value) ? Number(value) : value);
}

export function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : deopt();
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) deopt();
  return false;
}
