// What an onlooker is told of a mapping run, step by step: which expressions gave what. Nobody else keeps it.
import type { CompiledField, CompiledRule } from './rule.ts';
import type { MappedEvent } from './settle.ts';

/** One expression that was tried, where it is written, and what it gave. */
export type Tried = { text: string; at: string; given: unknown };
export type Step =
  | { kind: 'record' }
  | { kind: 'rule'; rule: CompiledRule }
  /** The rule does not hold for this record or element. */
  | { kind: 'failed'; reason: string }
  | { kind: 'item' }
  /** Neither `value` nor `problem`: the field stays empty. A value without a fitting expression is the constant. */
  | { kind: 'field'; field: CompiledField; tried: Tried[]; value?: string | number | boolean; problem?: string }
  /** All fields since the rule began became this event, or none for this reason. */
  | { kind: 'made'; key: string; mapped: MappedEvent | undefined; reason: string | undefined };
export type Watch = Step[];
