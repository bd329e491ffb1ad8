// CSV as RFC 4180 describes it, in which no text can act as a formula when a spreadsheet opens the file.

export type Cell = string | number | boolean | undefined;

/** What spreadsheets take for the beginning of a formula; the wide forms are those of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Text is always quoted, so that no separator of any country splits it; numbers are not, so that they are summed. */
function show(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return `"${text.replaceAll('"', '""')}"`;
}

/** A line with its end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(show).join(',')}\r\n`;
