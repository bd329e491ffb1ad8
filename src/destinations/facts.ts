// Questions that several destinations ask about an event.
import { isIP } from 'node:net';
import type { Event, Item } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { sha256 } from '../lib/hash.ts';
import type { Refusal } from '../types.ts';

/** The one event of a request that carries one. */
export function only(events: readonly Event[]): Event {
  const [event] = events;
  if (event === undefined || events.length > 1) throw new RangeError(`one event expected, got ${events.length}`);
  return event;
}

/** What was sold, or came back: an item that somebody took off an order stays in it with no pieces. */
export function soldItems({ items = [] }: Event): Item[] {
  return items.filter(({ quantity = 1 }) => quantity > 0);
}

/** What was sold of what a catalog of ads can know: its id there, which may be another than the browser tag tells GA4, and whole pieces. */
export function catalogItems(event: Event): { id: string; quantity: number; price: number | undefined }[] {
  return soldItems(event).flatMap(({ content_id, item_id, quantity, price }) => {
    const id = content_id ?? item_id;
    return id === undefined || hasEmail(id) ? [] : [{ id, quantity: wholePieces(quantity), price }];
  });
}

/** For receivers that take no halves. */
export const wholePieces = (quantity = 1): number => Math.max(1, Math.round(quantity));

/** When it happened, in milliseconds, never later than now: senders' clocks run ahead, receivers refuse the future. */
export function happenedAt(event: Event, now: number): number {
  return Math.min(Date.parse(event.event_time), now);
}

/** When a click was seen, in milliseconds and not later than `latest`, which it is too where nobody noted it. */
export function clickedAt({ provenance }: Event, id: string, latest: number): number {
  const noted = Date.parse(provenance?.[id]?.seen_at ?? '');
  return Number.isNaN(noted) ? latest : Math.min(noted, latest);
}

/** How long ago it happened, in milliseconds; NaN when the event has no readable time. */
export function age(event: Event, now: number): number {
  return now - Date.parse(event.event_time);
}

/** How long ago the second began in which it happened, for receivers that get whole seconds. */
export function ageOfSecond(event: Event, now: number): number {
  return now - Math.floor(Date.parse(event.event_time) / 1000) * 1000;
}

export function isOrder(event: Event): boolean {
  return event.name === 'purchase' || event.name === 'refund';
}

/** Some CRMs know their stages by numbers or UUIDs, which would tell nobody anything at the receiver. */
const CODE = /^(\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** What people call the lead's stage in their CRM, unless the receiver would take it for something else. */
export function stageName({ lead_stage: stage }: Event, mistaken: RegExp): string | undefined {
  const isName = stage !== undefined && !hasEmail(stage) && !CODE.test(stage) && !mistaken.test(stage);
  return isName ? stage : undefined;
}

/** The browser, but for programs that name whom to write to. */
export function userAgent({ user_agent: agent }: Event): string | undefined {
  return agent === undefined || hasEmail(agent) ? undefined : agent;
}

/** The buyer's address, if it is one. */
export function ipAddress({ ip_override: ip }: Event): string | undefined {
  return ip !== undefined && isIP(ip) !== 0 ? ip : undefined;
}

/** What the browser tag calls the order: the transaction id, for orders without one the order id. */
export function transactionId(event: Event): string | undefined {
  const id = (event.transaction_id ?? (isOrder(event) ? event.order_id : undefined))?.trim();
  return id === '' ? undefined : id;
}

/** What an order is called, for receivers that get it as one more fact; never an e-mail address. */
export function orderName(event: Event): string | undefined {
  const id = transactionId(event) ?? event.order_id;
  return id === undefined || hasEmail(id) ? undefined : id;
}

/** Receivers would take it out of the turnover. */
export function refuseNegative({ name, value }: Event): Refusal | undefined {
  const negative = name === 'purchase' && value !== undefined && value < 0;
  return negative ? { reason: 'a purchase cannot have a value below 0' } : undefined;
}

/** For receivers that take a purchase only with what it is worth. */
export function refuseWithoutWorth(event: Event): Refusal | undefined {
  if (event.name === 'purchase') {
    if (event.value === undefined) return { reason: 'a Purchase needs a value' };
    if (currencyOf(event) === undefined) return { reason: 'a Purchase needs a currency' };
  }
  return refuseNegative(event);
}

/** ISO 4217 in capitals. */
export function currencyOf(event: Event): string | undefined {
  const code = event.currency?.toUpperCase();
  return code !== undefined && /^[A-Z]{3}$/.test(code) ? code : undefined;
}

/** The value, only together with its currency: an amount without one would be taken for dollars. */
export function worthOf(event: Event): number | undefined {
  return currencyOf(event) === undefined ? undefined : event.value;
}

const EVENT_ID_LENGTH = 100;

function ownEventId(event: Event): string | undefined {
  const transaction = transactionId(event);
  const id = event.event_id ?? transaction;
  if (event.name === 'refund' && id !== undefined && id === transaction) return `${id}.refund.${event.event_time}`;
  return id ?? (event.lead_id === undefined ? undefined : `${event.lead_id}.${event.name}`);
}

/**
 * The id by which a receiver knows a second copy. Refunds get the time behind it when all they have is the purchase's
 * id, because a purchase can be refunded in parts; leads have their CRM's id and what became of them. An id with an
 * e-mail address in it, or too long for a receiver, goes as a hash.
 */
export function eventId(event: Event): string | undefined {
  const id = ownEventId(event);
  return id !== undefined && (id.length > EVENT_ID_LENGTH || hasEmail(id)) ? sha256(id) : id;
}

/** The table, or undefined when nothing in it is known, so that no empty `{}` is sent. */
export function unlessEmpty<T extends object>(table: T): T | undefined {
  for (const name in table) if (table[name] !== undefined) return table;
  return undefined;
}
