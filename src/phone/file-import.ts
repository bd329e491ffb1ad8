// Keeps the orders of a file, many at a time, and counts what became of its lines.
import type { Store } from '../map/load.ts';
import type { FileLine, LineMistake } from './file-read.ts';
import type { Maker, PhoneOrders } from './phone-orders.ts';
import type { Order } from './read.ts';

export type BadLine = { line: number; mistakes: LineMistake[] };
/** What became of lines: kept now, kept before, or not read for their mistakes. Where nothing is kept, `good` ones could be. */
export type Imported = { lines: number; good: number; kept: number; before: number; bad: BadLine[] };
export type Importing = {
  store: Store;
  /** Undefined to only look what would be kept. */
  phoneOrders: PhoneOrders | undefined;
  maker: Maker;
  /** Called after every batch. */
  onDone?: (imported: Imported) => void;
};

const TOGETHER = 200;

/** Imports lines until they end, or until `most` were read. What was kept before, by an import too, is not kept again. */
export async function importLines(
  lines: AsyncIterable<FileLine>,
  { store, phoneOrders, maker, onDone }: Importing,
  most = Number.POSITIVE_INFINITY,
): Promise<Imported> {
  const imported: Imported = { lines: 0, good: 0, kept: 0, before: 0, bad: [] };
  let orders: Order[] = [];
  const keep = async (): Promise<void> => {
    const kept = await phoneOrders?.keepAll(store, orders, maker);
    const isNew = kept?.filter(({ kind }) => kind === 'kept').length ?? 0;
    imported.good += orders.length;
    imported.kept += isNew;
    imported.before += (kept?.length ?? 0) - isNew;
    orders = [];
    onDone?.(imported);
  };
  for await (const one of lines) {
    imported.lines += 1;
    if ('entry' in one) orders.push(one.entry);
    else imported.bad.push(one);
    if (orders.length === TOGETHER) await keep();
    if (imported.lines >= most) break;
  }
  await keep();
  return imported;
}
