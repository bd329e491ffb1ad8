// From a settled draft to an event: its dotted fields nested, every value checked against the type of its field.
import { EVENT_FIELDS, type Event, type Field, ITEM_FIELDS, type Item } from '../event.ts';
import { EVENT_NAME } from '../event-name.ts';
import { CUSTOM } from './constants.ts';
import type { Draft, Values } from './policy.ts';
import type { Provenance } from './run.ts';

type Value = Values[string];
type Table = { [name: string]: Table | Value };
/** Where a field lies in the event: the tables around it and its name in the innermost. */
type Place = { within: readonly string[]; name: string; field: Field };

const OF_CUSTOM = 'custom.';

function placeOf(path: string, field: Field): Place {
  const within = path.split('.');
  return { name: within.pop() ?? path, within, field };
}
const placesOf = (fields: Record<string, Field>): ReadonlyMap<string, Place> =>
  new Map(Object.entries(fields).map(([path, field]) => [path, placeOf(path, field)]));

const EVENT_PLACES = placesOf(EVENT_FIELDS);
const ITEM_PLACES = placesOf(ITEM_FIELDS);

function fits({ kind, choices }: Field, value: Value): boolean {
  if (kind === 'money' || kind === 'number') return Number.isFinite(value);
  if (kind === 'flag') return typeof value === 'boolean';
  return typeof value === 'string' && value !== '' && (choices === undefined || choices.includes(value));
}

/** Puts the fields at their places, those left out that only feed the policies; answers what is wrong with one of them. */
function nest(values: Values, places: ReadonlyMap<string, Place>, into: Table): string | undefined {
  for (const path in values) {
    const value = values[path];
    if (value === undefined) continue;
    const isCustom = path.startsWith(OF_CUSTOM);
    const place = isCustom
      ? { within: ['custom'], name: path.slice(OF_CUSTOM.length), field: CUSTOM }
      : places.get(path);
    if (place === undefined) return `there is no field ${path}`;
    if (!isCustom && !fits(place.field, value)) return `${path} has a value of another type`;
    if (place.field.input === true) continue;
    let table = into;
    for (const name of place.within) {
      const inner = table[name];
      const next = typeof inner === 'object' ? inner : {};
      table[name] = next;
      table = next;
    }
    table[place.name] = value;
  }
  return undefined;
}

/**
 * The event that a draft makes, or what is wrong with the draft. It holds to the schema `Event`, which is not asked here
 * because that takes as long as a whole rule: `convert` gave the values their types, and they are compared with the table
 * of fields from which the schema is made.
 */
export function toEvent(
  { name, values, items }: Draft,
  provenance: Provenance,
): { event: Event } | { problem: string } {
  if (!EVENT_NAME.test(name)) return { problem: `${name} is no name of an event` };
  const event: Table = { name };
  let problem = nest(values, EVENT_PLACES, event);
  const nested = items?.map((item): Item => {
    const table: Table = {};
    problem ??= nest(item, ITEM_PLACES, table);
    return table;
  });
  if (problem !== undefined) return { problem };
  const whole: Partial<Event> = event;
  if (nested !== undefined) whole.items = nested;
  if (Object.keys(provenance).length > 0) whole.provenance = provenance;
  // Checked field by field just now.
  return { event: whole as Event };
}
