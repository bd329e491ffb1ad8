// Looks through the lines of a file, or keeps its orders, many at a time, and counts what became of the lines.
import type { Store } from '../map/files/load.ts';
import type { FileLine, LineMistake } from './file-read.ts';
import type { Maker, PhoneOrders } from './phone-orders.ts';
import type { Order } from './read.ts';

export type BadLine = { line: number; mistakes: LineMistake[] };
/** What could be kept, the first of it to be shown, and what could not be read. */
export type Found = { lines: number; good: number; first: { line: number; order: Order }[]; bad: BadLine[] };
/** What became of lines: kept now, kept before, or not read for their mistakes. */
export type Imported = { lines: number; kept: number; before: number; bad: BadLine[] };

const TOGETHER = 200;

/** One mistake and the lines that make it; `message` is that of the first, `alike` where others say it with other numbers. */
export type BadGroup = LineMistake & { lines: number[]; alike: boolean };

/** What is the same in mistakes that quote what stands in their lines. */
const kindOf = (message: string): string => message.replace(/\d[\d.,'’]*/g, '0').replace(/“[^”]*”/g, '“”');

/** Equal mistakes together, those of the most lines first. */
export function groupBad(bad: readonly BadLine[]): BadGroup[] {
  const groups = new Map<string, BadGroup>();
  for (const { line, mistakes } of bad)
    for (const { column, message } of mistakes) {
      const key = JSON.stringify([column, kindOf(message)]);
      const group = groups.get(key) ?? { column, message, lines: [], alike: false };
      if (group.message !== message) group.alike = true;
      group.lines.push(line);
      groups.set(key, group);
    }
  return [...groups.values()].sort((a, b) => b.lines.length - a.lines.length);
}

/** Line numbers as people write them: 2–40, 43. */
export function lineRanges(lines: readonly number[]): string[] {
  const ranges: { from: number; to: number }[] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last.to + 1) last.to = line;
    else ranges.push({ from: line, to: line });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`));
}

/** Keeps nothing. `shown` is how many orders are wanted as they were read; `onLine` is called after every line. */
export async function lookThrough(lines: AsyncIterable<FileLine>, shown: number, onLine?: () => void): Promise<Found> {
  const found: Found = { lines: 0, good: 0, first: [], bad: [] };
  for await (const one of lines) {
    found.lines += 1;
    if ('entry' in one) {
      found.good += 1;
      if (found.first.length < shown) found.first.push({ line: one.line, order: one.entry });
    } else found.bad.push(one);
    onLine?.();
  }
  return found;
}

export type Importing = {
  store: Store;
  phoneOrders: PhoneOrders;
  maker: Maker;
  /** Stops after so many lines. */
  most?: number;
  onLine?: () => void;
};

/** Keeps the orders until the lines end. What was kept before under its key, by an import too, is not kept again. */
export async function importLines(lines: AsyncIterable<FileLine>, importing: Importing): Promise<Imported> {
  const { store, phoneOrders, maker, most = Number.POSITIVE_INFINITY, onLine } = importing;
  const imported: Imported = { lines: 0, kept: 0, before: 0, bad: [] };
  let orders: Order[] = [];
  const keep = async (): Promise<void> => {
    const kept = await phoneOrders.keepAll(store, orders, maker);
    const isNew = kept.filter(({ kind }) => kind === 'kept').length;
    imported.kept += isNew;
    imported.before += kept.length - isNew;
    orders = [];
  };
  for await (const one of lines) {
    imported.lines += 1;
    if ('entry' in one) orders.push(one.entry);
    else imported.bad.push(one);
    if (orders.length === TOGETHER) await keep();
    onLine?.();
    if (imported.lines === most) break;
  }
  if (orders.length > 0) await keep();
  return imported;
}
