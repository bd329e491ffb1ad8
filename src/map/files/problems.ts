// Turns zod's issues into problems with a file position, one per mistake, in words an editor of YAML understands.
import type { z } from 'zod';
import { nearest, nearestOrAll } from '../../lib/nearest.ts';
import { plainWords } from '../../lib/plain-words.ts';
import { isTable } from '../../lib/table.ts';
import { type Locate, type Path, type Problem, shown } from './files.ts';

type Issue = z.core.$ZodIssue;

/** The path of an issue as it is in the file. */
export const pathOf = (issue: Issue): Path => issue.path.filter((part) => typeof part !== 'symbol');

/** Of a union that nothing fits, the branch that came furthest: its issues lie deepest. */
function closestBranch(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Issue[] {
  const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map((inner) => inner.path.length));
  const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0];
  return best !== undefined && depth(best) > 0 ? best : [];
}

function hintOf(issue: Issue): string | undefined {
  const hint = issue.code === 'custom' ? issue.params?.hint : undefined;
  return typeof hint === 'string' ? hint : undefined;
}

/** A list of known keys that is longer helps nobody. */
const MOST_NAMED = 20;

/** `known` lists the keys that would be right, for "did you mean". */
export function zodProblems(
  issues: readonly Issue[],
  where: Locate,
  known: readonly string[],
  base: Path = [],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const at = [...base, ...pathOf(issue)];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const elsewhere = known.includes(key)
          ? 'it belongs into another table: look at the spaces in front of it'
          : undefined;
        const hint = elsewhere ?? (known.length > 0 && known.length <= MOST_NAMED ? nearestOrAll : nearest)(key, known);
        return { ...where([...at, key], true), code: 'UNKNOWN_KEY', message: `unknown key ${key}`, hint };
      });
    }
    if (issue.code === 'invalid_union') {
      const closest = closestBranch(issue);
      if (closest.length > 0) return zodProblems(closest, where, known, at);
    }
    if (issue.code === 'invalid_key') {
      const why = issue.issues.map(({ message }) => message).join('; ');
      return [{ ...where(at, true), code: 'INVALID', message: `${at.join('.')}: ${why}` }];
    }
    if (issue.code === 'invalid_value') {
      const given = typeof issue.input === 'string' ? issue.input : JSON.stringify(issue.input);
      const hint = nearest(String(given), issue.values.map(String));
      const message = `${at.join('.')}: ${shown(String(given))} is none of ${issue.values.map(String).join(', ')}`;
      return [{ ...where(at), code: 'INVALID', message, hint }];
    }
    const missing = issue.code === 'invalid_type' && issue.input === undefined && /undefined/.test(issue.message);
    const name = at.at(-1);
    const text = missing ? `${String(name)} is missing` : `${at.join('.') || 'the file'}: ${issue.message}`;
    return [{ ...where(at), code: missing ? 'MISSING' : 'INVALID', message: shown(text), hint: hintOf(issue) }];
  });
}

/** What has to go for the rest to be right: the unknown key, the wrong value, or the table that lacks something. */
function mistakenPath(issue: Issue): Path {
  const at = pathOf(issue);
  if (issue.code === 'unrecognized_keys') return [...at, issue.keys[0] ?? ''];
  const inList = at.findIndex((part) => typeof part === 'number');
  return inList === -1 ? at : at.slice(0, inList);
}

/** A copy without the value at a path; without its table where there is no such value. */
function withoutPath(value: unknown, at: Path): unknown {
  const [key, ...rest] = at;
  if (!isTable(value) || key === undefined) return undefined;
  const { [key]: inner, ...others } = value;
  if (rest.length === 0) return key in value ? others : undefined;
  const left = withoutPath(inner, rest);
  return left === undefined ? others : { ...value, [key]: left };
}

const MAX_ROUNDS = 20;

/** Without what is wrong; a part that must be there has its stand-in. */
function withoutMistake(value: unknown, issue: Issue, standIns: Readonly<Record<string, unknown>>): unknown {
  const at = mistakenPath(issue);
  const [key, ...rest] = at;
  const needed = rest.length === 0 && key !== undefined && Object.hasOwn(standIns, key);
  return needed && isTable(value) ? { ...value, [key]: standIns[key] } : withoutPath(value, at);
}

/**
 * Every mistake of a value, and the value as far as it is right, so that mistakes in one part do not hide those that are
 * only found later in another: `standIns` take the place of parts that must be there and are missing or wrong. No data
 * where nothing is left that is right.
 */
export function readAsFarAsRight<T>(
  schema: z.ZodType<T>,
  value: unknown,
  standIns: Readonly<Record<string, unknown>>,
): { data: T | undefined; issues: Issue[] } {
  const first = schema.safeParse(value, { reportInput: true, error: plainWords });
  if (first.success) return { data: first.data, issues: [] };
  let rest = value;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const again = schema.safeParse(rest);
    if (again.success) return { data: again.data, issues: first.error.issues };
    rest = again.error.issues.reduce((kept, issue) => withoutMistake(kept, issue, standIns), rest);
  }
  return { data: undefined, issues: first.error.issues };
}
