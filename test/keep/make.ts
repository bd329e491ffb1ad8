// Made-up hooks, digests and claims for the tests of keep.
import { createHash } from 'node:crypto';
import type { Event } from '../../src/event.ts';
import type { Digest, NewEvent } from '../../src/keep/questions/digests.ts';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { newId } from '../../src/lib/id.ts';
import type { Delivery } from '../../src/types.ts';

/** The clock of these tests; they move it by adding to it. */
export const NOW = Date.UTC(2026, 0, 15, 12);
export const LEASE = 60_000;

const key = (text: string): Uint8Array => createHash('sha256').update(text).digest().subarray(0, 16);

/** `body` and `delivery` are what the sender repeats when it sends a hook twice. */
export function makeHook(
  body: string,
  options: { delivery?: string; lease_id?: string; due_at?: number } = {},
): NewHook {
  const { delivery, lease_id, due_at = NOW } = options;
  return {
    hook: {
      id: newId(),
      store: 'demo',
      source: 'shop',
      received_at: NOW,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
    },
    keys: { body: key(`body ${body}`), ...(delivery === undefined ? {} : { delivery: key(`delivery ${delivery}`) }) },
    due_at,
    ...(lease_id === undefined ? {} : { lease_id }),
  };
}

export function makePurchase(order_id: string): Event {
  return { name: 'purchase', event_time: '2026-01-15T12:00:00Z', order_id, currency: 'EUR', value: 12.5 };
}

/** A new event for destinations named like their accounts; deliveries are due now unless leased. */
export function makeEvent(event: Event, destinations: string[] = [], lease_id?: string): NewEvent {
  return {
    id: newId(),
    key: `${event.name}:${event.order_id ?? event.lead_id ?? ''}`,
    event,
    deliveries: destinations.map((destination) => ({
      destination,
      account: destination,
      ...(lease_id === undefined ? { due_at: NOW } : { due_at: NOW + LEASE, lease_id }),
    })),
    skipped: [],
  };
}

/** A purchase of an order that goes by several ids. */
export function makeNamed([order_id = '', ...more]: string[], destinations: string[] = []): NewEvent {
  const ids = [order_id, ...more];
  return {
    ...makeEvent(makePurchase(order_id), destinations),
    keys: ids.map((id) => `purchase:${id}`),
    order_ids: more,
  };
}

export function makeDigest(hook: NewHook, parts: Partial<Digest> = {}): Digest {
  const { lease_id = '' } = hook;
  return { hook_id: hook.hook.id, store: 'demo', lease_id, state: 'mapped', events: [], uncounted: [], ...parts };
}

export const delivered = (delivery: Delivery) => ({
  delivery,
  attempt: { at: NOW, ms: 80, status: 204, kind: 'delivered' as const },
});
