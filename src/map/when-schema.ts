// The shape of conditions in mapping files: tables of tests, all of which must hold.
import { z } from 'zod';

export const Expression = z.string().min(1).describe('A JSONata expression over the body');

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Test = z.union([
  Scalar,
  z.array(Scalar).min(1),
  z.strictObject({ not: z.union([Scalar, z.array(Scalar).min(1)]) }),
  z.strictObject({ exists: z.boolean() }),
  z
    .strictObject({ gt: z.number(), gte: z.number(), lt: z.number(), lte: z.number() })
    .partial()
    .refine((table) => Object.keys(table).length > 0, 'name at least one of gt, gte, lt, lte'),
  z.strictObject({ matches: z.string().min(1) }),
]);

/** A comparison as people write it who know other tools: here a text, which no amount is equal to. */
const COMPARISON = /^\s*(>=|<=|>|<|==|!=)\s*(-?\d+(?:\.\d+)?)\s*$/;
const WRITTEN: Readonly<Record<string, string>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte', '!=': 'not' };
function mistakeIn(test: unknown): string | undefined {
  if (!Test.safeParse(test).success)
    return 'is no test; write a value, a list of values, or one of { not }, { exists }, { gt, gte, lt, lte }, { matches }';
  const [, operator = '', number] = (typeof test === 'string' ? COMPARISON.exec(test) : undefined) ?? [];
  if (number === undefined) return undefined;
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
        const message = mistakeIn(test);
        if (message !== undefined) ctx.addIssue({ code: 'custom', path: [key], message });
      }
    }),
);
