// What a database says no with, as it stands in the log.
import { expect, test } from 'vitest';
import { KeepError } from '../../src/keep/error.ts';
import { describeError } from '../../src/lib/errors.ts';

test.each(['full', 'io', 'busy', 'away', 'closed'] as const)(
  'a failure that passes (%s) is one line, however many hooks are refused meanwhile',
  (failure) => {
    expect(describeError(new KeepError(failure, 'no answer'))).toBe('KeepError: no answer');
  },
);

test.each(['statement', 'constraint'] as const)('a bug (%s) says where it is', (failure) => {
  expect(describeError(new KeepError(failure, 'no such column'))).toMatch(
    /^KeepError: no such column\n\s+at .*error\.test\.ts/,
  );
});
