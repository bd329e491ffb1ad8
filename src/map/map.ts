// Their words to our words: one kept hook in, the events it makes out, or why it makes none.
import { type Event, Event as EventSchema } from '../event.ts';
import { parseBody } from './body.ts';
import type { Expression } from './expression.ts';
import { toE164 } from './phone.ts';
import { applyPolicies, type Draft, notCounted, type Policies, type Values } from './policy.ts';
import type { CompiledRule } from './rule.ts';
import { type Env, evaluate, isPending, type Made, messageOf, type Results, runRule, untilSettled } from './run.ts';

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
  lets: { name: string; run: Expression }[];
  /** Why a record makes no event, in words. */
  noEvent: Expression | undefined;
  /** Topics that make no event, and why. */
  topics: { pattern: RegExp; reason: string }[];
  rules: CompiledRule[];
  settings: Record<string, unknown>;
};
/** Body and headers of a hook, as far as mapping needs them. */
export type Incoming = { headers: Record<string, string>; body: Uint8Array; received_at: number };
export type MappedEvent = { key: string; event: Event };
export type MapResult = {
  topic: string | undefined;
  verdict: 'mapped' | 'ignored' | 'stuck';
  reason?: string;
  events: MappedEvent[];
  /** Orders that were seen but are not counted, so that their refunds are not sent either. */
  uncounted: { order_id: string; reason: string }[];
};

/** The text of the first expression that gives a value. */
export const firstText = (
  expressions: readonly Expression[],
  input: unknown,
  env: Env,
  results: Results,
): string | undefined => {
  for (const run of expressions) {
    const value = evaluate(run, input, env, results);
    if (value !== undefined && value !== null && value !== '') return String(value);
  }
  return undefined;
};

/** Fields that only feed the policies. */
const INPUTS = new Set(['test', 'tip', 'shipping_tax']);
type Table = { [name: string]: Table | Values[string] };

/** A draft's keys are dotted, the event is nested. */
function nest(values: Values): Table {
  const event: Table = {};
  for (const [path, value] of Object.entries(values)) {
    if (INPUTS.has(path)) continue;
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let at = event;
    for (const part of parts) {
      const inner = at[part];
      const next = typeof inner === 'object' ? inner : {};
      at[part] = next;
      at = next;
    }
    at[last] = value;
  }
  return event;
}

const toItem = ({ amount: _amount, amount_tax: _tax, ...item }: Values) => item;

function toEvent(draft: Draft, provenance: Made['provenance']) {
  return EventSchema.safeParse({
    ...nest(draft.values),
    name: draft.name,
    ...(draft.items !== undefined && { items: draft.items.map(toItem) }),
    ...(Object.keys(provenance).length > 0 && { provenance }),
  });
}

/** The phone as E.164, or left out when it is no possible number. */
function settlePhone({ values }: Draft, country: string | undefined): void {
  const phone = values['user_data.phone_number'];
  if (typeof phone !== 'string') return;
  const own = values['user_data.address.country'];
  const number = toE164(phone, [typeof own === 'string' ? own : undefined, country]);
  if (number === undefined) delete values['user_data.phone_number'];
  else values['user_data.phone_number'] = number;
}

/** What an event must have before anything else is worth saying about it. */
function lacks({ name, values }: Draft): string | undefined {
  if (values.event_time === undefined) return 'event_time';
  if (name !== 'purchase' && name !== 'refund') return undefined;
  if (values.order_id === undefined) return 'order_id';
  if (values.currency === undefined) return 'currency';
  return values.value === undefined && values.total === undefined ? 'total' : undefined;
}

type Collected = { events: MappedEvent[]; uncounted: MapResult['uncounted']; ignored: string[]; stuck: string[] };

/** One made event through the store's policies into the collection it belongs to. */
function settle(made: Made, source: MappedSource, test: boolean, receivedAt: number, into: Collected): void {
  const draft = applyPolicies(made.draft, source.policies);
  if (test) draft.values.test ??= true;
  settlePhone(draft, source.country);
  const label = `${draft.name} ${made.key}`;
  const missing = lacks(draft);
  if (missing !== undefined) {
    into.ignored.push(`${label}: ${missing} is missing; does the subscription send all fields?`);
    return;
  }
  const reason = notCounted(draft, source.policies, receivedAt);
  if (reason !== undefined) {
    into.ignored.push(`${label}: ${reason}`);
    const orderId = draft.values.order_id;
    if (draft.name === 'purchase' && typeof orderId === 'string') into.uncounted.push({ order_id: orderId, reason });
    return;
  }
  const parsed = toEvent(draft, made.provenance);
  if (parsed.success) into.events.push({ key: `${draft.name}:${made.key}`, event: parsed.data });
  else
    into.stuck.push(
      `${made.rule.at} ${label}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}`,
    );
}

