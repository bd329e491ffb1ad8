// The join: which of the visits that an event's keys found it came from, and what it takes over. No I/O.
import type { Event, JoinKey } from '../event.ts';
import { CLICK_IDS } from '../lib/click-ids.ts';
import { HOUR_MS } from '../lib/time.ts';
import { takeOver } from './take-over.ts';
import { CLOCKS_MS, clickOf, type Found, type JoinResult, seenAt, type Visit } from './visit.ts';

export type JoinPolicy = {
  /** Milliseconds before the event in which a click counts. */
  lookback: number;
  attribution: 'last_click' | 'first_click';
};

/** Keys that say which browser made the event; the others only say who did. */
const OF_BROWSER: ReadonlySet<JoinKey> = new Set([
  'visitor_id',
  'checkout_token',
  'cart_token',
  'order_id',
  'client_id',
]);
/** The page that tells of an order may open after it. */
const AFTER_ORDER_MS = HOUR_MS;

/** A deal that counts as a sale is the end of a lead all the same. */
const isOrder = ({ name, lead_id }: Event) => name === 'purchase' && lead_id === undefined;
const isNewLead = ({ name }: Event) => name === 'generate_lead';
/** A renewal follows from no visit, and a refund takes over what its purchase was joined to. */
export const mayJoin = ({ name, channel }: Event): boolean => name !== 'refund' && channel !== 'renewal';

/** Does the event say nothing yet of the browser or the click it came from? */
export const isBare = (event: Event): boolean =>
  event.client_id === undefined && CLICK_IDS.every((id) => event[id] === undefined);

/** Visits from before the event that are young enough; a lead waits longer for its end than a click counts. */
function usable(event: Event, { by, visits }: Found, at: number, { lookback }: JoinPolicy): Visit[] {
  const after = OF_BROWSER.has(by) ? AFTER_ORDER_MS : CLOCKS_MS;
  const young = visits.filter(
    (visit) =>
      visit.started_at <= at + after && (at - visit.seen_at <= lookback || (visit.of_lead === true && !isOrder(event))),
  );
  // A code that two visitors were given says nothing.
  return by === 'reference_code' && new Set(young.map(({ visitor }) => visitor)).size > 1 ? [] : young;
}

const byTime = (a: Visit, b: Visit) => a.started_at - b.started_at;
const latestOf = (visits: readonly Visit[]): Visit | undefined => visits.toSorted(byTime).at(-1);

/**
 * The best visit first. What a lead came in with goes with it to its end, the first such ids of its record; of other
 * visits the store's attribution decides.
 */
function ranked(event: Event, by: JoinKey, visits: readonly Visit[], { attribution }: JoinPolicy): Visit[] {
  const sorted = visits.toSorted(byTime);
  const ofLead = isOrder(event) || isNewLead(event) ? [] : sorted.filter(({ of_lead }) => of_lead === true);
  if (ofLead.length > 0) return by === 'lead_id' ? ofLead : ofLead.reverse();
  return attribution === 'first_click' ? sorted : sorted.reverse();
}

type Choice = { by: JoinKey; winner: Visit; others: Visit[] };

/** The strongest key that found a click, else the strongest that found anything; what is there to be joined by it. */
function choose(event: Event, found: readonly Found[], at: number, policy: JoinPolicy): Choice | undefined {
  let best: Choice | undefined;
  for (const one of found) {
    const visits = usable(event, one, at, policy);
    const isClicked = (visit: Visit) => clickOf(visit, at, policy.lookback) !== undefined;
    const clicked = ranked(event, one.by, visits.filter(isClicked), policy);
    const winner = clicked[0] ?? latestOf(visits);
    if (winner === undefined) continue;
    const choice = { by: one.by, winner, others: clicked.slice(1) };
    if (clicked.length > 0) return choice;
    best ??= choice;
  }
  return best;
}

/** The latest visit of the browser that made the event; of the winner's where only the person is known. */
function browserOf(event: Event, found: readonly Found[], { winner }: Choice, at: number, policy: JoinPolicy): Visit {
  for (const one of found) {
    if (!OF_BROWSER.has(one.by)) continue;
    const latest = latestOf(usable(event, one, at, policy));
    if (latest !== undefined) return latest;
  }
  const own = found
    .flatMap((one) => usable(event, one, at, policy))
    .filter(({ visitor }) => visitor === winner.visitor);
  return latestOf(own) ?? winner;
}

/**
 * Joins an event to its visit. `found` is in the order of strength of its keys. What the event has already is never
 * replaced; without a visit it comes back as it is.
 */
export function joinVisit(event: Event, found: readonly Found[], policy: JoinPolicy): JoinResult {
  const at = Date.parse(event.event_time);
  if (found.length === 0 || !mayJoin(event)) return { event };
  const choice = choose(event, found, at, policy);
  if (choice === undefined) return { event };
  const { by, winner, others } = choice;
  const browser = browserOf(event, found, choice, at, policy);
  const click = clickOf(winner, at, policy.lookback);
  const seen = click === undefined ? winner.started_at : seenAt(winner, click);
  const visit = {
    by,
    seen_at: new Date(seen).toISOString(),
    age_seconds: Math.max(0, Math.round((at - seen) / 1000)),
    ...(click !== undefined && { click }),
  };
  const { lookback } = policy;
  const joined = takeOver(event, { by, at, lookback, clicks: [winner, ...others], browser });
  return { event: { ...joined, visit }, visit, visitor: browser.visitor };
}
