// A list as CSV, written while it is read.
import { csvLine } from '../../lib/csv.ts';
import { type Asked, TABLES, type TableName } from './tables.ts';

/** Without it spreadsheets read the file in the old code page of their country. */
const BYTE_ORDER_MARK = '\ufeff';

/** `forSheets` for people who open it in a spreadsheet; programs want no mark before the first name. */
export async function* csvOf(
  name: TableName,
  asked: Asked,
  { forSheets }: { forSheets: boolean },
): AsyncGenerator<string> {
  const { columns, pages } = TABLES[name];
  yield (forSheets ? BYTE_ORDER_MARK : '') + csvLine(columns);
  for await (const rows of pages(asked)) yield rows.map(csvLine).join('');
}

export const fileName = (name: TableName): string => `tagbridge-${name}.csv`;
