// Functions over the rows of an order, where shops list a product and the parts it consists of beside each other.
import { isTable, type Table as Row } from '../../lib/table.ts';
import type { FunctionTable } from './functions.ts';
import { total } from './money.ts';

const rowsOf = (list: unknown): Row[] => [list].flat().filter(isTable);
/** A list of one or none is no list to JSONata's users. */
const settled = (rows: Row[]): unknown => (rows.length > 1 ? rows : rows[0]);
/** Ids are numbers in one row and texts in another. */
const idOf = (row: Row, name: string): string | undefined => {
  const id = row[name];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
};

function withChildren(list: unknown, id: unknown, parent: unknown): unknown {
  if (typeof id !== 'string' || typeof parent !== 'string') return undefined;
  const rows = rowsOf(list);
  const ids = new Set(rows.flatMap((row) => idOf(row, id) ?? []));
  const parentOf = (row: Row) => {
    const given = idOf(row, parent);
    return given !== undefined && (ids.size === 0 || ids.has(given)) ? given : undefined;
  };
  const children = Map.groupBy(rows, parentOf);
  const roots = children.get(undefined) ?? [];
  return settled(
    roots.map((row) => {
      const own = children.get(idOf(row, id));
      return own === undefined || own === roots ? row : { ...row, children: own };
    }),
  );
}

const isNothing = (amount: unknown) => amount === undefined || Number(amount) === 0;
/** As it is written, so that it stays exact. */
const amountsOf = (rows: Row[], name: string): unknown[] =>
  rows.map((row) => row[name]).filter((one) => !isNothing(one));

function rowAmount(row: unknown, name: unknown): unknown {
  if (!isTable(row) || typeof name !== 'string') return undefined;
  const parts = isNothing(row[name]) ? amountsOf(rowsOf(row.children), name) : [];
  return parts.length === 0 ? row[name] : total('row_amount', parts);
}

function withoutCopies(list: unknown, name: unknown, amount: unknown): unknown {
  if (typeof name !== 'string' || typeof amount !== 'string') return undefined;
  const rows = rowsOf(list);
  const priced = new Set(rows.filter((row) => !isNothing(row[amount])).map((row) => idOf(row, name)));
  return settled(
    rows.filter((row) => !isNothing(row[amount]) || idOf(row, name) === undefined || !priced.has(idOf(row, name))),
  );
}

const BUNDLE = {
  items: [
    { item_id: 1, sku: 'SET', price: 30 },
    { item_id: 2, parent_item_id: 1, sku: 'CUP', price: 20 },
    { item_id: '3', parent_item_id: '1', sku: 'PLATE', price: 10 },
    { item_id: 4, sku: 'SPOON', price: 5 },
  ],
};
const COPY = {
  items: [
    { sku: 'SHIRT-S', price: '25.00' },
    { sku: 'SHIRT-S', price: '0.0000' },
    { sku: 'GIFT', price: 0 },
  ],
};

export const ROW_FUNCTIONS: FunctionTable = {
  with_children: {
    args: 'rows, id, parent',
    help: 'The rows that belong to no other row, each with those that belong to it as `children`. `id` and `parent` are the names of the fields with a row’s own id and that of its parent.',
    examples: [
      {
        expr: "$join($with_children(items, 'item_id', 'parent_item_id').sku, ' ')",
        input: BUNDLE,
        result: 'SET SPOON',
      },
      {
        expr: "$total($with_children(items, 'item_id', 'parent_item_id').children.price)",
        input: BUNDLE,
        result: 30,
      },
      {
        expr: "$with_children(items, 'item_id', 'parent_item_id').sku",
        input: { items: [{ sku: 'SPOON' }] },
        result: 'SPOON',
      },
    ],
    fn: withChildren,
  },
  row_amount: {
    args: 'row, name',
    help: 'The amount under that name, or the exact sum of those of its `children` where the row itself has 0 or nothing.',
    examples: [
      { expr: "$row_amount(row, 'tax')", input: { row: { tax: '2.10', children: [{ tax: '2.10' }] } }, result: '2.10' },
      {
        expr: "$row_amount(row, 'tax')",
        input: { row: { tax: 0, children: [{ tax: '0.1' }, { tax: 0.2 }] } },
        result: 0.3,
      },
      { expr: "$row_amount(row, 'tax')", input: { row: { tax: 0 } }, result: 0 },
      { expr: "$row_amount(row, 'tax')", input: { row: {} } },
    ],
    fn: rowAmount,
  },
  without_copies: {
    args: 'rows, name, amount',
    help: 'The rows without those that repeat a row with an amount for nothing: the same value under `name`, and 0 or nothing under `amount`.',
    examples: [
      {
        expr: "$join($without_copies(items, 'sku', 'price').sku, ' ')",
        input: COPY,
        result: 'SHIRT-S GIFT',
        why: 'the second shirt costs nothing; a gift is no copy',
      },
    ],
    fn: withoutCopies,
  },
};
