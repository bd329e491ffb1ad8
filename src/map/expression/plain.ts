// Data as everybody expects it: copies without the marks that jsonata and compiled expressions put on lists and objects.
import { ExpressionError } from './error.ts';

/** A deep copy of JSON data: plain objects, plain lists, no key without a value. A function is no data and throws. */
export function plain(value: unknown): unknown {
  if (typeof value === 'function') throw noData();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, plain);
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw noData();
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && key !== '__proto__') copy[key] = plain(item);
  }
  return copy;
}

const noData = () => new ExpressionError('NO_VALUE', 'it gives a function, no value', undefined, 'call it: $name(…)');
