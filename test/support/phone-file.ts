// A file of phone orders, read in the settings and on the day of the tests: its orders, and what is wrong with its lines.
import type { Chosen } from '../../src/phone/file-columns.ts';
import { type FileLine, openFile, readLines } from '../../src/phone/file-read.ts';
import type { Reading } from '../../src/phone/file-values.ts';

export const NOW = Date.parse('2026-11-21T09:00:00Z');
export const READING: Reading = { dates: 'day_month', decimal: 'either', zone: 'Europe/Amsterdam' };

export const open = (text: string | Uint8Array, chosen: Chosen = {}) => {
  const file = openFile(typeof text === 'string' ? Buffer.from(text) : text, chosen);
  if ('problem' in file) throw new Error(file.problem);
  return file;
};
export async function read(text: string | Uint8Array, chosen: Chosen = {}, skip = 0): Promise<FileLine[]> {
  const around = { country: 'NL', currency: 'EUR', now: NOW };
  return Array.fromAsync(readLines(open(text, chosen), { reading: READING, around }, skip));
}
export const entries = (lines: FileLine[]) => lines.flatMap((one) => ('entry' in one ? [one.entry] : []));
export const mistakes = (lines: FileLine[]) =>
  lines.flatMap((one) =>
    'mistakes' in one ? one.mistakes.map(({ column, message }) => [one.line, column, message]) : [],
  );
