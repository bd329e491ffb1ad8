// The tests of `when` tables: whether a value fits, and what it must be in words for people.
import { parseDecimal, toNumber } from '../lib/money.ts';
import { isTable } from '../lib/table.ts';

/** `want` goes on after *must*: `be paid`. */
export type Test = { fits: (value: unknown) => boolean; want: string };
type Scalar = string | number | boolean;

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

/** The values to look at: all of a list, none where the field is missing. */
export function valuesOf(value: unknown): unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/** Undefined when this is no test. */
export function compileTest(given: unknown): Test | undefined {
  if (Array.isArray(given)) return given.every(isScalar) ? oneOf(given) : undefined;
  if (isScalar(given)) return oneOf([given]);
  if (!isTable(given)) return undefined;
  const tests = Object.entries(given).map(([name, argument]) => TESTS.get(name)?.(argument));
  const known = tests.filter((test) => test !== undefined);
  if (known.length === 0 || known.length < tests.length) return undefined;
  return { fits: (value) => known.every(({ fits }) => fits(value)), want: known.map(({ want }) => want).join(' and ') };
}

const TESTS: ReadonlyMap<string, (argument: unknown) => Test | undefined> = new Map([
  ['not', negate],
  ['exists', exists],
  ['matches', matches],
  ['gt', bound('more than', (value, limit) => value > limit)],
  ['gte', bound('at least', (value, limit) => value >= limit)],
  ['lt', bound('less than', (value, limit) => value < limit)],
  ['lte', bound('at most', (value, limit) => value <= limit)],
]);

function oneOf(wanted: readonly Scalar[]): Test {
  const equals = wanted.map(equalTo);
  const others = wanted.slice(0, -1);
  return {
    fits: (value) => valuesOf(value).some((one) => equals.some((equal) => equal(one))),
    want: `be ${others.length === 0 ? '' : `${others.join(', ')} or `}${wanted.at(-1)}`,
  };
}

function equalTo(wanted: Scalar): (value: unknown) => boolean {
  switch (typeof wanted) {
    case 'string':
      return (value) => isScalar(value) && String(value) === wanted;
    case 'number':
      return (value) => numberOf(value) === wanted;
    default: {
      const forms: unknown[] = wanted ? [true, 'true', 1, '1'] : [false, 'false', 0, '0'];
      return (value) => forms.includes(value);
    }
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const decimal = typeof value === 'string' ? parseDecimal(value) : undefined;
  return decimal && toNumber(decimal);
}

function negate(argument: unknown): Test | undefined {
  const test = compileTest(argument);
  return test && { fits: (value) => !test.fits(value), want: `not ${test.want}` };
}

function exists(wanted: unknown): Test | undefined {
  if (typeof wanted !== 'boolean') return undefined;
  return { fits: (value) => valuesOf(value).length > 0 === wanted, want: wanted ? 'be there' : 'be empty' };
}

function bound(words: string, holds: (value: number, limit: number) => boolean) {
  return (limit: unknown): Test | undefined => {
    if (typeof limit !== 'number') return undefined;
    const fits = (value: unknown) => {
      const number = numberOf(value);
      return number !== undefined && holds(number, limit);
    };
    return { fits: (value) => valuesOf(value).some(fits), want: `be ${words} ${limit}` };
  };
}

/** `*` stands for any characters. Each part is looked for once, so no pattern can be slow. */
function matches(pattern: unknown): Test | undefined {
  if (typeof pattern !== 'string') return undefined;
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  const fits = (value: unknown) => {
    if (!isScalar(value)) return false;
    const text = String(value);
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at + last.length <= text.length;
  };
  return { fits: (value) => valuesOf(value).some(fits), want: `be like ${pattern}` };
}
