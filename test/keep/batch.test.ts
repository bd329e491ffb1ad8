// Group commit: what shares a commit, and who fails when a commit fails.
import { expect, test } from 'vitest';
import { createBatcher } from '../../src/keep/batch.ts';
import { KeepError } from '../../src/keep/error.ts';

/** A commit that waits until the test says how it ends. */
function createCommits() {
  const commits: { rows: string[]; end: (answers: string[]) => void; fail: (error: unknown) => void }[] = [];
  let onCommit: () => void = () => {};
  return {
    commits,
    commit: (rows: string[]) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      commits.push({ rows, end: resolve, fail: reject });
      onCommit();
      return promise;
    },
    /** Resolves when `count` commits have begun. */
    began: async (count: number) => {
      while (commits.length < count) await new Promise<void>((resolve) => (onCommit = resolve));
      const last = commits[count - 1];
      if (last === undefined) throw new Error('no commit');
      return last;
    },
  };
}
const upper = async (rows: string[]) => rows.map((row) => row.toUpperCase());

test('rows that come in one turn share a commit, each with its own answer', async () => {
  const sizes: number[] = [];
  const keepOne = createBatcher((rows: string[]) => {
    sizes.push(rows.length);
    return upper(rows);
  });
  expect(await Promise.all(['a', 'b', 'c'].map(keepOne))).toEqual(['A', 'B', 'C']);
  expect(sizes).toEqual([3]);
});

test('rows that come while two batches are under way wait for one of them and share the next', async () => {
  const { commits, commit, began } = createCommits();
  const keepOne = createBatcher(commit);
  const answers = [keepOne('a')];
  const first = await began(1);
  answers.push(keepOne('b'));
  const second = await began(2);
  answers.push(keepOne('c'), keepOne('d'));
  await new Promise(setImmediate);
  expect(commits.map(({ rows }) => rows)).toEqual([['a'], ['b']]);
  first.end(['A']);
  const third = await began(3);
  expect(third.rows).toEqual(['c', 'd']);
  third.end(['C', 'D']);
  second.end(['B']);
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D']);
});

test('many rows of one turn are committed while more of them still come, and what waits is halved', async () => {
  const { commits, commit, began } = createCommits();
  const keepOne = createBatcher(commit);
  const rows = Array.from({ length: 232 }, (_, index) => `row ${index}`);
  const answers = Promise.all(rows.map(keepOne));
  const end = async (count: number) => {
    const { rows: own, end } = await began(count);
    end(await upper(own));
  };
  expect(commits.map((one) => one.rows.length)).toEqual([32, 32]);
  for (let count = 1; count <= 5; count++) await end(count);
  expect(commits.map((one) => one.rows.length)).toEqual([32, 32, 84, 42, 32, 10]);
  await end(6);
  expect(await answers).toEqual(await upper(rows));
});

test('more rows than the most are committed in several batches', async () => {
  const sizes: number[] = [];
  const keepOne = createBatcher(
    (rows: string[]) => {
      sizes.push(rows.length);
      return upper(rows);
    },
    { max: 2 },
  );
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(keepOne));
  expect(sizes).toEqual([2, 2, 1]);
});

test('a bad row fails alone', async () => {
  const keepOne = createBatcher(async (rows: string[]) => {
    if (rows.includes('bad')) throw new KeepError('constraint', 'a bad row');
    return rows;
  });
  const results = await Promise.allSettled(['a', 'bad', 'c'].map(keepOne));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await keepOne('d')).toBe('d');
});

test('a full disk fails the whole batch at the first try', async () => {
  let commits = 0;
  const keepOne = createBatcher(async () => {
    commits += 1;
    throw new KeepError('full', 'no room');
  });
  const results = await Promise.allSettled(['a', 'b'].map(keepOne));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(commits).toBe(1);
});

test('a commit that answers for fewer rows than it was given fails them', async () => {
  const keepOne = createBatcher(async () => []);
  await expect(keepOne('a')).rejects.toThrow('0 answers for 1 rows');
});