function mapRecord(
  source: MappedSource,
  record: unknown,
  env: Env,
  topic: string | undefined,
  receivedAt: number,
  results: Results,
  into: Collected,
): void {
  const own: Env = { ...env, record };
  for (const { name, run } of source.lets) own[name] = evaluate(run, record, own, results);
  const test = source.test.some((run) => isTrue(evaluate(run, record, own, results)));
  const before = into.ignored.length;
  let tried = 0;
  let held = 0;
  for (const rule of source.rules) {
    if (topic !== undefined && rule.topics !== undefined && !rule.topics.test(topic)) continue;
    tried += 1;
    const { made, problems, failed } = runRule(rule, record, own, results);
    held += made.length + problems.length;
    for (const one of made) settle(one, source, test, receivedAt, into);
    for (const { at, field, message } of problems) into.stuck.push(`${at} ${rule.name}.${field}: ${message}`);
    if (failed !== undefined) {
      into.ignored.push(`${rule.name}: ${failed}`);
      if (rule.emit === 'purchase') noteUncounted(rule, record, own, results, failed, into);
    }
  }
  if (tried === 0) into.ignored.push(topic === undefined ? 'no rule takes it' : `no rule takes ${topic}`);
  const reason =
    held === 0 && source.noEvent !== undefined ? evaluate(source.noEvent, record, own, results) : undefined;
  if (typeof reason === 'string') into.ignored.splice(before, into.ignored.length, reason);
}

const isTrue = (value: unknown) => value === true || value === 'true' || value === 1 || value === '1';

/** An order whose purchase rule does not hold is known, but not counted (yet). */
function noteUncounted(
  rule: CompiledRule,
  record: unknown,
  env: Env,
  results: Results,
  reason: string,
  into: Collected,
): void {
  const field = rule.fields.find(({ path }) => path === 'order_id');
  const orderId =
    field &&
    firstText(
      field.expressions.map(({ run }) => run),
      record,
      env,
      results,
    );
  if (orderId !== undefined) into.uncounted.push({ order_id: orderId, reason });
}

function mapParsed(source: MappedSource, incoming: Incoming, value: unknown, results: Results): MapResult {
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
  const silent = topic === undefined ? undefined : source.topics.find(({ pattern }) => pattern.test(topic));
  if (silent !== undefined) return { topic, verdict: 'ignored', reason: silent.reason, events: [], uncounted: [] };
  const into: Collected = { events: [], uncounted: [], ignored: [], stuck: [] };
  const split = source.split === undefined ? value : evaluate(source.split, value, env, results);
  const records =
    source.split === undefined ? [value] : Array.isArray(split) ? split : split === undefined ? [] : [split];
  for (const record of records) {
    try {
      mapRecord(source, record, env, topic, incoming.received_at, results, into);
    } catch (error) {
      if (isPending(error)) throw error;
      into.stuck.push(`${source.platform}: ${messageOf(error)}`);
    }
  }
  if (records.length === 0) into.ignored.push('the hook carries no record');
  const { events, uncounted, ignored, stuck } = into;
  if (stuck.length > 0) return { topic, verdict: 'stuck', reason: stuck.slice(0, 5).join(' | '), events, uncounted };
  if (events.length > 0) return { topic, verdict: 'mapped', events, uncounted };
  return { topic, verdict: 'ignored', reason: [...new Set(ignored)].slice(0, 3).join('; '), events, uncounted };
}

/**
 * Maps one hook. Never throws for what a sender or a mapping file can cause: such hooks are `stuck`, with file, line and
 * field, and can be mapped again after the fix. Synchronous unless an expression needs the interpreter.
 */
export function mapHook(source: MappedSource, incoming: Incoming): MapResult | Promise<MapResult> {
  const stuck = (reason: string): MapResult => ({
    topic: undefined,
    verdict: 'stuck',
    reason,
    events: [],
    uncounted: [],
  });
  const parsed = parseBody(incoming.body, incoming.headers['content-type']);
  if ('problem' in parsed) return stuck(parsed.problem);
  return untilSettled((results) => {
    try {
      return mapParsed(source, incoming, parsed.value, results);
    } catch (error) {
      if (isPending(error)) throw error;
      return stuck(`${source.platform}: ${messageOf(error)}`);
    }
  });
}
