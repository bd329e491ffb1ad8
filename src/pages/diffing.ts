// Maps the last kept hooks of a store again, with the files on disk, and compares with the events they made.

import type { LedgerEntry } from '../enrich/ledger.ts';
import type { Event } from '../event.ts';
import { knownKeys } from '../keep/questions/comparisons.ts';
import type { OpenedHook } from '../keep/questions/hooks.ts';
import { findOrders } from '../keep/questions/orders.ts';
import { listRecentEvents, listRecentHooks, type RecentEvent } from '../keep/questions/recent.ts';
import type { Vault } from '../lib/vault.ts';
import type { Known } from '../map/asking/lookup.ts';
import type { Store } from '../map/files/load.ts';
import { flattenEvent, pathOfField, type Scalar } from '../map/flatten.ts';
import { type MapResult, mapHook } from '../map/map.ts';
import { isPersonal } from '../map/show.ts';
import { knownOf } from '../road/complete.ts';
import { digestMapped, ordersToFind, type Planned, type PlannedEvent } from '../road/digest.ts';
import type { Db } from '../types.ts';

export type Kept = { db: Db; vault: Vault };
/** Absent where the field has no value. */
export type FieldChange = { field: string; was?: Scalar; now?: Scalar };
export type Which = { key: string; name: string; order_id?: string; hook: string; source: string };
export type Diff = {
  hooks: number;
  same: number;
  changed: (Which & { fields: FieldChange[] })[];
  gained: Which[];
  lost: (Which & { reason: string })[];
  /** Hooks whose look-ups were not asked for at the time, and are not now. */
  without_answers: number;
};

/** What one hook comes to now. */
export type Mapped = { hook: OpenedHook; planned: Planned; lacksAnswers: boolean };

export function changesBetween(before: ReadonlyMap<string, Scalar>, after: ReadonlyMap<string, Scalar>): FieldChange[] {
  const fields = [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => before.get(field) !== after.get(field),
  );
  return fields.map((field) => {
    const [old, next] = [before.get(field), after.get(field)];
    return { field, ...(old !== undefined && { was: old }), ...(next !== undefined && { now: next }) };
  });
}

/** The same with personal data as `***`. */
export function hidden(change: FieldChange): FieldChange {
  const { field, was, now } = change;
  const path = pathOfField(field);
  if (![was, now].some((value) => value !== undefined && isPersonal(path, value))) return change;
  return { field, ...(was !== undefined && { was: '***' }), ...(now !== undefined && { now: '***' }) };
}

/** Fields that differ. Where an id came from is no part of what is sent. */
export const changesOf = (was: Event, now: Event): FieldChange[] =>
  changesBetween(flattenEvent(was), flattenEvent(now));

/** The ledger as it would be: orders of these hooks as they are mapped now, older ones as they were counted. */
function createLedger({ db, vault }: Kept, store: string, events: readonly RecentEvent[]) {
  const now = new Map<string, LedgerEntry>();
  const recent = new Set(events.flatMap(({ event }) => (event.name === 'purchase' ? (event.order_id ?? []) : [])));
  return {
    find: async (mapped: MapResult): Promise<Map<string, LedgerEntry>> => {
      const wanted = ordersToFind(mapped);
      const older = wanted.filter((id) => now.get(id)?.event === undefined && !recent.has(id));
      const found = await findOrders(db, vault, store, older);
      const entries = wanted.flatMap((id) => now.get(id) ?? []);
      return new Map([...entries, ...found].map((entry) => [entry.order_id, entry]));
    },
    add: ({ events: made, uncounted }: Planned) => {
      for (const entry of uncounted) if (now.get(entry.order_id)?.event === undefined) now.set(entry.order_id, entry);
      for (const { event, order_ids = [] } of made) {
        if (event.name !== 'purchase') continue;
        for (const order_id of [event.order_id ?? [], ...order_ids].flat()) now.set(order_id, { order_id, event });
      }
    },
  };
}

