// Reads a file of phone orders: what its columns are, then line after line an order, or every mistake with its column.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { sha256 } from '../lib/hash.ts';
import { withoutMark } from './amount.ts';
import { type Chosen, type Columns, FILE_FIELDS, type FileField, matchColumns } from './file-columns.ts';
import { readText } from './file-text.ts';
import { type Reading, readDate, readMoney, type Value } from './file-values.ts';
import { type Around, type Order, readOrder } from './read.ts';

const DELIMITERS = [',', ';', '\t'] as const;
export const DELIMITER_WORDS = { ',': 'comma', ';': 'semicolon', '\t': 'tab' } as const;
/** A line that is longer is no line: a quote was opened and never closed. */
const LONGEST_LINE = 20_000;
/** With what stands between its cells. */
const LONGEST_HEAD = 2 * LONGEST_LINE;
const MOST_LINES = 100_000;

export type PhoneFile = {
  text: string;
  encoding: string;
  delimiter: (typeof DELIMITERS)[number];
  heads: string[];
  columns: Columns;
  /** Lines of the file before its head. */
  before: number;
};
/** `column` is the name of the column, empty for what is about the whole line. */
export type LineMistake = { column: string; message: string };
/** `line` is counted as editors do. An order of a line is known again by its number, or by what the line says. */
export type FileLine = { line: number } & ({ entry: Order } | { mistakes: LineMistake[] });

const OPTIONS = {
  bom: true,
  ltrim: true,
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: LONGEST_LINE,
} as const;

/** The cells of the first line; undefined where its quotes are not right. */
function headOf(text: string, delimiter: string): string[] | undefined {
  try {
    const [head]: string[][] = parseAtOnce(text.slice(0, LONGEST_HEAD), { ...OPTIONS, delimiter, to: 1 });
    return head?.map((name) => name.trim());
  } catch {
    return undefined;
  }
}

/** The file as far as its first line says what it is. */
export function openFile(bytes: Uint8Array, chosen: Chosen): PhoneFile | { problem: string } {
  const read = readText(bytes);
  if ('problem' in read) return read;
  // Some spreadsheets want to be told the delimiter in a line of its own.
  const [mark = '', told] = /^sep=([,;\t])\r?\n/i.exec(read.text) ?? [];
  const text = read.text.slice(mark.length);
  const tried = DELIMITERS.flatMap((delimiter) => {
    const heads = told === undefined || told === delimiter ? headOf(text, delimiter) : undefined;
    return heads === undefined ? [] : [{ delimiter, heads, columns: matchColumns(heads, chosen) }];
  });
  const [best] = tried.toSorted(
    (a, b) => b.columns.places.size - a.columns.places.size || b.heads.length - a.heads.length,
  );
  if (best === undefined)
    return { problem: 'the first line cannot be read; it must name the columns, its quotes closed' };
  const twice = best.heads.find((head, at) => head !== '' && best.heads.indexOf(head) !== at);
  if (twice !== undefined) return { problem: `two columns are called “${twice}”; give one of them another name` };
  return { ...best, text, encoding: read.encoding, before: mark === '' ? 0 : 1 };
}

/** `to` is the last line of the file that belongs to it. */
type Row = { line: number; to: number } & ({ cells: string[] } | { unclosed: true });
/** Characters that are cut into lines before others have their turn: each may be a line of its own. */
const CHUNK = 1_024;

/** Rows after the head, in their order, with the lines of the file on which each begins and ends. */
async function* rowsOf({ text, delimiter, before }: PhoneFile): AsyncGenerator<Row> {
  const rows: Row[] = [];
  let last = before;
  let isHead = true;
  const next = (lines: number) => {
    const line = last + 1;
    last = before + lines;
    return { line, to: last };
  };
  const parser = parse({
    ...OPTIONS,
    delimiter,
    skip_records_with_error: true,
    on_record: (cells: string[], { lines }) => {
      const row = { ...next(lines), cells };
      if (!isHead) rows.push(row);
      isHead = false;
      return null;
    },
    // All other mistakes with quotes are in the cells.
    on_skip: () => void rows.push({ ...next(last + 1), unclosed: true }),
  });
  for (let at = 0; at < text.length; at += CHUNK) {
    await new Promise<void>((resolve) => parser.write(text.slice(at, at + CHUNK), () => resolve()));
    yield* rows.splice(0);
  }
  await new Promise<void>((resolve) => parser.end(() => resolve()));
  yield* rows;
}

