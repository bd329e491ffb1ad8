// What several questions share: lists of parameters, tests, pages by id, every value of a column, and changes by one statement.
import { firstIdAt } from '../lib/id.ts';
import type { Db, Row, SqlValue } from '../types.ts';
import { number, text } from './row.ts';

/** `($1, $2, …)`, a parameter for each of the values, from the number `first` on. */
export const listOf = (values: readonly unknown[], first = 1): string =>
  `(${values.map((_, index) => `$${first + index}`).join(', ')})`;

/** Collects tests and their parameters; `?` in a test becomes the next parameter. Tests whose values are not given are left out. */
export function createWhere(first: readonly SqlValue[]) {
  const params: SqlValue[] = [...first];
  const tests: string[] = [];
  return {
    add: (test: string, ...values: (SqlValue | undefined)[]) => {
      const given = values.filter((value) => value !== undefined);
      if (given.length < values.length) return;
      let next = 0;
      tests.push(test.replaceAll('?', () => `$${params.push(given[next++] ?? null)}`));
    },
    /** To follow another test. */
    sql: () => tests.map((test) => ` and ${test}`).join(''),
    params,
  };
}

/** For a test of ids by a time, in milliseconds since 1970, that may not be given. */
export const idAt = (at: number | undefined): string | undefined => (at === undefined ? undefined : firstIdAt(at));

/** Above every id. */
export const END = 'g';
/** Where a page begins whose rows have ids below `before`: at the newest row where it is empty. */
export const pageBelow = (before: string): string => (before === '' ? END : before);

/**
 * Of an index that ends with `column` and `id`: the rows whose column is `value`, with ids from `first` to below `end`, the
 * newest first. Told `column = value order by id`, PostgreSQL may take them for many, and walk down the whole table by its key.
 */
export const newestOf = (column: string, value: string, { first, end }: { first: string; end: string }): string =>
  `(${column}, id) >= (${value}, ${first}) and (${column}, id) < (${value}, ${end}) order by ${column} desc, id desc`;

/**
 * Begins a statement with a table `name` whose column `value` has every value of a column, and a null at its end: jumps from
 * value to value along the index of the column instead of reading every row. `test` is one that index serves too.
 */
export const everyValue = (name: string, column: string, table: string, test?: string): string => `
  with recursive ${name} (value) as (
    select min(${column}) from ${table}${test === undefined ? '' : ` where ${test}`}
    union all
    select (select min(${column}) from ${table} where ${test === undefined ? '' : `${test} and `}${column} > ${name}.value)
    from ${name} where value is not null
  )`;

/** Runs one statement that changes something, durable when it resolves; answers the rows that it returns. */
export async function change(db: Db, sql: string, params: SqlValue[]): Promise<Row[]> {
  const [[rows = []] = []] = await db.transaction([{ sql, rows: [params] }]);
  return rows;
}

/**
 * Runs a statement that deletes rows from the place `$1` on, `$2` of them at most, and returns the `place` of each, until none
 * are left or the signal ends it; answers how many went. Hooks that wait to be acknowledged come in between. Each page begins
 * where the last one ended: what went with those before it is in the index until it is cleaned up.
 */
export async function deletePages(
  db: Db,
  sql: string,
  {
    from,
    given,
    page,
    signal,
  }: { from: string | number; given: readonly SqlValue[]; page: number; signal: AbortSignal },
): Promise<number> {
  let count = 0;
  let place = from;
  while (!signal.aborted) {
    const rows = await change(db, sql, [place, page, ...given]);
    count += rows.length;
    if (rows.length < page) break;
    place = lastPlace(rows, place);
  }
  return count;
}

/** The greatest of the places; rows that were deleted come in no order. */
const lastPlace = (rows: readonly Row[], from: string | number): string | number =>
  rows
    .map((row) => (typeof from === 'number' ? number(row, 'place') : text(row, 'place')))
    .reduce((last, place) => (place > last ? place : last), from);
