// What an onlooker is told of a mapping run, step by step: which expressions gave what. Nobody else keeps it.
import type { CompiledField, CompiledRule } from './rule.ts';
import type { MappedEvent } from './settle.ts';

/** One expression that was tried, where it is written, and what it gave. */
export type Tried = { text: string; at: string; given: unknown };
export type Step =
  | { kind: 'record' }
  | { kind: 'rule'; rule: CompiledRule }
  /** The rule goes over the record, or over one element of its `each`. */
  | { kind: 'element' }
  /** The rule does not hold for it. */
  | { kind: 'failed'; reason: string }
  | { kind: 'item' }
  /** Neither `value` nor `problem`: the field stays empty. A value without a fitting expression is the constant. */
  | { kind: 'field'; field: CompiledField; tried: Tried[]; value?: string | number | boolean; problem?: string }
  /** All fields of the element are right. */
  | { kind: 'draft' }
  /** The next of the rule's drafts became this event, or none for this reason. */
  | { kind: 'made'; mapped: MappedEvent | undefined; reason: string | undefined };
export type Watch = Step[];
