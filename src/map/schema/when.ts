// The shape of conditions in mapping files: tables of tests, all of which must hold.
import { z } from 'zod';
import { unhyphened } from '../expression/mistaken.ts';

export const Expression = z.string().min(1).describe('A JSONata expression over the body');

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Matches = z.strictObject({ matches: z.string().min(1) });
const Test = z.union([
  Scalar,
  z.array(Scalar).min(1),
  z.strictObject({ not: z.union([Scalar, z.array(Scalar).min(1), Matches]) }),
  z.strictObject({ exists: z.boolean() }),
  z
    .strictObject({ gt: z.number(), gte: z.number(), lt: z.number(), lte: z.number() })
    .partial()
    .refine((table) => Object.keys(table).length > 0, 'name at least one of gt, gte, lt, lte'),
  Matches,
]);

/** A comparison as people write it who know other tools: here a text, which no amount is equal to. */
const COMPARISON = /^\s*(>=|<=|>|<|==|!=)\s*(-?\d+(?:\.\d+)?)\s*$/;
const WRITTEN: Readonly<Record<string, string>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte', '!=': 'not' };
/** A pattern that begins as regular expressions do. */
const PATTERN = z.object({ matches: z.string().startsWith('^') });
const HOLDS_ALWAYS = z.object({ not: z.literal('') });
/** Tests that people write where the name of a field belongs. */
const TESTS = ['not', 'exists', 'gt', 'gte', 'lt', 'lte', 'matches'];
const JOINED = ['all', 'and', 'or'];
/** As people write alternatives and patterns who know regular expressions or other tools. */
const ALTERNATIVES = /^\^?\(?[\w-]+(?:\|[\w-]+)+\)?\$?$/;

const COMPARED = z.looseObject({}).refine((table) => ['gt', 'gte', 'lt', 'lte'].some((name) => name in table));

function mistakeInName(name: string, test: unknown): string | undefined {
  const hyphened = COMPARED.safeParse(test).success ? undefined : unhyphened(name);
  if (hyphened !== undefined)
    return `takes one field from another; ${hyphened}, or spaces around the minus where that is meant`;
  if (TESTS.includes(name)) return `stands behind a field, such as status: { ${name}: … }`;
  if (JOINED.includes(name))
    return 'is no field; all tests of a table must hold, and any: is a list of tables of which one must hold';
  return undefined;
}

function mistakeInText(text: string): string | undefined {
  const [, operator, wanted = ''] = /^\s*(!=|==)\s*(.+?)\s*$/.exec(text) ?? [];
  if (operator !== undefined) return `is one text; write ${operator === '!=' ? `{ not: ${wanted} }` : wanted}`;
  if (text === '') return 'is equal to nothing, for an empty field is missing; write { exists: false }';
  if (/^\*.|.\*$/.test(text)) return `compares letter by letter; write { matches: "${text}" }`;
  if (text === '*') return 'compares letter by letter; write { exists: true }';
  if (ALTERNATIVES.test(text)) return `is one text; write [${text.replaceAll(/[\^$()]/g, '').replaceAll('|', ', ')}]`;
  return undefined;
}

/** A regular expression as a pattern; an example of one where more than `*` is needed. */
function asPattern(regex: string): string {
  const begun = regex.slice(1).replaceAll('.*', '*');
  const plain = begun.endsWith('$') ? begun.slice(0, -1) : `${begun}*`.replace('**', '*');
  return plain === '' || /[()[\]{}|\\+?]/.test(plain) ? 'paid*' : plain;
}

function mistakeIn(test: unknown): string | undefined {
  if (test === null) return 'has no test behind it; of several values write a list, such as [paid, authorized]';
  if (HOLDS_ALWAYS.safeParse(test).success)
    return 'always holds, for an empty field is missing; write { exists: true }';
  if (!Test.safeParse(test).success)
    return 'is no test; write a value, a list of values, or one of { not }, { exists }, { gt, gte, lt, lte }, { matches }';
  const pattern = PATTERN.safeParse(test).data?.matches;
  if (pattern !== undefined) {
    return `is no regular expression; * stands for any text, as in { matches: "${asPattern(pattern)}" }`;
  }
  const [, operator = '', number] = (typeof test === 'string' ? COMPARISON.exec(test) : undefined) ?? [];
  if (number === undefined) return typeof test === 'string' ? mistakeInText(test) : undefined;
  const name = WRITTEN[operator];
  const meant = name === undefined ? number : `{ ${name}: ${number} }`;
  return `compares letter by letter; write ${meant} to compare numbers`;
}

/** A `when` table: all of its tests must hold. `any` and `expression` are tests of their own. */
export type WhenTable = { [key: string]: unknown };
export const When: z.ZodType<WhenTable> = z.lazy(() =>
  z
    .looseObject({ any: z.array(When).min(1).optional(), expression: Expression.optional() })
    .superRefine((table, ctx) => {
      for (const [key, test] of Object.entries(table)) {
        if (key === 'any' || key === 'expression') continue;
        const message = mistakeInName(key, test) ?? mistakeIn(test);
        if (message !== undefined) ctx.addIssue({ code: 'custom', path: [key], message });
      }
    }),
);
