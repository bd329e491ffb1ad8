// JSONata's own functions that mappings use most, for compiled expressions. All others are left to the interpreter.
import { isTable } from '../../lib/table.ts';
import { deopt, finite, isSequence, listOf, lookup, number, sequence, settle, text, truth } from './closures-values.ts';

export type BuiltIn = { least: number; most: number; run: (...args: unknown[]) => unknown };

const string = (value: unknown): string => (typeof value === 'string' ? value : deopt());
const stringOrMissing = (value: unknown) => (value === undefined ? value : string(value));
const numberOrMissing = (value: unknown) => (value === undefined ? value : finite(value));

/** A function of one argument that is missing when its argument is. */
const one = (run: (value: unknown) => unknown): BuiltIn => ({
  least: 1,
  most: 1,
  run: (value) => (value === undefined ? undefined : run(value)),
});
/** A function of a text and a mark in it. */
const withMark = (run: (subject: string, mark: string) => unknown): BuiltIn => ({
  least: 2,
  most: 2,
  run: (subject, mark) => {
    // Arguments are checked even where the subject is missing.
    const [text, sign] = [stringOrMissing(subject), stringOrMissing(mark)];
    if (text === undefined) return undefined;
    return sign === undefined ? deopt() : run(text, sign);
  },
});
/** A function over a list of numbers; `empty` is its value for none. */
const overNumbers = (empty: number | undefined, run: (numbers: number[]) => number) =>
  one((value) => {
    const numbers = listOf(value).map(finite);
    return numbers.length === 0 ? empty : run(numbers);
  });
const sum = (numbers: number[]) => numbers.reduce((total, value) => total + value, 0);

const before = (subject: string, mark: string) => {
  const at = subject.indexOf(mark);
  return at === -1 ? subject : subject.slice(0, at);
};
const after = (subject: string, mark: string) => {
  const at = subject.indexOf(mark);
  return at === -1 ? subject : subject.slice(at + mark.length);
};
/** A well-formed text without characters beyond the basic plane has one unit per character. */
const isSimple = (value: string) => !/[\ud800-\udfff]/.test(value);

function trim(value: string): string {
  const single = value.replace(/[ \t\n\r]+/g, ' ');
  return single.slice(single.startsWith(' ') ? 1 : 0, single.endsWith(' ') && single.length > 1 ? -1 : undefined);
}

function substring(subject: unknown, start: unknown, length: unknown): unknown {
  const [value, begin, size] = [stringOrMissing(subject), numberOrMissing(start), numberOrMissing(length)];
  if (value === undefined) return undefined;
  if (begin === undefined || !isSimple(value) || !Number.isInteger(begin)) return deopt();
  const from = Math.max(begin, -value.length);
  if (size === undefined) return value.slice(from);
  const first = from < 0 ? value.length + from : from;
  return Number.isInteger(size) ? value.slice(first, first + Math.max(size, 0)) : deopt();
}

function replace(subject: unknown, pattern: unknown, replacement: unknown): unknown {
  const [value, found, substitute] = [subject, pattern, replacement].map(stringOrMissing);
  if (value === undefined) return undefined;
  if (found === undefined || found === '' || substitute === undefined) return deopt();
  return value.replaceAll(found, () => substitute);
}

function contains(subject: unknown, mark: unknown): unknown {
  const [value, found] = [stringOrMissing(subject), stringOrMissing(mark)];
  return value === undefined || found === undefined ? undefined : value.includes(found);
}

function join(list: unknown, separator: unknown): unknown {
  const between = stringOrMissing(separator) ?? '';
  return list === undefined ? undefined : listOf(list).map(string).join(between);
}

function append(a: unknown, b: unknown): unknown {
  if (a === undefined) return b;
  return b === undefined ? a : listOf(a).concat(listOf(b));
}

/** A text that is the same for values that are equal, whatever the order of their keys. */
function identityOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(identityOf).join()}]`;
  if (isTable(value)) {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${identityOf(value[key])}`).join()}}`;
  }
  if (typeof value === 'number') return String(finite(value));
  return typeof value === 'boolean' || value === null ? String(value) : JSON.stringify(string(value));
}

/** Of many as fast as of few: jsonata compares each with all before it. */
function distinct(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= 1) return list;
  const seen = new Set<string>();
  const kept = list.filter((item) => {
    const before = seen.size;
    return seen.add(identityOf(item)).size > before;
  });
  return isSequence(list) ? settle(sequence(kept)) : kept;
}

function lookupIn(input: unknown, key: unknown): unknown {
  const value = lookup(input, string(key));
  return Array.isArray(value) && isSequence(value) ? settle(value) : value;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
/** The years whose ISO form has four digits. */
const isPlainInstant = (ms: number) => Number.isInteger(ms) && ms >= 0 && ms < 253_402_300_800_000;

function uriCoded(run: (value: string) => string): BuiltIn {
  return one((value) => {
    try {
      return run(string(value));
    } catch {
      return deopt();
    }
  });
}

/** By name without the `$`. `least` and `most` count arguments; with fewer the context is meant, see docs.jsonata.org. */
export const BUILT_INS: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['string', one(text)],
  ['number', one(number)],
  ['boolean', one(truth)],
  ['not', one((value) => !truth(value))],
  ['exists', { least: 1, most: 1, run: (value) => value !== undefined }],
  ['count', { least: 1, most: 1, run: (value) => (value === undefined ? 0 : listOf(value).length) }],
  ['sum', overNumbers(0, sum)],
  ['max', overNumbers(undefined, (numbers) => Math.max(...numbers))],
  ['min', overNumbers(undefined, (numbers) => Math.min(...numbers))],
  ['average', overNumbers(undefined, (numbers) => sum(numbers) / numbers.length)],
  ['abs', one((value) => Math.abs(finite(value)))],
  ['floor', one((value) => Math.floor(finite(value)))],
  ['ceil', one((value) => Math.ceil(finite(value)))],
  ['lowercase', one((value) => string(value).toLowerCase())],
  ['uppercase', one((value) => string(value).toUpperCase())],
  ['trim', one((value) => trim(string(value)))],
  ['length', one((value) => (isSimple(string(value)) ? string(value).length : deopt()))],
  ['substring', { least: 2, most: 3, run: substring }],
  ['substringBefore', withMark(before)],
  ['substringAfter', withMark(after)],
  ['contains', { least: 2, most: 2, run: contains }],
  ['split', withMark((subject, separator) => subject.split(separator))],
  ['replace', { least: 3, most: 3, run: replace }],
  ['join', { least: 1, most: 2, run: join }],
  ['append', { least: 2, most: 2, run: append }],
  ['distinct', { least: 1, most: 1, run: distinct }],
  ['lookup', { least: 2, most: 2, run: lookupIn }],
  ['encodeUrlComponent', uriCoded(encodeURIComponent)],
  ['decodeUrlComponent', uriCoded(decodeURIComponent)],
  ['toMillis', one((value) => finite(ISO.test(string(value)) ? Date.parse(string(value)) : Number.NaN))],
  ['fromMillis', one((value) => (isPlainInstant(finite(value)) ? new Date(finite(value)).toISOString() : deopt()))],
]);
