// Visits on the road: by what an event may be joined, one question for all hooks of a batch, and what an event teaches.
import { isBare, joinVisit, mayJoin } from '../enrich/join.ts';
import { CAMPAIGN, type Found, type Visit, type VisitField } from '../enrich/visit.ts';
import { type Event, JOIN_KEYS, type JoinKey } from '../event.ts';
import { type Identity, identityOf } from '../keep/identity-key.ts';
import type { Keep } from '../keep/keep.ts';
import type { NewEvent } from '../keep/questions/digests.ts';
import { nameOf } from '../keep/questions/identities.ts';
import { CLICK_IDS } from '../lib/click-ids.ts';
import type { Store } from '../map/files/load.ts';
import type { MapResult } from '../map/map.ts';
import type { MappedEvent } from '../map/settle.ts';
import type { Clock } from '../types.ts';
import type { Stores } from './accept.ts';

/** The visits found for a batch, by the names of the identities that found them. */
export type Recalled = ReadonlyMap<string, readonly Visit[]>;
/** What joining an event came to; `waits` for how many milliseconds after its hook a visit may still come. */
export type Met = Pick<NewEvent, 'join' | 'learnt'> & { event: Event; waits?: number };

type Identified = Pick<MappedEvent, 'event' | 'tokens' | 'order_ids'>;

function valuesOf({ event, tokens, order_ids = [] }: Identified): {
  [Key in JoinKey]?: readonly (string | undefined)[];
} {
  const { order_id, transaction_id, user_data } = event;
  return {
    lead_id: [tokens?.lead_key ?? event.lead_id, tokens?.from_lead],
    visitor_id: [tokens?.visitor_id],
    checkout_token: [tokens?.checkout_token],
    cart_token: [tokens?.cart_token],
    order_id: [order_id, transaction_id, ...order_ids],
    client_id: [event.client_id],
    email_address: [user_data?.email_address],
    phone_number: [user_data?.phone_number],
    reference_code: [tokens?.reference_code],
  };
}

/** Everything that can find the visit of an event, the strongest first. */
function identitiesOf(store: string, identified: Identified): Identity[] {
  const values = valuesOf(identified);
  return JOIN_KEYS.flatMap((by) =>
    [...new Set(values[by])].flatMap((value) => (value === undefined ? [] : [identityOf(store, by, value)])),
  );
}

/**
 * Asks for the visits of all events of a batch at once; asks nothing where no store keeps visits. `onUnreadable` is told how
 * many could not be opened.
 */
export const createRecall =
  (
    keep: Pick<Keep, 'findVisits'>,
    stores: Stores,
    now: Clock,
    onUnreadable: (visits: number) => void = () => undefined,
  ) =>
  async (batch: readonly { hook: { store: string }; mapped: MapResult }[]): Promise<Recalled> => {
    const asked = batch.flatMap(({ hook, mapped }) =>
      stores.get(hook.store)?.settings.visits === undefined
        ? []
        : mapped.events.filter(({ event }) => mayJoin(event)).flatMap((made) => identitiesOf(hook.store, made)),
    );
    if (asked.length === 0) return new Map();
    const { visits, unreadable } = await keep.findVisits(asked, now());
    if (unreadable > 0) onUnreadable(unreadable);
    return visits;
  };

function foundBy(identities: readonly Identity[], recalled: Recalled): Found[] {
  const found = new Map<JoinKey, Visit[]>();
  for (const identity of identities) {
    const visits = recalled.get(nameOf(identity));
    if (visits !== undefined) found.set(identity.by, [...(found.get(identity.by) ?? []), ...visits]);
  }
  return [...found].map(([by, visits]) => ({ by, visits }));
}

/** Keys of the buyer and the order, by which later events find the same visitor. */
const TEACHING: ReadonlySet<JoinKey> = new Set(['lead_id', 'order_id', 'email_address', 'phone_number']);
const OF_LEAD: readonly VisitField[] = ['client_id', 'fbp', 'ttp', ...CLICK_IDS, ...CAMPAIGN];
const isOfLead = ({ name }: Event): boolean => name !== 'purchase' && name !== 'refund';

/** The ids a lead came in with as a visit of its own, so that they are there on the day it is won. */
function leadOf(event: Event, identities: readonly Identity[], expires_at: number) {
  const own = identities.filter(({ by }) => by === 'lead_id' || by === 'email_address' || by === 'phone_number');
  const [visitor] = own;
  if (visitor === undefined || !isOfLead(event) || isBare(event) || event.visit?.by === 'lead_id') return undefined;
  const fields: Visit['fields'] = {};
  const seen: Visit['seen'] = {};
  for (const field of OF_LEAD) {
    if (event[field] === undefined) continue;
    fields[field] = event[field];
    const at = Date.parse(event.provenance?.[field]?.seen_at ?? '');
    if (!Number.isNaN(at)) seen[field] = at;
  }
  const at = Date.parse(event.event_time);
  const { consent } = event;
  const visit = { started_at: at, seen_at: at, fields, seen, of_lead: true, ...(consent !== undefined && { consent }) };
  return { visitor, id: 'lead', visit, expires_at, identities: own };
}

/** What is counted of a join. */
function joinOf(
  event: Event,
  { tokens }: Identified,
  visit: Event['visit'],
  by: string,
): NonNullable<NewEvent['join']> {
  const { channel, user_data } = event;
  return {
    by,
    ...(visit !== undefined && { age_seconds: visit.age_seconds }),
    ...(channel !== undefined && { channel }),
    click: CLICK_IDS.some((id) => event[id] !== undefined),
    code: tokens?.reference_code !== undefined,
    person: user_data?.email_address !== undefined || user_data?.phone_number !== undefined,
  };
}

/** Joins an event to its visit. Pure; `age` is how long ago its hook arrived. */
export function meetVisit(
  made: Identified,
  store: Store,
  recalled: Recalled,
  { now, age }: { now: number; age: number },
): Met {
  const { event } = made;
  const policy = store.settings.visits;
  if (policy === undefined || !mayJoin(event)) return { event };
  const identities = identitiesOf(store.name, made);
  const { event: joined, visit, visitor } = joinVisit(event, foundBy(identities, recalled), policy);
  const isOnline = event.channel === undefined || event.channel === 'online';
  if (visit === undefined && isOnline && isBare(event) && identities.length > 0 && age < policy.wait)
    return { event, waits: policy.wait };
  const denied = joined.consent?.ad_user_data === 'denied';
  const teaching = denied ? [] : identities.filter(({ by }) => TEACHING.has(by));
  const lead = denied ? undefined : leadOf(joined, identities, now + policy.keep_leads);
  const known =
    visitor === undefined || teaching.length === 0
      ? undefined
      : { visitor, expires_at: now + policy.keep, identities: teaching };
  const by = visit?.by ?? (isBare(event) ? 'nothing' : 'own');
  return {
    event: joined,
    join: joinOf(joined, made, visit, by),
    ...((known ?? lead) !== undefined && {
      learnt: { ...(known !== undefined && { known }), ...(lead !== undefined && { lead }) },
    }),
  };
}