export async function mapAll(kept: Kept, store: Store, hooks: readonly OpenedHook[], events: readonly RecentEvent[]) {
  const ledger = createLedger(kept, store.name, events);
  const all = new Map<OpenedHook, Mapped>();
  const digest = async (mapped: MapResult, hook: OpenedHook, lacksAnswers: boolean) => {
    const time = { now: hook.received_at, age: Number.POSITIVE_INFINITY };
    const planned = await digestMapped(mapped, store, await ledger.find(mapped), time);
    ledger.add(planned);
    all.set(hook, { hook, planned, lacksAnswers });
  };
  /** A refund that came before its purchase has waited for it. */
  const refunds: (() => Promise<void>)[] = [];
  for (const hook of hooks) {
    const source = store.sources.get(hook.source);
    if (source === undefined) continue;
    let lacksAnswers = false;
    const answered = knownOf(hook.answers);
    const known: Known = (asked) => {
      const found = answered(asked);
      lacksAnswers ||= found === undefined;
      return found ?? { lacks: 'nobody was asked' };
    };
    const mapped = await mapHook(source, hook, known);
    const isRefund = mapped.events.length > 0 && mapped.events.every(({ event }) => event.name === 'refund');
    if (isRefund) refunds.push(() => digest(mapped, hook, lacksAnswers));
    else await digest(mapped, hook, lacksAnswers);
  }
  for (const work of refunds) await work();
  return hooks.flatMap((hook) => all.get(hook) ?? []);
}

export const which = (key: string, { name, order_id }: Event, { id, source }: OpenedHook): Which => ({
  key,
  name,
  ...(order_id !== undefined && { order_id }),
  hook: id,
  source,
});

export type Candidate = Pick<PlannedEvent, 'event' | 'routes' | 'skipped'> & {
  hook: OpenedHook;
  keys: readonly string[];
};

/**
 * The events that would be made: of hooks that tell the same one the first that does not leave it to others, else the first.
 * One that lacks answers goes behind the others unless it made the event: nobody is asked once another has made it.
 */
export function candidatesOf(all: readonly Mapped[], made: readonly RecentEvent[]): Candidate[] {
  const makers = new Map(made.flatMap(({ keys, hook_id }) => keys.map((key) => [key, hook_id] as const)));
  const rankOf = ({ hook, lacksAnswers }: Mapped, { key, keys = [key], wait }: PlannedEvent) =>
    (wait === undefined ? 0 : 2) + (lacksAnswers && !keys.some((one) => makers.get(one) === hook.id) ? 1 : 0);
  const told = all
    .flatMap((mapped) => mapped.planned.events.map((one) => ({ ...one, hook: mapped.hook, rank: rankOf(mapped, one) })))
    .sort((a, b) => a.rank - b.rank);
  const seen = new Set<string>();
  return told.flatMap(({ hook, key, keys = [key], event, routes, skipped }) => {
    const isNew = !keys.some((one) => seen.has(one));
    for (const one of keys) seen.add(one);
    return isNew ? [{ hook, keys, event, routes, skipped }] : [];
  });
}

/** Compares what the last hooks of a store would make with what they made. Reads only. */
export async function diffStore(kept: Kept, store: Store, last: number): Promise<Diff> {
  const hooks = await listRecentHooks(kept.db, kept.vault, store.name, last);
  const byId = new Map(hooks.map((hook) => [hook.id, hook]));
  const first = hooks[0]?.id;
  const made = first === undefined ? [] : await listRecentEvents(kept.db, kept.vault, store.name, first);
  const events = made.filter(({ hook_id }) => byId.has(hook_id));
  const all = await mapAll(kept, store, hooks, events);
  const candidates = candidatesOf(all, made);
  const keys = candidates.flatMap((one) => one.keys);
  const taken = await knownKeys(kept.db, store.name, [...new Set(keys)]);

  const byKey = new Map(made.flatMap((one) => one.keys.map((key) => [key, one] as const)));
  const met = new Set<RecentEvent>();
  const without_answers = all.filter(({ lacksAnswers }) => lacksAnswers).length;
  const diff: Diff = { hooks: hooks.length, same: 0, changed: [], gained: [], lost: [], without_answers };
  for (const { hook, keys: own, event } of candidates) {
    const old = own.map((key) => byKey.get(key)).find((one) => one !== undefined);
    const about = which(own[0] ?? '', event, hook);
    if (old === undefined) {
      if (!own.some((key) => taken.has(key))) diff.gained.push(about);
      continue;
    }
    met.add(old);
    const fields = changesOf(old.event, event);
    if (fields.length === 0) diff.same += 1;
    else diff.changed.push({ ...about, fields });
  }
  const reasons = new Map(all.map(({ hook, planned }) => [hook.id, planned.reason]));
  for (const old of events) {
    const hook = byId.get(old.hook_id);
    if (met.has(old) || hook === undefined) continue;
    const gone = `no store file names the source ${hook.source} any more`;
    const reason = reasons.has(hook.id) ? (reasons.get(hook.id) ?? 'no rule makes it') : gone;
    diff.lost.push({ ...which(old.keys[0] ?? '', old.event, hook), reason });
  }
  return diff;
}
