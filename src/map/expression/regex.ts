// Regular expressions of expressions, on an engine whose time grows only with the length of the text.
import { RE2JS } from 're2js';
import { reasonOf } from '../../lib/errors.ts';
import { ExpressionError } from './error.ts';

const LONGEST = 1024;

/** What jsonata uses of a RegExp. A group that took no part in the match is undefined. */
type Matcher = {
  lastIndex: number;
  exec: (text: string) => ((string | undefined)[] & { index: number }) | null;
};

/** The patterns of one expression. */
export type Regexes = {
  /** Compiles a pattern, or throws what is wrong with it; `position` says where in the expression it ends. */
  add: (pattern: RegExp, position: number | undefined) => void;
  /** What jsonata runs instead of `RegExp`. */
  engine: RegExpConstructor;
};

export function createRegexes(): Regexes {
  const compiled = new Map<RegExp, RE2JS>();
  function Engine(pattern: RegExp): Matcher {
    return createMatcher(compiled.get(pattern) ?? compilePattern(pattern, undefined));
  }
  return {
    add: (pattern, position) => void compiled.set(pattern, compilePattern(pattern, position)),
    // jsonata calls nothing but `new`, `lastIndex` and `exec`; its types ask for all of RegExp.
    engine: Engine as unknown as RegExpConstructor,
  };
}

function compilePattern(pattern: RegExp, position: number | undefined): RE2JS {
  if (pattern.source.length > LONGEST) {
    throw new ExpressionError('REGEX_TOO_LONG', `a regular expression may have ${LONGEST} characters`, position);
  }
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    throw new ExpressionError(
      'REGEX_UNSUPPORTED',
      `this regular expression cannot run in linear time: ${reasonOf(error)}`,
      position,
      'look-around, back-references and very large repeats are not available, see github.com/google/re2/wiki/Syntax',
    );
  }
}

/** Behaves as a `RegExp` with the flag `g`: each match begins where the one before it ended. */
function createMatcher(pattern: RE2JS): Matcher {
  const engine: Matcher = {
    lastIndex: 0,
    exec: (text) => {
      const found = pattern.matcher(text);
      if (engine.lastIndex > text.length || !found.find(engine.lastIndex)) return null;
      engine.lastIndex = found.end();
      const groups = Array.from({ length: found.groupCount() + 1 }, (_, group) => found.group(group) ?? undefined);
      return Object.assign(groups, { index: found.start() });
    },
  };
  return engine;
}
