// One hook digested: mapped, joined to what is known, and planned for its destinations. No I/O; used by the pipeline and by `try`.
import { consentRefuses, settleConsent } from './enrich/consent.ts';
import { joinRefund, type LedgerEntry } from './enrich/ledger.ts';
import type { Event } from './event.ts';
import type { Store } from './map/load.ts';
import type { MappedEvent, MapResult } from './map/map.ts';
import { type Route, storeRefuses } from './map/route.ts';
import type { Refusal } from './types.ts';

/** An event with the destinations it goes to and those it does not, and why. */
export type PlannedEvent = MappedEvent & { routes: Route[]; skipped: { destination: string; reason: string }[] };
export type Planned = {
  state: 'mapped' | 'ignored' | 'stuck' | 'waiting';
  reason?: string;
  /** The order whose purchase the hook waits for. */
  waits_for?: string;
  events: PlannedEvent[];
  uncounted: MapResult['uncounted'];
};

/** Why a destination does not get an event now: the store's conditions, consent, age, then the destination's own rules. */
export async function refusal(route: Route, event: Event, store: Store, now: number): Promise<Refusal | undefined> {
  const { destination, settings, name } = route;
  const ofStore = await storeRefuses(route, event);
  if (ofStore !== undefined) return { reason: ofStore };
  const ofConsent = consentRefuses(event, name, destination.consent, store.settings.consent);
  if (ofConsent !== undefined) return { reason: ofConsent };
  if (route.max_age !== undefined && now - Date.parse(event.event_time) > route.max_age) {
    return { reason: `older than the store's max_age for ${name}`, expired: true };
  }
  return destination.wants(event, settings, now);
}

async function plan(key: string, event: Event, store: Store, now: number): Promise<PlannedEvent> {
  const settled = settleConsent(event, store.settings.consent);
  const planned: PlannedEvent = { key, event: settled, routes: [], skipped: [] };
  for (const route of store.routes) {
    const refused = await refusal(route, settled, store, now);
    if (refused === undefined) planned.routes.push(route);
    else planned.skipped.push({ destination: route.name, reason: refused.reason });
  }
  return planned;
}

/** Orders of a mapped hook whose purchase has to be looked up in the ledger. */
export const ordersToFind = (mapped: MapResult): string[] =>
  mapped.events.flatMap(({ event }) =>
    event.name === 'refund' && event.order_id !== undefined ? [event.order_id] : [],
  );

/** What the hook itself says of an order goes before the ledger: it is newer. */
function ledgerOf(
  mapped: MapResult,
  ledger: ReadonlyMap<string, LedgerEntry>,
): (orderId: string) => LedgerEntry | undefined {
  return (orderId) => {
    const own = mapped.events.find(({ event }) => event.name === 'purchase' && event.order_id === orderId);
    if (own !== undefined) return { order_id: orderId, event: own.event };
    const known = ledger.get(orderId);
    return known?.event === undefined
      ? (mapped.uncounted.find(({ order_id }) => order_id === orderId) ?? known)
      : known;
  };
}

/** Completes what a hook was mapped to. `patient` lets refunds wait for a purchase that has not come yet. */
export async function digestMapped(
  mapped: MapResult,
  store: Store,
  ledger: ReadonlyMap<string, LedgerEntry>,
  { now, patient }: { now: number; patient: boolean },
): Promise<Planned> {
  const find = ledgerOf(mapped, ledger);
  const events: PlannedEvent[] = [];
  const dropped: string[] = [];
  let waits: string | undefined;
  for (const { key, event } of mapped.events) {
    const entry = event.order_id === undefined ? undefined : find(event.order_id);
    const joined = event.name === 'refund' ? joinRefund(event, entry, patient) : { event };
    if ('event' in joined) events.push(await plan(key, joined.event, store, now));
    else if ('waits' in joined) waits = joined.waits;
    else dropped.push(`${event.name} ${key}: ${joined.dropped}`);
  }
  const base = { events, uncounted: mapped.uncounted };
  if (mapped.verdict === 'stuck') return { ...base, state: 'stuck', reason: mapped.reason ?? 'unknown' };
  if (waits !== undefined)
    return { ...base, state: 'waiting', waits_for: waits, reason: `waits for the purchase of order ${waits}` };
  if (events.length > 0)
    return { ...base, state: 'mapped', ...(mapped.reason !== undefined && { reason: mapped.reason }) };
  return { ...base, state: 'ignored', reason: dropped[0] ?? mapped.reason ?? 'nothing to send' };
}
