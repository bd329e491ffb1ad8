// Many rows by one statement, as text.
import { expect, test } from 'vitest';
import { createSplitter, repeatTuple } from '../../src/keep/together.ts';

test('the tuple after values is repeated with numbers of its own, casts and constants included', () => {
  const sql = "with given (a, b) as (values ($1, cast($2 as bigint), 'kept')) select a from given where b > 0";
  expect(repeatTuple(sql, 3, 2)).toBe(
    "with given (a, b) as (values ($1, cast($2 as bigint), 'kept'), ($3, cast($4 as bigint), 'kept'), " +
      "($5, cast($6 as bigint), 'kept')) select a from given where b > 0",
  );
});

test('a statement without a tuple to repeat is a mistake of ours', () => {
  expect(() => repeatTuple('delete from hooks where id = $1', 2, 1)).toThrow('no values');
  expect(() => repeatTuple('insert into hooks (id) values ($1', 2, 1)).toThrow('stays open');
});

test('rows that go together are sent in sizes that are powers of two, all others one by one', () => {
  const split = createSplitter();
  const rows = Array.from({ length: 300 }, (_, index) => [index]);
  const sql = 'insert into t (a) values ($1)';
  const sizes = split([{ sql, rows, together: true }]).map(({ values }) => values.length);
  expect(sizes).toEqual([128, 128, 32, 8, 4]);
  const runs = split([
    { sql, rows: [[7], [8]] },
    { sql, rows: [], together: true },
  ]);
  expect(runs.map(({ step, run, values }) => [step, run, values])).toEqual([
    [0, 0, [7]],
    [0, 1, [8]],
  ]);
});
