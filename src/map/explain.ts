// Where every field of an event comes from: the steps of a mapping run, joined with the events that came of them.
import type { Event } from '../event.ts';
import { flattenEvent, pathOfField, type Scalar } from './flatten.ts';
import type { CompiledRule } from './rule.ts';
import type { Step, Tried } from './watch.ts';

/** A field of the event. Without `at` it follows from others or from the store's policies, as `why` says. */
export type ExplainedField = {
  field: string;
  value: Scalar;
  at?: string;
  expression?: string;
  read?: unknown;
  why?: string;
};
/** A field without a value: what was tried for it, or why its value is not in the event. */
export type EmptyField = { field: string; at: string; tried: Tried[]; why?: string };
export type ExplainedEvent = { key: string; name: string; fields: ExplainedField[]; empty: EmptyField[] };
export type ExplainedRule = {
  record: number;
  rule: string;
  at: string;
  events: ExplainedEvent[];
  /** Why it made no event, or none for one of its elements. */
  reasons: string[];
};

/** What fields are that no expression gave. */
const FOLLOWS: Readonly<Record<string, string>> = {
  value:
    'computed under the value policy of the store: without tax and shipping, unless value: in its file includes them',
  currency: 'the currency of the store',
  transaction_id: 'the order id',
  channel: 'online, because nothing says otherwise',
  action_source: 'follows from the channel',
  price: 'the amount of the line per piece',
};
const EVENT_ID = {
  purchase: 'the transaction id',
  others: 'the order id and what became of the order, so that receivers know it from what else became of it',
};
const CONSENT = 'follows from the consent settings of the store';
const INPUT = 'only feeds the value policy';
const DROPPED = 'no such value as this field takes';
const LEFT_OUT = 'left out under the policies of the store; on orders without a browser it is not the buyer’s';

type FieldStep = Extract<Step, { kind: 'field' }>;
type Found = Map<string, FieldStep>;

/** What a field of an event called `name` is that no expression gave. */
function followsFrom(field: string, name: string): string {
  if (field === 'event_id') return name === 'purchase' ? EVENT_ID.purchase : EVENT_ID.others;
  return FOLLOWS[pathOfField(field)] ?? (field.startsWith('consent.') ? CONSENT : 'follows from other fields');
}

/** What a step did for a field whose value in the event, which is called `name`, is `value`. */
function explainField(name: string, field: string, value: Scalar, step: FieldStep | undefined): ExplainedField {
  if (step?.value === undefined) return { field, value, why: followsFrom(field, name) };
  const last = step.tried.at(-1);
  const source = last !== undefined && last.given !== undefined ? last : undefined;
  const settled = step.value === value ? {} : { why: 'then settled under the policies of the store' };
  if (source === undefined) return { field, value, at: step.field.at, expression: 'set', ...settled };
  return { field, value, at: source.at, expression: source.text, read: source.given, ...settled };
}

const whyEmpty = ({ field, tried, value }: FieldStep): string | undefined => {
  if (field.field.input === true) return INPUT;
  if (value !== undefined) return LEFT_OUT;
  return tried.some(({ given }) => given !== undefined && given !== '') ? DROPPED : undefined;
};

function explainEvent(key: string, event: Event, found: Found): ExplainedEvent {
  const values = flattenEvent(event);
  const fields = [...values].map(([field, value]) => explainField(event.name, field, value, found.get(field)));
  const empty = [...found].flatMap(([field, step]): EmptyField[] => {
    if (values.has(field)) return [];
    const why = whyEmpty(step);
    return [{ field, at: step.field.at, tried: step.tried, ...(why !== undefined && { why }) }];
  });
  return { key, name: event.name, fields, empty };
}

/** The steps of one rule over one record. */
type Group = { record: number; rule: CompiledRule; steps: Step[] };

function groupsOf(steps: readonly Step[]): Group[] {
  const groups: Group[] = [];
  let record = 0;
  for (const step of steps) {
    if (step.kind === 'record') record += 1;
    else if (step.kind === 'rule') groups.push({ record, rule: step.rule, steps: [] });
    else groups.at(-1)?.steps.push(step);
  }
  return groups;
}

/** What was found for the fields of each draft of a rule, in the order the drafts were made. */
function draftsOf(steps: readonly Step[]): Found[] {
  const drafts: Found[] = [];
  let found: Found = new Map();
  let item = -1;
  for (const step of steps) {
    if (step.kind === 'element') {
      found = new Map();
      item = -1;
    } else if (step.kind === 'item') item += 1;
    else if (step.kind === 'field') found.set(item < 0 ? step.field.path : `items[${item}].${step.field.path}`, step);
    else if (step.kind === 'draft') drafts.push(found);
  }
  return drafts;
}

const problemOf = ({ field, problem }: FieldStep) => `${field.at} ${field.path}: ${problem}`;

/**
 * Explains a run by its steps. `events` are those that came of it, by their keys, as they would be sent; `rules` are all of
 * the source, so that those are named too that the topic kept out.
 */
export function explain(
  steps: readonly Step[],
  events: ReadonlyMap<string, Event>,
  rules: readonly CompiledRule[],
  topic: string | undefined,
): ExplainedRule[] {
  const groups = groupsOf(steps);
  const explained = groups.map(({ record, rule, steps: own }): ExplainedRule => {
    const drafts = draftsOf(own);
    const made = own.filter((step) => step.kind === 'made');
    const failed = own.flatMap((step) => {
      if (step.kind === 'failed') return [step.reason];
      if (step.kind === 'made' && step.reason !== undefined) return [step.reason];
      return step.kind === 'field' && step.problem !== undefined ? [problemOf(step)] : [];
    });
    const ofRule = made.flatMap(({ mapped }, index) => {
      const event = mapped && (events.get(mapped.key) ?? mapped.event);
      return event === undefined ? [] : [explainEvent(mapped?.key ?? '', event, drafts[index] ?? new Map())];
    });
    const nothing = own.every((step) => step.kind !== 'element') ? ['the record has no element to make it of'] : [];
    return { record, rule: rule.name, at: rule.at, events: ofRule, reasons: [...failed, ...nothing] };
  });
  const ran = new Set(groups.map(({ rule }) => rule));
  const kept = rules.filter((rule) => !ran.has(rule));
  const why = topic === undefined ? 'no record came to it' : `it does not take the topic ${topic}`;
  return [...explained, ...kept.map(({ name, at }) => ({ record: 0, rule: name, at, events: [], reasons: [why] }))];
}
