// Their words to our words: one kept hook in, the events it makes out, or why it makes none.
import { isTable } from '../lib/table.ts';
import { shownTopic } from '../lib/topic.ts';
import { type Asked, type Known, lookUp } from './asking/lookup.ts';
import type { Lookup } from './asking/lookup-compile.ts';
import { parseBody } from './body.ts';
import { type Expression, ExpressionError } from './expression/expression.ts';
import type { Policies, Values } from './policy.ts';
import { ASKS, type CompiledRequest, type Request, readRequest } from './request.ts';
import type { CompiledRule } from './rule.ts';
import { type Env, evaluate, idsOf, messageOf, type Results, runRule, untilSettled } from './run.ts';
import { type Collected, type MappedEvent, noteUncounted, settle } from './settle.ts';
import type { Watch } from './watch.ts';

/** A source ready to map: its platform with the store's overrides, compiled. */
export type MappedSource = {
  store: string;
  name: string;
  platform: string;
  country: string | undefined;
  money: 'shop' | 'presentment';
  policies: Policies;
  accepts: readonly string[];
  topic: readonly Expression[];
  deliveryId: readonly Expression[];
  /** Topic or delivery id are looked for in the body, not only in headers. */
  identityInBody: boolean;
  test: readonly Expression[];
  split: Expression | undefined;
  /** Fields of a record that stand in for missing ones. */
  defaults: { name: string; run: Expression }[];
  lookups: readonly Lookup[];
  /** Gives the names and values that other apps leave on a record. */
  attributes: Expression | undefined;
  /** Topics that ask to erase or report. */
  requests: readonly CompiledRequest[];
  lets: { name: string; run: Expression }[];
  /** Why a record makes no event, in words. */
  noEvent: Expression | undefined;
  /** Topics that make no event, and why. */
  topics: { pattern: RegExp; reason: string }[];
  /** Those that say that no more hooks will come, and why; they are among the `topics`. */
  farewells: { pattern: RegExp; reason: string }[];
  rules: CompiledRule[];
  settings: Record<string, unknown>;
};
/** Body and headers of a hook, as far as mapping needs them. */
export type Incoming = { headers: Record<string, string>; body: Uint8Array; received_at: number };
export type MapResult = {
  topic: string | undefined;
  verdict: 'mapped' | 'ignored' | 'stuck';
  reason?: string;
  events: MappedEvent[];
  uncounted: Collected['uncounted'];
  /** What to ask before the records are mapped that are not mapped here; no such key where nothing is to be asked. */
  pending?: Asked[];
  /** What the hook asks for instead of telling an event. */
  request?: Request;
};

/** What became of a hook of which nothing can be mapped. */
export const stuck = (reason: string): MapResult => ({
  topic: undefined,
  verdict: 'stuck',
  reason,
  events: [],
  uncounted: [],
});

