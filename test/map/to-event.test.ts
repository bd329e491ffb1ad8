// Drafts to events: what comes out always holds to the schema of events, and what does not hold is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_FIELDS, Event, type Field, ITEM_FIELDS } from '../../src/event.ts';
import type { Values } from '../../src/map/policy.ts';
import { toEvent } from '../../src/map/to-event.ts';

const FIELDS: Record<string, Field> = EVENT_FIELDS;
const BASE = { event_time: '2026-01-02T03:04:05.000Z' };

const text = fc.string({ minLength: 1, maxLength: 8 });
const fitting = ({ kind, choices }: Field): fc.Arbitrary<Values[string]> => {
  if (kind === 'money' || kind === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true });
  if (kind === 'flag') return fc.boolean();
  return choices === undefined ? text : fc.constantFrom(...choices);
};
const anything = fc.oneof(text, fc.constant(''), fc.double(), fc.boolean());
const valuesOf = (fields: Record<string, Field>, value: (field: Field) => fc.Arbitrary<Values[string]>) =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([path, field]) => [path, value(field)])), {
    requiredKeys: [],
  }) as fc.Arbitrary<Values>;

describe('toEvent', () => {
  it('makes events that hold to the schema, with every field at its place', () => {
    const values = valuesOf(FIELDS, fitting);
    const items = fc.array(valuesOf(ITEM_FIELDS, fitting), { maxLength: 3 });
    fc.assert(
      fc.property(values, items, fc.boolean(), (given, lines, free) => {
        const draft = {
          name: 'purchase',
          values: { ...BASE, ...given, ...(free && { 'custom.size': 7 }) },
          items: lines,
        };
        const made = toEvent(draft, { gclid: { from: 'gclid' } });
        if (!('event' in made)) throw new Error(made.problem);
        expect(Event.parse(made.event)).toStrictEqual(made.event);
        expect(made.event.items).toHaveLength(lines.length);
        expect(made.event.user_data?.address?.city).toBe(given['user_data.address.city']);
        expect(made.event.custom).toStrictEqual(free ? { size: 7 } : undefined);
        expect(made.event).not.toHaveProperty('shipping_tax');
      }),
    );
  });

  it('refuses what the schema refuses: a value of another type, at any field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(EVENT_FIELDS)), anything, (path, value) => {
        const made = toEvent({ name: 'purchase', values: { ...BASE, [path]: value } }, {});
        const [first = path, second, third] = path.split('.');
        const inner = third === undefined ? value : { [third]: value };
        const parsed = Event.safeParse({
          ...BASE,
          name: 'purchase',
          [first]: second === undefined ? value : { [second]: inner },
        });
        fc.pre(FIELDS[path]?.input !== true && path !== 'event_time');
        expect('event' in made).toBe(parsed.success);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a name no event may have', { name: '1st', values: BASE }, '1st is no name of an event'],
    ['a field nobody knows', { name: 'purchase', values: { ...BASE, colour: 'red' } }, 'there is no field colour'],
    [
      'an item with a price that is no number',
      { name: 'purchase', values: BASE, items: [{ price: 'free' }] },
      'price has a value of another type',
    ],
  ])('says what is wrong with %s', (_, draft, problem) => {
    expect(toEvent(draft, {})).toStrictEqual({ problem });
  });
});
