// CSV as RFC 4180 describes it, in which no text can act as a formula when a spreadsheet opens the file.

export type Cell = string | number | boolean | undefined;

/** What spreadsheets take for the beginning of a formula; the wide forms are those of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** The same where a cell may begin inside a text: a spreadsheet that expects other separators sees no quotes there. */
const INSIDE = /([;|\s"]+)([=+\-@＝＋－＠]?)/g;
const SEPARATOR = /[;|\t\r\n]/;
const markInside = (whole: string, gap: string, sign: string): string =>
  sign !== '' && SEPARATOR.test(gap) ? `${gap}'${sign}` : whole;

/** Text is always quoted, so that no comma in it splits it; numbers are not, so that they are summed. */
function show(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const inert = cell.replaceAll(INSIDE, markInside);
  const text = FORMULA.test(inert) ? `'${inert}` : inert;
  return `"${text.replaceAll('"', '""')}"`;
}

/** A line with its end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(show).join(',')}\r\n`;
