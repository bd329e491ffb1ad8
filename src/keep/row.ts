// Reads columns as the types they have in the tables; anything else is a bug and throws.
import type { Row } from '../types.ts';

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is not text`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`);
  return value;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not bytes`);
  return value;
}

/** `undefined` where the column is null. */
export function maybe<T>(read: (row: Row, column: string) => T, row: Row, column: string): T | undefined {
  return row[column] === null ? undefined : read(row, column);
}

/** Words that are kept as one text with spaces between. */
export const words = (row: Row, column: string): string[] =>
  text(row, column)
    .split(' ')
    .filter((word) => word !== '');

/** What a question that counts answered; 0 where it answered nothing. */
export const countIn = ([row]: readonly Row[], column: string): number => (row === undefined ? 0 : number(row, column));
