// An event as a list of fields by their paths, for showing and comparing.
import type { Event } from '../event.ts';
import { isTable } from '../lib/table.ts';

export type Scalar = string | number | boolean;

function collect(value: unknown, path: string, into: Map<string, Scalar>): void {
  if (Array.isArray(value)) for (const [index, one] of value.entries()) collect(one, `${path}[${index}]`, into);
  else if (isTable(value))
    for (const [key, one] of Object.entries(value)) collect(one, path === '' ? key : `${path}.${key}`, into);
  else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') into.set(path, value);
}

/** The scalars of any data by their paths, such as `events[0].name`. */
export function flatten(value: unknown): Map<string, Scalar> {
  const values = new Map<string, Scalar>();
  collect(value, '', values);
  return values;
}

/** Fields by their paths, those of items as `items[0].price`; without the name and where ids came from. */
export const flattenEvent = ({ name: _name, provenance: _from, ...fields }: Event): Map<string, Scalar> =>
  flatten(fields);

const ITEM = /^items\[\d+\]\./;
/** Whether to speak of a field that is empty: what no item has is said once, of the first of them. */
export const isSaid = (field: string): boolean => !ITEM.test(field) || field.startsWith('items[0].');
/** The path of a field among its kind: that of an item's field without the item. */
export const pathOfField = (field: string): string => field.replace(ITEM, '');
