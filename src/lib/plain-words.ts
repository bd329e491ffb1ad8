// What zod finds wrong, in words for people who write settings and mapping files. What a schema says itself goes first.
import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list, in [ ]',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a table of keys and values',
  record: 'a table of keys and values',
  string: 'a text; put it in quotes',
};

/** For `error` of a parse; undefined leaves zod’s own words, such as those about what is missing. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === null) return 'is empty';
  if (issue.input === undefined) return undefined;
  if (issue.code === 'invalid_type') {
    const kind = KINDS[issue.expected];
    if (issue.expected === 'string' && typeof issue.input === 'object') return 'must be a text';
    return kind && `must be ${kind}`;
  }
  if (issue.code === 'too_small' && typeof issue.input === 'number') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big' && typeof issue.input === 'number') return `must be at most ${issue.maximum}`;
  if (issue.code === 'too_small' && issue.minimum === 1) return 'is empty';
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'must be a web address such as https://acme.example';
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'must be an e-mail address';
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'invalid_union' && Array.isArray(issue.options))
    return `must be ${issue.options.map(String).join(' or ')}`;
  return undefined;
}
