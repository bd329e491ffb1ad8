// The fields of an event with where each came from, and which of them say who somebody is.
import type { Event } from '../../event.ts';
import type { ExplainedRule } from '../../map/explain.ts';
import { flattenEvent, pathOfField, type Scalar } from '../../map/flatten.ts';
import { isPersonal } from '../../map/show.ts';

export type TracedField = { field: string; value: Scalar; from: string | undefined };

/** Where a field came from, as the mapping files tell it now. */
function sourcesOf(name: string, rules: readonly ExplainedRule[]): Map<string, string> {
  const events = rules.flatMap(({ events }) => events.filter((event) => event.name === name));
  return new Map(
    events.flatMap(({ fields }) =>
      fields.map(({ field, at, expression, why }): [string, string] => [
        field,
        [at, expression?.replace(/\s+/g, ' '), why].filter((part) => part !== undefined).join(' · '),
      ]),
    ),
  );
}

export function fieldsOf(event: Event, rules: readonly ExplainedRule[]): TracedField[] {
  const sources = sourcesOf(event.name, rules);
  const { provenance, ...plain } = event;
  return [...flattenEvent(plain)].map(([field, value]) => {
    const from = provenance?.[field]?.from;
    // What a visit gave was tried by the mapping before, without success.
    return { field, value, from: from?.startsWith('visit ') ? from : (sources.get(field) ?? from) };
  });
}

/** Texts of an event that say who somebody is. */
export const personalOf = (event: Event): string[] =>
  [...flattenEvent(event)].flatMap(([field, value]) =>
    typeof value === 'string' && value.length > 3 && isPersonal(pathOfField(field), value) ? [value] : [],
  );