/** The text of the first expression that gives a text, a number, or true or false. */
export const firstText = (
  expressions: readonly Expression[],
  input: unknown,
  env: Env,
  results: Results,
): string | undefined => {
  for (const run of expressions) {
    const value = evaluate(run, input, env, results);
    if (value !== '' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'))
      return String(value);
  }
  return undefined;
};

/** What all records of a hook share while they are mapped. */
type Mapping = {
  source: MappedSource;
  receivedAt: number;
  topic: string | undefined;
  known: Known;
  results: Results;
  into: Collected;
  /** Questions by their keys, so that each is asked once. */
  pending: Map<string, Asked>;
};

/** The record with the platform's defaults for fields it came without. */
function withDefaults(record: unknown, env: Env, { source: { defaults }, results }: Mapping): unknown {
  if (defaults.length === 0 || !isTable(record)) return record;
  const filled = { ...record };
  for (const { name, run } of defaults) {
    const value = filled[name] === undefined ? evaluate(run, record, env, results) : undefined;
    if (value !== undefined) filled[name] = value;
  }
  return filled;
}

/** With the named values of the platform. Look-ups see them as they are before any answer. */
function withLets({ attributes, lets }: MappedSource, env: Env, results: Results): Env {
  const own = { ...env };
  if (attributes !== undefined) own.attributes = evaluate(attributes, env.record, own, results);
  for (const { name, run } of lets) own[name] = evaluate(run, env.record, own, results);
  return own;
}

/** The answers a record needs, as expressions see them; undefined where some are still to be asked for. */
function answersFor(record: unknown, env: Env, { source, known, results, pending, into }: Mapping): Env | undefined {
  if (source.lookups.length === 0) return {};
  const looked = lookUp(source, record, withLets(source, env, results), known, results);
  for (const asked of looked.pending) pending.set(asked.key, asked);
  if (looked.pending.length > 0) return undefined;
  for (const note of looked.notes) into.notes.add(note);
  return looked.bound;
}

function mapRecord(given: unknown, env: Env, mapping: Mapping): void {
  const { source, receivedAt, topic, results, into } = mapping;
  results.watch?.push({ kind: 'record' });
  const record = withDefaults(given, env, mapping);
  const rules = source.rules.filter(({ topics }) => topic === undefined || topics === undefined || topics.test(topic));
  const answers = rules.length === 0 ? {} : answersFor(record, { ...env, record }, mapping);
  if (answers === undefined) return;
  const own = withLets(source, { ...env, record, ...answers }, results);
  const test = source.test.some((run) => isTrue(evaluate(run, record, own, results)));
  const failures: string[] = [];
  let held = 0;
  for (const rule of rules) {
    const { made, problems, failed } = runRule(rule, record, own, results);
    held += made.length + problems.length;
    for (const one of made) {
      const events = into.events.length;
      settle(one, { source, receivedAt, test }, into);
      const mapped = into.events[events];
      const reason = mapped === undefined ? (into.stuck.at(-1) ?? into.ignored.at(-1)) : undefined;
      results.watch?.push({ kind: 'made', mapped, reason });
    }
    for (const { at, field, message } of problems) into.stuck.push(`${at} ${rule.name}.${field}: ${message}`);
    if (failed !== undefined) {
      failures.push(`${rule.name}: ${failed}`);
      if (rule.emit === 'purchase') noteFailed(rule, record, own, failed, mapping);
    }
  }
  if (rules.length === 0) into.ignored.push(`no rule takes ${shownTopic(topic) ?? 'it'}`);
  // Where a rule held, what the others wanted explains nothing.
  if (held > 0) return;
  const reason = source.noEvent && evaluate(source.noEvent, record, own, results);
  into.ignored.push(...(typeof reason === 'string' ? [reason] : failures));
}

const isTrue = (value: unknown) => value === true || value === 'true' || value === 1 || value === '1';

/** An order whose purchase rule does not hold is known, but not counted (yet). */
function noteFailed(rule: CompiledRule, record: unknown, env: Env, reason: string, mapping: Mapping): void {
  const values: Values = {};
  for (const { path, expressions } of rule.fields) {
    if (path !== 'order_id' && path !== 'order_number') continue;
    const runs = expressions.map(({ run }) => run);
    const text = firstText(runs, record, env, mapping.results);
    if (text !== undefined) values[path] = text;
  }
  const keys = idsOf(rule, record, env, mapping.results).map(String);
  noteUncounted(values, keys, { reason }, mapping.into);
}

/** The verdict on what was collected. What look-ups did not give stands in the reason of a mapped hook too. */
function conclude({ topic, into, pending }: Mapping): MapResult {
  const { events, uncounted, ignored, stuck, notes } = into;
  const asking = pending.size === 0 ? {} : { pending: [...pending.values()] };
  const base = { topic, events, uncounted, ...asking };
  if (stuck.length > 0) return { ...base, verdict: 'stuck', reason: stuck.slice(0, 5).join(' | ') };
  const why = [...new Set(events.length > 0 ? [] : ignored)].slice(0, 3);
  const reason = [...why, ...[...notes].slice(0, 3)].join('; ');
  return { ...base, verdict: events.length > 0 ? 'mapped' : 'ignored', ...(reason !== '' && { reason }) };
}

/** A hook that is not split is one record. */
function recordsOf({ split }: MappedSource, value: unknown, env: Env, results: Results): readonly unknown[] {
  if (split === undefined) return [value];
  const found = evaluate(split, value, env, results);
  if (Array.isArray(found)) return found;
  return found === undefined ? [] : [found];
}

function mapParsed(
  source: MappedSource,
  incoming: Incoming,
  value: unknown,
  known: Known,
  results: Results,
): MapResult {
  const env: Env = {
    headers: incoming.headers,
    store: source.store,
    received_at: new Date(incoming.received_at).toISOString(),
    money: source.money,
    country: source.country,
    settings: source.settings,
    hook: value,
  };
  const topic = firstText(source.topic, value, env, results);
  env.topic = topic;
  const asks = topic === undefined ? undefined : source.requests.find(({ topics }) => topics.test(topic));
  if (asks !== undefined) {
    const request = readRequest(asks, value, { ...env, record: value }, results);
    const base = { topic, verdict: 'ignored' as const, events: [], uncounted: [] };
    return 'not' in request ? { ...base, reason: request.not } : { ...base, reason: ASKS[request.do], request };
  }
  const silent = topic === undefined ? undefined : source.topics.find(({ pattern }) => pattern.test(topic));
  if (silent !== undefined) return { topic, verdict: 'ignored', reason: silent.reason, events: [], uncounted: [] };
  const into: Collected = { events: [], uncounted: [], ignored: [], stuck: [], notes: new Set() };
  const { received_at: receivedAt } = incoming;
  const mapping = { source, receivedAt, topic, known, results, into, pending: new Map() };
  const records = recordsOf(source, value, env, results);
  for (const record of records) {
    try {
      mapRecord(record, env, mapping);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      into.stuck.push(`${source.platform}: ${messageOf(error)}`);
    }
  }
  if (records.length === 0) into.ignored.push('the hook carries no record');
  return conclude(mapping);
}

/** For those who ask nobody. */
const notAsked: Known = () => ({ lacks: 'nothing is looked up here' });

/**
 * Maps one hook. Never throws for what a sender or a mapping file can cause: such hooks are `stuck`, with file, line and
 * field, and can be mapped again after the fix. Synchronous unless an expression needs the interpreter. `known` are the
 * answers of look-ups; records for which it has none yet are not mapped, and what to ask is `pending`. `watch` gets every
 * step.
 */
export function mapHook(
  source: MappedSource,
  incoming: Incoming,
  known: Known = notAsked,
  watch?: Watch,
): MapResult | Promise<MapResult> {
  const parsed = parseBody(incoming.body, incoming.headers['content-type']);
  if ('problem' in parsed) return stuck(parsed.problem);
  return untilSettled((results) => {
    try {
      return mapParsed(source, incoming, parsed.value, known, results);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return stuck(`${source.platform}: ${messageOf(error)}`);
    }
  }, watch);
}
