// From a draft to an event: the store's policies, what every event must have, and whether it counts.
import { type Event, TOKEN_FIELDS } from '../event.ts';
import { isLead } from '../event-name.ts';
import { bareNumber } from '../lib/order-number.ts';
import { toE164 } from './phone.ts';
import { applyPolicies, type Draft, type NotCounted, notCounted, type Policies, type Values } from './policy.ts';
import type { Made } from './run.ts';
import { toEvent } from './to-event.ts';

export type Tokens = { [Key in keyof typeof TOKEN_FIELDS]?: string };
export type MappedEvent = {
  key: string;
  event: Event;
  /** All names of an event that has several, `key` among them. */
  keys?: readonly string[];
  /** Other ids than its `order_id` by which hooks may name the order of a purchase. */
  order_ids?: readonly string[];
  /** Milliseconds after its arrival until which a hook that tells the event better may come. */
  wait?: number;
  /** The number people know the order by, without a #. */
  order_number?: string;
  /** Tokens and codes that find the visit of the event and are not sent. */
  tokens?: Tokens;
};

/** The phone as E.164, or left out when it is no possible number. */
function settlePhone({ values }: Draft, country: string | undefined): void {
  const phone = values['user_data.phone_number'];
  if (typeof phone !== 'string') return;
  const own = values['user_data.address.country'];
  const number = toE164(phone, [typeof own === 'string' ? own : undefined, country]);
  if (number === undefined) delete values['user_data.phone_number'];
  else values['user_data.phone_number'] = number;
}

/**
 * An order may be paid back in parts, and so may what a store calls by a name of its own become of it: receivers must know each
 * from the others. It is kept with the event, so that one that was sent without an id goes without one again.
 */
function settlePartId({ name, values }: Draft, key: string): void {
  const { order_id, transaction_id, lead_id } = values;
  if (name === 'purchase' || order_id === undefined) return;
  if (name === 'refund') values.event_id ??= `${order_id}.refund.${key}`;
  else if (transaction_id === undefined && lead_id === undefined)
    values.event_id ??= key === order_id ? `${order_id}.${name}` : `${order_id}.${name}.${key}`;
}

/** What an event must have before anything else is worth saying about it. */
function lacks({ name, values }: Draft): string | undefined {
  if (values.event_time === undefined) return 'event_time';
  if (name !== 'purchase' && name !== 'refund') return undefined;
  if (values.order_id === undefined) return 'order_id';
  if (values.currency === undefined) return 'currency';
  return values.value === undefined && values.total === undefined ? 'total' : undefined;
}

/** Every id that names an order, once. */
const orderIds = (order_id: unknown, keys: readonly string[]): string[] => [
  ...new Set([...(typeof order_id === 'string' ? [order_id] : []), ...keys]),
];

function tokensOf({ values }: Draft): Tokens | undefined {
  let tokens: Record<string, string> | undefined;
  for (const key in TOKEN_FIELDS) {
    const value = values[key];
    if (typeof value === 'string') tokens = { ...tokens, [key]: value };
  }
  return tokens;
}

/** The order's number, if it has another than its id. */
function orderNumber(number: unknown, order_id: unknown): { order_number?: string } {
  const order_number = typeof number === 'string' ? bareNumber(number) : '';
  return order_number === '' || order_number === order_id ? {} : { order_number };
}

function toMapped({ rule, keys, wait, draft }: Made, event: Event): MappedEvent {
  const others = event.name === 'purchase' ? keys.filter((key) => key !== event.order_id) : [];
  const tokens = tokensOf(draft);
  return {
    key: `${event.name}:${keys[0]}`,
    event,
    ...(rule.hasNames && { keys: keys.map((key) => `${event.name}:${key}`) }),
    ...(others.length > 0 && { order_ids: others }),
    ...(wait !== undefined && { wait }),
    ...orderNumber(draft.values.order_number, event.order_id),
    ...(tokens !== undefined && { tokens }),
  };
}

/** What the records of a hook come to. */
export type Collected = {
  events: MappedEvent[];
  /**
   * Orders that were seen but are not counted, so that their refunds are not sent either; `also` is one more id of the same order.
   * Without a reason those that may count when their hook no longer waits.
   */
  uncounted: ({ order_id: string; order_number?: string; also?: boolean } & Partial<NotCounted>)[];
  ignored: string[];
  stuck: string[];
  /** What is to be known of a hook that was mapped. */
  notes: Set<string>;
};
/** Notes an order under every id it goes by; its number stands with the first. */
export function noteUncounted(
  { order_id, order_number }: Values,
  keys: readonly string[],
  why: NotCounted,
  into: Collected,
): void {
  for (const [index, id] of orderIds(order_id, keys).entries())
    into.uncounted.push({ order_id: id, ...(index === 0 ? orderNumber(order_number, id) : { also: true }), ...why });
}

/** A deal that is written off may stand in a CRM as less than nothing; receivers would take that off what other leads are worth. */
function settleLeadValue({ name, values }: Draft): string | undefined {
  if (!isLead(name) || typeof values.value !== 'number' || values.value >= 0) return undefined;
  delete values.value;
  return `the ${name} goes without its value, which is below 0`;
}

type Settling = { country: string | undefined; policies: Policies };

/** One made event through the store's policies into the collection it belongs to. */
export function settle(
  made: Made,
  { source, receivedAt, test }: { source: Settling; receivedAt: number; test: boolean },
  into: Collected,
): void {
  const draft = applyPolicies(made.draft, source.policies);
  if (test) draft.values.test ??= true;
  settlePhone(draft, source.country);
  settlePartId(draft, made.keys[0]);
  const note = settleLeadValue(draft);
  const label = `${draft.name} ${made.keys[0]}`;
  const missing = lacks(draft);
  if (missing !== undefined) {
    into.ignored.push(`${label}: ${missing} is missing; does the subscription send all fields?`);
    return;
  }
  const refused = notCounted(draft, source.policies, receivedAt);
  if (refused !== undefined) {
    into.ignored.push(`${label}: ${refused.reason}`);
    if (draft.name === 'purchase') noteUncounted(draft.values, made.keys, refused, into);
    return;
  }
  const done = toEvent(draft, made.provenance);
  if ('event' in done) {
    into.events.push(toMapped(made, done.event));
    if (note !== undefined) into.notes.add(note);
  } else into.stuck.push(`${made.rule.at} ${label}: ${done.problem}`);
}
