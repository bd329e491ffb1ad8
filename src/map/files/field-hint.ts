// What somebody meant who names a field that there is not: one further inside, one of items, or one of nearly that name.
import { ITEM_FIELDS } from '../../event.ts';
import { nearest } from '../../lib/nearest.ts';

/** Is `name` the last part of `field`, or a word of it: email of user_data.email_address. */
function isPartOf(name: string, field: string): boolean {
  const last = field.split('.').at(-1) ?? field;
  return last === name || last.startsWith(`${name}_`) || last.endsWith(`_${name}`);
}

/** A hint for the unknown field `name` of a table that has the fields `known`; undefined where nothing is near. */
export function fieldHint(name: string, known: readonly string[]): string | undefined {
  if (Object.hasOwn(ITEM_FIELDS, name) && known.includes('items'))
    return 'fields of articles stand under items: { each: …, fields: { … } }';
  const parts = known.filter((field) => isPartOf(name.toLowerCase(), field));
  return parts.length === 1 ? `did you mean ${parts[0]}?` : nearest(name, known);
}
