// One hook digested: mapped, joined to what is known, and planned for its destinations. No I/O; used by the pipeline and by `try`.
import { consentRefuses, settleConsent } from '../enrich/consent.ts';
import { isCounted, joinRefund, type LedgerEntry } from '../enrich/ledger.ts';
import type { Event } from '../event.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Store } from '../map/files/load.ts';
import { type Route, storeRefuses } from '../map/files/route.ts';
import type { MapResult } from '../map/map.ts';
import type { MappedEvent } from '../map/settle.ts';
import type { Refusal } from '../types.ts';
import { type Met, meetVisit, type Recalled } from './visits.ts';

/** An event with the destinations it goes to and those it does not, and why. */
export type PlannedEvent = MappedEvent &
  Pick<Met, 'join' | 'learnt'> & { routes: Route[]; skipped: { destination: string; reason: string }[] };
export type Planned = {
  state: 'mapped' | 'ignored' | 'stuck' | 'waiting';
  reason?: string;
  /** The order whose purchase the hook waits for, and until how many milliseconds after its arrival: no longer once it ended. */
  waits_for?: string;
  patience?: number;
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

async function plan(made: MappedEvent, met: Met, store: Store, now: number): Promise<PlannedEvent> {
  const settled = settleConsent(met.event, store.settings.consent);
  const planned: PlannedEvent = { ...made, ...met, event: settled, routes: [], skipped: [] };
  for (const route of store.routes) {
    const refused = await refusal(route, settled, store, now);
    if (refused === undefined) planned.routes.push(route);
    else planned.skipped.push({ destination: route.name, reason: refused.reason });
  }
  return planned;
}

/** How long a refund waits for its purchase before it is sent as it is, where no hook is known that tells of it. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** Where one is known: looked at again so long after it, and no longer than any hook waits. */
const AFTER_MS = MINUTE_MS;
const LONGEST_MS = 8 * HOUR_MS;

/** Until how many milliseconds after its arrival a refund waits. */
function patienceOf(entry: LedgerEntry | undefined, now: number, age: number): number {
  if (entry?.told === undefined || age >= LONGEST_MS) return PATIENCE_MS;
  return Math.max(PATIENCE_MS, age + Math.max(entry.told.at - now, 0) + AFTER_MS);
}

/** Every id by which the order of an event may be known. */
const idsOf = ({ event, order_ids = [] }: MappedEvent): readonly string[] =>
  event.order_id === undefined ? order_ids : [event.order_id, ...order_ids];

/** Orders of a mapped hook that have to be looked up in the ledger. */
export const ordersToFind = (mapped: MapResult): string[] =>
  mapped.events.flatMap((made) => (made.event.name === 'refund' || made.wait !== undefined ? idsOf(made) : []));

/**
 * The purchase that was counted goes before what the hook says of its order, which may have been edited since; this goes before
 * why it was not counted: it is newer.
 */
function ledgerOf(
  mapped: MapResult,
  ledger: ReadonlyMap<string, LedgerEntry>,
): (orderId: string) => LedgerEntry | undefined {
  return (orderId) => {
    const known = ledger.get(orderId);
    if (known?.erased || known?.event !== undefined) return known;
    const own = mapped.events.find(
      ({ event, order_ids = [] }) =>
        event.name === 'purchase' && (event.order_id === orderId || order_ids.includes(orderId)),
    );
    if (own !== undefined) return { order_id: orderId, event: own.event };
    if (known !== undefined && isCounted(known)) return known;
    const said = mapped.uncounted.find(({ order_id }) => order_id === orderId);
    return said === undefined ? known : { ...known, ...said };
  };
}

/** How long an event leaves itself to a hook that tells it better: not at all where its order is counted already. */
function waitOf({ event, wait = 0 }: MappedEvent, age: number, ledger: ReadonlyMap<string, LedgerEntry>) {
  const entry = event.order_id === undefined ? undefined : ledger.get(event.order_id);
  return age < wait && (entry === undefined || !isCounted(entry)) ? wait : undefined;
}

/**
 * What the ledger knows of an order that the store does not count for its channel. A hook that leaves itself to others knows
 * less than they do: of a payment alone it cannot be seen that a subscription renews itself by it.
 */
function leftOut(made: MappedEvent, ledger: ReadonlyMap<string, LedgerEntry>): LedgerEntry | undefined {
  if (made.event.name !== 'purchase' || made.wait === undefined) return undefined;
  const entries = idsOf(made).flatMap((id) => ledger.get(id) ?? []);
  return entries.some(isCounted) ? undefined : entries.find(({ channel }) => channel !== undefined);
}

const waitingFor = ({ order_id }: Event, patience: number, reason: string) => ({
  patience,
  reason,
  ...(order_id !== undefined && { waits_for: order_id }),
});

const leaveOut = (made: MappedEvent, why: { reason?: string; channel?: string }): Planned['uncounted'] =>
  idsOf(made).map((order_id, index) => ({ order_id, ...(index > 0 && { also: true }), ...why }));
/** Orders whose purchases wait, so that their refunds wait for them. */
export const notYet = ({ events, uncounted }: Pick<MapResult, 'events' | 'uncounted'>): Planned['uncounted'] => [
  ...events.flatMap((made) => (made.event.name === 'purchase' ? leaveOut(made, {}) : [])),
  ...uncounted.flatMap(({ reason: _, channel: __, is_old = false, ...order }) => (is_old ? [] : [order])),
];

type Waiting = Pick<Planned, 'waits_for'> & { patience: number; reason: string };
/** What becomes of one event, and which orders are not counted for it. */
type Fate = { uncounted?: Planned['uncounted'] } & (
  | { planned: PlannedEvent }
  /** What waits for a better teller goes before what waits for anything else. */
  | { waits: Waiting; forTeller?: true }
  /** `unless`: the order whose purchase would bring it back. */
  | { dropped: string; unless?: string | undefined }
);
type Known = { store: Store; ledger: ReadonlyMap<string, LedgerEntry>; recalled: Recalled; now: number; age: number };

/** An event that its order's ledger entry was asked about: joined to its purchase and to its visit, as far as they are there. */
async function joinAndPlan(made: MappedEvent, entry: LedgerEntry | undefined, known: Known): Promise<Fate> {
  const { store, recalled, now, age } = known;
  const { event, key } = made;
  const patience = patienceOf(entry, now, age);
  const joined = event.name === 'refund' ? joinRefund(event, entry, age < patience) : { event };
  if ('waits' in joined)
    return { waits: waitingFor(event, patience, `waits for the purchase of order ${joined.waits}`) };
  if ('dropped' in joined) return { dropped: `${key}: ${joined.dropped}`, unless: joined.unless };
  const met = meetVisit({ ...made, event: joined.event }, store, recalled, { now, age });
  if (met.waits === undefined) return { planned: await plan(made, met, store, now) };
  // Not for its order: one that is counted meanwhile would hand the hook out again and again.
  return { waits: { patience: met.waits, reason: `${key} waits for a visit that may still come` } };
}

async function fateOf(made: MappedEvent, find: ReturnType<typeof ledgerOf>, known: Known): Promise<Fate> {
  const { event, key } = made;
  const { reason, channel } = leftOut(made, known.ledger) ?? {};
  if (reason !== undefined && channel !== undefined)
    return { dropped: `${key}: ${reason}`, uncounted: leaveOut(made, { reason, channel }) };
  const wait = waitOf(made, known.age, known.ledger);
  if (wait === undefined)
    return await joinAndPlan(made, event.order_id === undefined ? undefined : find(event.order_id), known);
  const waits = waitingFor(event, wait, `${key} waits for a hook that may say more of it`);
  return { waits, forTeller: true, uncounted: notYet({ events: [made], uncounted: [] }) };
}

/** What becomes of a hook whose events come to that: one of them that waits makes it wait, and come again whole. */
function endOf({ verdict, reason, uncounted }: MapResult, fates: readonly Fate[]): Planned {
  const events = fates.flatMap((fate) => ('planned' in fate ? [fate.planned] : []));
  const waits = fates.filter((fate) => 'waits' in fate);
  const dropped = fates.filter((fate) => 'dropped' in fate);
  // An old order may have been counted before the bridge was there: a refund that comes by itself counts, too.
  const young = uncounted.filter(({ is_old }) => is_old !== true);
  const base = { events, uncounted: [...young, ...fates.flatMap((fate) => fate.uncounted ?? [])] };
  if (verdict === 'stuck') return { ...base, state: 'stuck', reason: reason ?? 'unknown' };
  const waiting = waits.findLast(({ forTeller }) => forTeller) ?? waits[0];
  if (waiting !== undefined) return { ...base, ...waiting.waits, state: 'waiting' };
  // The hook that tells of the payment may be one that its sender repeats hours later.
  const waits_for = dropped.find(({ unless }) => unless !== undefined)?.unless;
  const ended = { ...base, ...(waits_for !== undefined && { waits_for }) };
  if (events.length > 0) return { ...ended, state: 'mapped', ...(reason !== undefined && { reason }) };
  return { ...ended, state: 'ignored', reason: dropped[0]?.dropped ?? reason ?? 'nothing to send' };
}

/**
 * Completes what a hook was mapped to. `age` is how long ago it arrived, in milliseconds: events of a young hook may wait
 * for a purchase that has not come yet, for a hook that tells them better, or for their visit. `recalled` are the visits
 * that their keys find.
 */
export async function digestMapped(
  mapped: MapResult,
  store: Store,
  ledger: ReadonlyMap<string, LedgerEntry>,
  { now, age }: { now: number; age: number },
  recalled: Recalled = new Map(),
): Promise<Planned> {
  const find = ledgerOf(mapped, ledger);
  const fates: Fate[] = [];
  for (const made of mapped.events) fates.push(await fateOf(made, find, { store, ledger, recalled, now, age }));
  return endOf(mapped, fates);
}
