// Many rows by one statement: the tuple after `values` is repeated, a row each, in sizes that the server soon knows them all by.
import type { SqlValue, Step } from '../types.ts';

/** What the server is asked to run once; its rows belong to a run of a step. */
export type Run = { sql: string; values: SqlValue[]; step: number; run: number };

/** A larger one saves nothing more, and each size of each statement is a plan that the server remembers. */
const MOST_ROWS = 128;
const VALUES = /\bvalues \(/i;
const NUMBER = /\$(\d+)/g;

/** From the parenthesis that opens at `from` to the one that closes it. */
function tupleAt(sql: string, from: number): string {
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '(') depth += 1;
    else if (sql[at] === ')') depth -= 1;
    if (depth === 0) return sql.slice(from, at + 1);
  }
  throw new Error('a parenthesis stays open');
}

/** The statement for `rows` rows of `width` values each. All its parameters must stand in the tuple after `values`. */
export function repeatTuple(sql: string, rows: number, width: number): string {
  const { index, 0: head } = VALUES.exec(sql) ?? { index: -1, 0: '' };
  if (index < 0) throw new Error('a statement for many rows has no values');
  const from = index + head.length - 1;
  const tuple = tupleAt(sql, from);
  const tuples = Array.from({ length: rows }, (_, row) =>
    tuple.replaceAll(NUMBER, (_, place) => `$${Number(place) + row * width}`),
  );
  return `${sql.slice(0, from)}${tuples.join(', ')}${sql.slice(from + tuple.length)}`;
}

/** Sizes are powers of two, so that there are few. */
function* chunksOf(rows: readonly SqlValue[][]): Generator<SqlValue[][]> {
  for (let from = 0; from < rows.length; ) {
    const size = Math.min(MOST_ROWS, 2 ** Math.floor(Math.log2(rows.length - from)));
    yield rows.slice(from, from + size);
    from += size;
  }
}

/** Makes the function that says what to run for steps; it remembers the texts it made. */
export function createSplitter(): (steps: readonly Step[]) => Run[] {
  const texts = new Map<string, string[]>();
  const textFor = (sql: string, rows: number, width: number): string => {
    if (rows === 1) return sql;
    const known = texts.get(sql) ?? [];
    const text = known[rows] ?? repeatTuple(sql, rows, width);
    known[rows] = text;
    texts.set(sql, known);
    return text;
  };
  return (steps) =>
    steps.flatMap(({ sql, rows, together }, step) => {
      if (together !== true) return rows.map((values, run) => ({ sql, values, step, run }));
      return [...chunksOf(rows)].map((chunk) => ({
        sql: textFor(sql, chunk.length, chunk[0]?.length ?? 0),
        values: chunk.flat(),
        step,
        run: 0,
      }));
    });
}

/** Room for the rows of every run of every step; a step whose rows go together has one run. */
export const emptyResults = <Row>(steps: readonly Step[]): Row[][][] =>
  steps.map(({ rows, together }) => (together === true ? [[]] : rows.map(() => [])));