/** Our own lists put a mark before what spreadsheets take for a formula. */
const plain = (cell: string): string => cell.trim().replace(/^'(?=[=+\-@])/, '');

type Given = Partial<Record<FileField, string>>;
const givenOf = (cells: readonly string[], { places }: Columns): Given =>
  Object.fromEntries(
    [...places].flatMap(([field, at]) => {
      const value = plain(cells[at] ?? '');
      return value === '' ? [] : [[field, value]];
    }),
  );

/** As spreadsheets write long numbers where a cell is not text: the last digits are gone, and many look the same. */
const SHORTENED = /^\d(?:[.,]\d+)?E\+\d+$/i;

/** By what an order of a file is known again: its number, or all that its line says. */
const nameOf = (given: Given): string =>
  given.number === undefined || SHORTENED.test(given.number) ? JSON.stringify(given) : `number:${given.number}`;

const MONEY = new Set<FileField>(['amount', 'tax', 'shipping']);

export type ReadingOf = { reading: Reading; around: Around };

/** A cell as the schema of an order takes it, or what is wrong with it; `currency` is that of its line. */
function cellOf(field: FileField, text: string, { reading, around }: ReadingOf, currency: string | undefined): Value {
  if (MONEY.has(field)) return readMoney(withoutMark(text, currency), reading);
  if (field === 'agreed_at') return readDate(text, reading, around.now);
  if (field === 'number' && SHORTENED.test(text))
    return { problem: 'was shortened by the spreadsheet; format its column as text there, and save the file again' };
  return { value: text };
}

/** What the schema of an order is given, and what is wrong with cells already. */
function valuesOf(given: Given, parts: ReadingOf) {
  const currency = given.currency ?? parts.around.currency;
  const order: Record<string, unknown> = {};
  const consent: Record<string, string> = {};
  const mistakes = new Map<string, string>();
  for (const field of FILE_FIELDS) {
    const text = given[field];
    if (text === undefined) continue;
    const read = cellOf(field, text, parts, currency);
    if ('problem' in read) mistakes.set(field, read.problem);
    else if (field.startsWith('consent_')) consent[field.slice('consent_'.length)] = read.value.toLowerCase();
    else order[field] = read.value;
  }
  return { order: Object.keys(consent).length > 0 ? { ...order, consent } : order, mistakes };
}

const fieldOf = (path: string): string => path.replace('consent.', 'consent_');

function lineOf(line: number, given: Given, { heads, columns }: PhoneFile, parts: ReadingOf): FileLine {
  const { around } = parts;
  const { order, mistakes } = valuesOf(given, parts);
  const read = readOrder({ ...order, idempotency_key: `file:${sha256(nameOf(given))}` }, around);
  if ('mistakes' in read)
    for (const { field, message } of read.mistakes) {
      const name = fieldOf(field);
      if (!mistakes.has(name)) mistakes.set(name, message);
    }
  else if (mistakes.size === 0) return { line, entry: read.entry };
  const headOfField = new Map<string, string>([...columns.places].map(([field, at]) => [field, heads[at] ?? '']));
  return {
    line,
    mistakes: [...mistakes].map(([name, message]) => ({ column: headOfField.get(name) ?? name, message })),
  };
}

/** Lines between two turns for others, who share the thread. */
const TOGETHER = 50;

type Filled = Extract<Row, { cells: string[] }>;

/** Has a quote made one of several lines? Then a cell that is read goes over lines, or one holds what looks like a line. */
function isJoined({ line, to, cells }: Filled, { heads, delimiter, columns }: PhoneFile): boolean {
  if (line === to) return false;
  const read = new Set(columns.places.values());
  const looksLikeLine = (text: string) => text.split(delimiter).length >= heads.length;
  return (
    cells.length !== heads.length ||
    cells.some((cell, at) => cell.includes('\n') && (read.has(at) || cell.split('\n').some(looksLikeLine)))
  );
}

/** Why the cells of a line are not those of the columns. */
function misplaced(row: Filled, file: PhoneFile): string | undefined {
  const { heads, delimiter } = file;
  const { cells, to } = row;
  if (isJoined(row, file)) return `is read as one with what follows up to line ${to}; is a quote left open?`;
  if (cells.length === heads.length) return undefined;
  const wrong = `has ${cells.length} cells where the first line has ${heads.length}`;
  return cells.length < heads.length ? wrong : `${wrong}; quote cells that contain a ${DELIMITER_WORDS[delimiter]}`;
}

/**
 * Every line after the head that is not empty, read as an order. Of two lines with the same number, or that say the same,
 * the second is a mistake. The first `skip` lines are only looked at to know them again.
 */
export async function* readLines(file: PhoneFile, parts: ReadingOf, skip = 0): AsyncGenerator<FileLine> {
  const seen = new Map<string, number>();
  let looked = 0;
  let count = 0;
  for await (const row of rowsOf(file)) {
    const { line } = row;
    const bad = (message: string): FileLine => ({ line, mistakes: [{ column: '', message }] });
    looked += 1;
    if (looked % TOGETHER === 0) await nextTurn();
    if ('cells' in row && row.cells.every((cell) => cell === '')) continue;
    count += 1;
    if (count > MOST_LINES) {
      yield bad(`and what follows was not read: a file may have ${MOST_LINES} lines`);
      return;
    }
    if ('unclosed' in row) {
      yield bad('opens a quote that is not closed; neither it nor what follows was read');
      return;
    }
    const wrong = misplaced(row, file);
    const given = wrong === undefined ? givenOf(row.cells, file.columns) : {};
    const { number } = given;
    const name = nameOf(given);
    const first = seen.get(name);
    if (wrong === undefined && first === undefined) seen.set(name, line);
    if (count <= skip) continue;
    if (wrong !== undefined) yield bad(wrong);
    else if (first === undefined) yield lineOf(line, given, file, parts);
    else if (number !== undefined) yield bad(`has the order number of line ${first}`);
    else yield bad(`says the same as line ${first}; if it is another order, give both a number`);
  }
}
