// Turns zod's issues into problems with a file position, one per mistake, in words an editor of YAML understands.
import type { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import { type Path, type Problem, shown } from './files.ts';

type Issue = z.core.$ZodIssue;
type Where = (path: Path, key?: boolean) => Pick<Problem, 'file' | 'line' | 'column'>;

const path = (issue: Issue): Path => issue.path.filter((part) => typeof part !== 'symbol');

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

/** `known` lists the keys that would be right, for "did you mean". */
export function zodProblems(
  issues: readonly Issue[],
  where: Where,
  known: readonly string[],
  base: Path = [],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const at = [...base, ...path(issue)];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const hint = nearest(key, known);
        return {
          ...where([...at, key], true),
          code: 'UNKNOWN_KEY',
          message: `unknown key ${key}`,
          ...(hint !== undefined && { hint }),
        };
      });
    }
    if (issue.code === 'invalid_union') {
      const closest = closestBranch(issue);
      if (closest.length > 0) return zodProblems(closest, where, known, at);
    }
    const missing = issue.code === 'invalid_type' && issue.input === undefined && /undefined/.test(issue.message);
    const hint = hintOf(issue);
    const name = at.at(-1);
    const text = missing ? `${String(name)} is missing` : `${at.join('.')}: ${issue.message}`;
    return [
      {
        ...where(at),
        code: missing ? 'MISSING' : 'INVALID',
        message: shown(text),
        ...(hint !== undefined && { hint }),
      },
    ];
  });
}
