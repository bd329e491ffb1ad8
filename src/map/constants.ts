// Constants of a rule: in the type of their field, and refused where they can never be meant.
import { EVENT_FIELDS, type Field } from '../event.ts';
import { countryCode } from '../lib/country.ts';
import { isCurrency } from '../lib/money.ts';
import { convert } from './convert.ts';
import { unhyphened } from './expression/mistaken.ts';
import { fieldHint } from './files/field-hint.ts';
import type { Path } from './files/files.ts';
import { place } from './files/merge.ts';
import type { CompiledField, RuleContext } from './rule.ts';
import type { Rule } from './schema/schema.ts';

export const CUSTOM: Field = { kind: 'text', help: 'A free parameter of the store' };

/** The address of a page is one as a parameter of the store too: GA4 gets it so. */
export function fieldOf(path: string, known: Record<string, Field>): Field {
  const named = known[path.replace(/^custom\./, '')];
  return known[path] ?? (named?.kind === 'page' ? named : CUSTOM);
}

/** Fields that tell one order or lead from all others. */
const OF_ONE = ['event_id', 'order_id', 'transaction_id', 'lead_id'];
/** What gives the same for every hook, or for all of one kind. */
const SAME = /^\s*(?:'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|null|\$(?:store|topic|country|money))\s*$/;
/** Is this expression the same for every order, where each needs its own? */
const isSame = (text: string): boolean => SAME.test(text);
const ONLY_FIRST = 'is the same for every order, so that all after the first would be taken for copies of it';
const UNDER_FIELDS = 'name the field that holds it, under fields';

const LESS = 'takes one field from another, for a hyphen is a minus sign';

/** Notes a mistake at its place. */
function report({ problems, locate }: RuleContext, at: Path, message: string, hint?: string): undefined {
  problems.push({ ...locate(at), code: 'INVALID', message, hint });
}

/** Reports a key that cannot tell two events apart. */
export function refuseSameKey(text: string, at: Path, context: RuleContext): void {
  const name = unhyphened(text);
  if (name !== undefined) report(context, at, `key: ${text} ${LESS}`, name);
  if (isSame(text)) report(context, at, `key: ${ONLY_FIRST}`, 'name the field that holds the id, such as $string(id)');
}

/** A word that is a value of the field, such as EUR, and as an expression the name of a field of the body. */
function isOwnValue({ kind, choices = [] }: Field, text: string): boolean {
  if (kind === 'currency') return /^[A-Z]{3}$/.test(text) && isCurrency(text);
  if (kind === 'country') return /^[A-Z]{2}$/.test(text) && countryCode(text) === text;
  return choices.includes(text);
}

type Named = Pick<CompiledField, 'path' | 'field'>;

/** Reports expressions that read a field where a value was meant, and values where each order needs its own. */
export function refuseMistaken({ path, field }: Named, text: string, at: Path, context: RuleContext): void {
  const refuse = (message: string, hint: string) => report(context, at, `${path}: ${message}`, hint);
  if (OF_ONE.includes(path) && isSame(text)) refuse(ONLY_FIRST, UNDER_FIELDS);
  const name = unhyphened(text);
  // Only amounts, numbers and the store's own parameters may be a difference.
  if (name !== undefined && field !== CUSTOM && !['money', 'number'].includes(field.kind))
    refuse(`${text} ${LESS}`, name);
  if (isOwnValue(field, text))
    refuse(
      `would be what a field named ${text} holds`,
      `write "'${text}'", or set: { ${path}: ${text} }, to mean ${text} itself`,
    );
}

/** What a constant may say of consent: anything else would count as denied. */
const AGREED = /^(?:granted|yes|true|1|denied|no|false|0|unknown)$/i;

/** A constant in the type of its field; one that it cannot be is a mistake. */
export function constantOf(
  { path, field }: Named,
  given: unknown,
  at: Path,
  context: RuleContext,
): CompiledField['constant'] {
  const refuse = (message: string, hint?: string) => report(context, at, `${path}: ${message}`, hint);
  if (OF_ONE.includes(path)) return refuse(ONLY_FIRST, UNDER_FIELDS);
  if (field.kind === 'consent' && !AGREED.test(String(given)))
    return refuse(`"${String(given)}" is none of ${field.choices?.join(', ')}`);
  const result = convert(field, given);
  if ('value' in result) return result.value;
  return refuse('problem' in result ? result.problem : `${path} has no value`);
}

/** The beginning of an expression, and of no text that is the same for all. */
const CALL = /^\$[A-Za-z]\w*\(/;

/** Constants of `set:`, checked against the type of their field. */
export function compileSet(set: Rule['set'], at: Path, context: RuleContext): CompiledField[] {
  return Object.entries(set ?? {}).flatMap(([path, value]) => {
    const known: Record<string, Field> = EVENT_FIELDS;
    if (!Object.hasOwn(known, path) && !path.startsWith('custom.')) {
      const hint = fieldHint(path, Object.keys(EVENT_FIELDS));
      const where = context.locate([...at, path], true);
      context.problems.push({ ...where, code: 'UNKNOWN_FIELD', message: `unknown field ${path}`, hint });
      return [];
    }
    if (CALL.test(String(value))) {
      const message = `${path}: would be these letters for every order; expressions belong under fields`;
      report(context, [...at, path], message);
      return [];
    }
    const field = fieldOf(path, known);
    const constant = constantOf({ path, field }, value, [...at, path], context);
    if (constant === undefined) return [];
    return [{ path, field, expressions: [], constant, at: place(context.locate([...at, path])) }];
  });
}
