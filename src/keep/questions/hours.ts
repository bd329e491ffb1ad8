// Sums by hour: events with their worth and what is known of the buyer, and attempts by how they ended.
import type { Event } from '../../event.ts';
import { CLICK_IDS } from '../../lib/click-ids.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import type { Db, SqlValue, Step } from '../../types.ts';
import { number, text } from '../row.ts';

const SHARDS = 4;
/** Hours and days count from 1970, in UTC. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS);
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
export const shardOf = (lease_id: string): number => (lease_id.charCodeAt(lease_id.length - 1) || 0) % SHARDS;

/** What destinations know a person by; a column of its own each. */
export const MATCH_KEYS = ['email', 'phone', 'client_id', 'session_id', 'click_id', 'fbc', 'fbp', 'device'] as const;
export type MatchKey = (typeof MATCH_KEYS)[number];

/** A number for each of the keys. */
export const forEachKey = (of: (key: MatchKey) => number): Record<MatchKey, number> => ({
  email: of('email'),
  phone: of('phone'),
  client_id: of('client_id'),
  session_id: of('session_id'),
  click_id: of('click_id'),
  fbc: of('fbc'),
  fbp: of('fbp'),
  device: of('device'),
});

const KNOWN: Record<MatchKey, (event: Event) => boolean> = {
  email: ({ user_data }) => user_data?.email_address !== undefined,
  phone: ({ user_data }) => user_data?.phone_number !== undefined,
  client_id: ({ client_id }) => client_id !== undefined,
  session_id: ({ session_id }) => session_id !== undefined,
  click_id: (event) => CLICK_IDS.some((id) => id !== 'fbc' && event[id] !== undefined),
  fbc: ({ fbc }) => fbc !== undefined,
  fbp: ({ fbp }) => fbp !== undefined,
  device: ({ ip_override, user_agent }) => ip_override !== undefined && user_agent !== undefined,
};

const COUNT_EVENT = `
  with given (id, hour, currency, shard, value, ${MATCH_KEYS.join(', ')}) as (values ($1, cast($2 as bigint), $3,
    cast($4 as bigint), cast($5 as double precision), ${MATCH_KEYS.map((_, index) => `cast($${index + 6} as bigint)`).join(', ')}))
  insert into event_hours (hour, store, name, currency, shard, events, value, ${MATCH_KEYS.join(', ')})
  select hour, store, name, currency, shard, count(*), sum(value), ${MATCH_KEYS.map((key) => `sum(${key})`).join(', ')}
  from given, events where events.id = given.id
  group by hour, store, name, currency, shard order by store, name, currency, shard
  on conflict (hour, store, name, currency, shard) do update set events = event_hours.events + excluded.events,
    value = event_hours.value + excluded.value,
    ${MATCH_KEYS.map((key) => `${key} = event_hours.${key} + excluded.${key}`).join(', ')}`;

type Counted = { id: string; lease_id: string; store: string; event: Event };

/** The step that counts events; those that are not there are not counted. Rows are in one order for all writers. */
export function countEvents(events: readonly Counted[], now: number): Step {
  const keyOf = ({ store, event }: Counted) => `${store}\n${event.name}\n${event.currency ?? ''}`;
  const sorted = events.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rows = sorted.map(({ id, lease_id, event }): SqlValue[] => [
    id,
    hourOf(now),
    event.currency ?? '',
    shardOf(lease_id),
    event.value ?? 0,
    ...MATCH_KEYS.map((key) => (KNOWN[key](event) ? 1 : 0)),
  ]);
  return { sql: COUNT_EVENT, rows, together: true };
}

// Attempts are recorded all or none: where one of them is in the history already, so are the others, and they were counted.
const COUNT_ATTEMPTS = `
  insert into delivery_hours (hour, store, destination, kind, shard, attempts)
  select $1, $2, $3, $4, $5, $6
  where not exists (select 1 from attempts where event_id = $7 and destination = $3 and copy = $8 and at = $9)
  on conflict (hour, store, destination, kind, shard) do update set attempts = delivery_hours.attempts + excluded.attempts`;

type Ended = {
  delivery: { event_id: string; store: string; destination: string; copy: number; lease_id: string };
  attempt: { at: number; kind: string };
};

/** The step that counts attempts by how they ended, to go before the one that adds them to the history. */
export function countAttempts(ended: readonly Ended[]): Step {
  const sums = new Map<string, { row: SqlValue[]; count: number; first: SqlValue[] }>();
  for (const { delivery, attempt } of ended) {
    const { event_id, store, destination, copy, lease_id } = delivery;
    const row = [hourOf(attempt.at), store, destination, attempt.kind, shardOf(lease_id)];
    const key = row.join('\n');
    const sum = sums.get(key) ?? { row, count: 0, first: [event_id, copy, attempt.at] };
    sum.count += 1;
    sums.set(key, sum);
  }
  const sorted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { sql: COUNT_ATTEMPTS, rows: sorted.map(([, { row, count, first }]) => [...row, count, ...first]) };
}

export type EventSum = {
  hour: number;
  store: string;
  name: string;
  currency: string;
  events: number;
  value: number;
} & {
  keys: Record<MatchKey, number>;
};
export type AttemptSum = { hour: number; store: string; destination: string; kind: string; attempts: number };

const EVENTS = `
  select hour, store, name, currency, sum(events) as events, sum(value) as value,
    ${MATCH_KEYS.map((key) => `sum(${key}) as ${key}`).join(', ')}
  from event_hours where hour >= $1 and hour <= $2 group by hour, store, name, currency`;

/** Sums of events from an hour to another, both included; hours count from 1970. */
export async function sumEvents(db: Db, from: number, until: number): Promise<EventSum[]> {
  const rows = await db.query(EVENTS, [from, until]);
  return rows.map((row) => ({
    hour: number(row, 'hour'),
    store: text(row, 'store'),
    name: text(row, 'name'),
    currency: text(row, 'currency'),
    events: number(row, 'events'),
    value: number(row, 'value'),
    keys: forEachKey((key) => number(row, key)),
  }));
}

const PURCHASES = `
  select hour, store, sum(events) as events from event_hours
  where hour >= $1 and hour <= $2 and name = 'purchase' group by hour, store`;

/** Purchases of every store from an hour to another, both included. */
export async function sumPurchases(
  db: Db,
  from: number,
  until: number,
): Promise<{ hour: number; store: string; events: number }[]> {
  const rows = await db.query(PURCHASES, [from, until]);
  return rows.map((row) => ({
    hour: number(row, 'hour'),
    store: text(row, 'store'),
    events: number(row, 'events'),
  }));
}

const ATTEMPTS = `
  select hour, store, destination, kind, sum(attempts) as attempts
  from delivery_hours where hour >= $1 and hour <= $2 group by hour, store, destination, kind`;

/** Sums of attempts from an hour to another, both included. */
export async function sumAttempts(db: Db, from: number, until: number): Promise<AttemptSum[]> {
  const rows = await db.query(ATTEMPTS, [from, until]);
  return rows.map((row) => ({
    hour: number(row, 'hour'),
    store: text(row, 'store'),
    destination: text(row, 'destination'),
    kind: text(row, 'kind'),
    attempts: number(row, 'attempts'),
  }));
}
