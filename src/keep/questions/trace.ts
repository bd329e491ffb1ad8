// The question "what became of it?": a hook or an order with its events, deliveries and attempts, without bodies.
import type { Db, Row } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { type ListedHook, toListedHook } from './lists.ts';

export type TracedHook = ListedHook & {
  attempts: number;
  due_at: number | undefined;
  waits_for: string | undefined;
};
/** A delivery that is not finished. */
export type TracedDelivery = { destination: string; copy: number; attempts: number; due_at: number; leased: boolean };
export type TracedAttempt = {
  destination: string;
  copy: number;
  n: number;
  at: number;
  ms: number;
  status: number | undefined;
  kind: string;
  reason: string | undefined;
  ambiguous: boolean;
  /** What the receiver calls the request, where it says so. */
  receipt: string | undefined;
};
export type TracedEvent = {
  id: string;
  hook_id: string;
  name: string;
  order_id: string | undefined;
  event_time: string;
  created_at: number;
  deliveries: TracedDelivery[];
  attempts: TracedAttempt[];
};
export type Trace = { hooks: TracedHook[]; events: TracedEvent[] };

const HOOKS = 'select id, store, source, received_at, state, reason, attempts, due_at, waits_for from hooks';
const BY_HOOK = { hooks: 'id = $1', events: 'hook_id = $1' };
// Both sides find ids: for an "or" of an id and of something else PostgreSQL would read every hook.
const BY_ORDER = {
  hooks: `id in (select hook_id from events where store = $1 and order_id = $2
    union select id from hooks where store = $1 and waits_for = $2)`,
  events: 'store = $1 and order_id = $2',
};

/** Finds by hook or by order; in the order of time, empty when nothing is known. */
export async function findTrace(db: Db, by: { hook_id: string } | { store: string; order_id: string }): Promise<Trace> {
  const where = 'hook_id' in by ? BY_HOOK : BY_ORDER;
  const params = 'hook_id' in by ? [by.hook_id] : [by.store, by.order_id];
  // Its events first, whatever PostgreSQL guesses of how many they are: from the other side it would walk over every attempt.
  const found = `with found as materialized (select id from events where ${where.events})`;
  const [hooks, events, deliveries, attempts] = await Promise.all([
    db.query(`${HOOKS} where ${where.hooks} order by received_at, id`, params),
    db.query(
      `select id, hook_id, name, order_id, event_time, created_at from events where ${where.events} order by created_at, id`,
      params,
    ),
    db.query(
      `${found} select event_id, destination, copy, attempts, due_at, lease_id from found join deliveries on event_id = found.id
       order by destination`,
      params,
    ),
    db.query(
      `${found} select event_id, destination, copy, n, at, ms, status, kind, reason, ambiguous, receipt
       from found join attempts on event_id = found.id order by at, destination`,
      params,
    ),
  ]);
  const of = (rows: Row[], id: string): Row[] => rows.filter((row) => row.event_id === id);
  return {
    hooks: hooks.map(toHook),
    events: events.map((row) => toEvent(row, of(deliveries, text(row, 'id')), of(attempts, text(row, 'id')))),
  };
}

function toHook(row: Row): TracedHook {
  return {
    ...toListedHook(row),
    attempts: number(row, 'attempts'),
    due_at: maybe(number, row, 'due_at'),
    waits_for: maybe(text, row, 'waits_for'),
  };
}

function toEvent(row: Row, deliveries: Row[], attempts: Row[]): TracedEvent {
  return {
    id: text(row, 'id'),
    hook_id: text(row, 'hook_id'),
    name: text(row, 'name'),
    order_id: maybe(text, row, 'order_id'),
    event_time: text(row, 'event_time'),
    created_at: number(row, 'created_at'),
    deliveries: deliveries.map(toDelivery),
    attempts: attempts.map(toAttempt),
  };
}

function toDelivery(row: Row): TracedDelivery {
  return {
    destination: text(row, 'destination'),
    copy: number(row, 'copy'),
    attempts: number(row, 'attempts'),
    due_at: number(row, 'due_at'),
    leased: maybe(text, row, 'lease_id') !== undefined,
  };
}

function toAttempt(row: Row): TracedAttempt {
  return {
    destination: text(row, 'destination'),
    copy: number(row, 'copy'),
    n: number(row, 'n'),
    at: number(row, 'at'),
    ms: number(row, 'ms'),
    status: maybe(number, row, 'status'),
    kind: text(row, 'kind'),
    reason: maybe(text, row, 'reason'),
    ambiguous: number(row, 'ambiguous') === 1,
    receipt: maybe(text, row, 'receipt'),
  };
}

const RECEIPT = `
  select store, receipt from attempts where event_id = $1 and destination = $2 and receipt is not null
  order by at desc limit 1`;

/** What the receiver called the last request with this event that it took. */
export async function findReceipt(
  db: Db,
  event_id: string,
  destination: string,
): Promise<{ store: string; receipt: string } | undefined> {
  const [row] = await db.query(RECEIPT, [event_id, destination]);
  return row && { store: text(row, 'store'), receipt: text(row, 'receipt') };
}
