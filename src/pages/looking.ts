// What pages ask of what is kept and of the mapping files: lists, the search, what is stuck or dead, how it is replayed.
import type { Marked } from '../admin/api/view.ts';
import { type Chosen, hourBegin } from '../admin/lists/list-view.ts';
import type { Lacking } from '../admin/match/facts.ts';
import type { Item } from '../admin/problems/causes.ts';
import type { PageOf } from '../admin/problems/each.ts';
import { EVENT_NAMES } from '../event-name.ts';
import type { Keep } from '../keep/keep.ts';
import { ATTEMPT_KINDS, type ListedAttempt } from '../keep/questions/attempts.ts';
import type { ListedDelivery } from '../keep/questions/ends.ts';
import { HOOK_STATES, type ListedEvent, type ListedHook, type Stretch } from '../keep/questions/lists.ts';
import { firstIdAt } from '../lib/id.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { toE164 } from '../map/phone.ts';
import { dedupeKeys } from '../road/hook-keys.ts';
import type { Clock } from '../types.ts';
import { daysAsked } from './match.ts';

export type LookingParts = {
  keep: Keep;
  mappings: Pick<Mappings, 'get' | 'all'>;
  /** Show nothing but what is of the stores in `mappings`; else also what stores left behind that are gone. */
  only?: boolean;
  now: Clock;
};
export type Looking = ReturnType<typeof createLooking>;

/** Of one source or destination no more than these are counted. */
const LIMIT = 1_000;
const fits = (chosen: string | undefined, value: string): boolean => chosen === undefined || chosen === value;

/** Marks come back from browsers and programs, who may send anything. */
const wholeOf = (digits: string): number => (/^\d{1,15}$/.test(digits) ? Number(digits) : 0);

const hookItem = ({ id, store, source, received_at, state, reason }: ListedHook): Item => ({
  id,
  hook_id: id,
  store,
  place: source,
  at: received_at,
  kind: state,
  reason,
});
const endItem = ({ event_id, hook_id, store, destination, at, kind, reason }: ListedDelivery): Item => ({
  id: event_id,
  hook_id,
  store,
  place: destination,
  at,
  kind,
  reason,
});

/** From one time to before another, in milliseconds since 1970. */
function between(from: number, until: number, before: string, limit: number): Stretch {
  const end = firstIdAt(until);
  return { before: before === '' || before > end ? end : before, since: firstIdAt(from), limit };
}

/** Everything, or one hour. */
function stretchOf(chosen: Chosen, before: string, limit: number): Stretch {
  const from = hourBegin(chosen);
  return from === undefined ? { before, since: '', limit } : between(from, from + HOUR_MS, before, limit);
}

export function createLooking({ keep, mappings, only = false, now }: LookingParts) {
  const sources = (chosen: Chosen = {}) =>
    mappings
      .all()
      .flatMap(({ name: store, sources: own }) =>
        [...own.keys()].flatMap((source) =>
          fits(chosen.store, store) && fits(chosen.source, source) ? [{ store, source }] : [],
        ),
      );
  const routes = (chosen: Chosen = {}) =>
    mappings
      .all()
      .flatMap(({ routes: own }) => own)
      .filter(({ store, name }) => fits(chosen.store, store) && fits(chosen.destination, name));
  const unique = (names: string[]) => [...new Set(names)].sort();
  const stores = (chosen: Chosen = {}) =>
    mappings.all().flatMap(({ name }) => (fits(chosen.store, name) ? [name] : []));
  /** Names that events have: those of mapping files may be gone, or decided by each record. */
  const namesOf = (those: readonly string[]): Promise<{ store: string; name: string }[]> =>
    Promise.all(those.map(async (store) => (await keep.listEventNames(store)).map((name) => ({ store, name })))).then(
      (named) => named.flat(),
    );
  const groupsOf = async ({ name, ...chosen }: Chosen) =>
    name === undefined ? namesOf(stores(chosen)) : stores(chosen).map((one) => ({ store: one, name }));
  const eventNames = async (): Promise<string[]> =>
    unique([...EVENT_NAMES, ...(await namesOf(stores())).map(({ name }) => name)]);

  const hooks = (chosen: Chosen, before: string, limit: number) => {
    const { store, source, state } = chosen;
    const states = state === undefined ? HOOK_STATES : [state];
    const groups =
      !only && store === undefined && source === undefined && state === undefined
        ? undefined
        : sources(chosen).flatMap((one) => states.map((each) => ({ ...one, state: each })));
    return keep.listHooks(groups, stretchOf(chosen, before, limit));
  };

  const events = async (chosen: Chosen, before: string, limit: number): Promise<ListedEvent[]> => {
    const { store, name } = chosen;
    const groups = !only && store === undefined && name === undefined ? undefined : await groupsOf(chosen);
    return keep.listEvents(groups, stretchOf(chosen, before, limit));
  };

  const lacking: Lacking = async ({ store, name, lack, source, channel, ...days }, before, limit) => {
    const [from, to] = daysAsked(days, now());
    const page = between(from * DAY_MS, (to + 1) * DAY_MS, before, limit);
    return keep.listLacking(await groupsOf({ store, name }), { ...page, lack, source, channel });
  };

  const waiting = async (chosen: Chosen, after: string, limit: number): Promise<Marked<ListedDelivery>[]> => {
    const [due_at = '', event_id = '', destination = ''] = after.split('/');
    const mark = after === '' ? undefined : { due_at: wholeOf(due_at), event_id, destination };
    const found = await Promise.all(
      routes(chosen).map(({ store, name, account }) =>
        keep.listWaiting({ store, destination: name, account }, { after: mark, limit }),
      ),
    );
    const key = (one: ListedDelivery) => `${one.event_id}/${one.destination}`;
    const order = (a: ListedDelivery, b: ListedDelivery) => a.at - b.at || (key(a) < key(b) ? -1 : 1);
    const rows = found.flat().sort(order).slice(0, limit);
    return rows.map((row) => ({ ...row, mark: `${row.at}/${key(row)}` }));
  };

  const dead = async (chosen: Chosen, before: string, limit: number): Promise<Marked<ListedDelivery>[]> => {
    const [event = '', last = ''] = before.split('/');
    const found = await Promise.all(
      routes(chosen).map(({ store, name: destination }) =>
        // Of the event that ended the page before, the destinations after the last one are still to come.
        keep.listDead(
          { store, destination },
          { before: event !== '' && destination > last ? `${event}~` : event, since: '', limit },
        ),
      ),
    );
    const order = (a: ListedDelivery, b: ListedDelivery) =>
      a.event_id < b.event_id || (a.event_id === b.event_id && a.destination > b.destination) ? 1 : -1;
    const rows = found.flat().sort(order).slice(0, limit);
    return rows.map((row) => ({ ...row, mark: `${row.event_id}/${row.destination}` }));
  };

  const attempts = async (chosen: Chosen, before: string, limit: number): Promise<Marked<ListedAttempt>[]> => {
    const [event_id = '', destination = '', copy = '', n = '', at = ''] = before.split('/');
    const mark =
      before === '' ? undefined : { event_id, destination, copy: wholeOf(copy), n: wholeOf(n), at: wholeOf(at) };
    const groups = routes(chosen).flatMap(({ store, name }) =>
      ATTEMPT_KINDS.filter((kind) => fits(chosen.kind, kind)).map((kind) => ({ store, destination: name, kind })),
    );
    const rows = await keep.listAttempts(groups, { before: mark, limit });
    return rows.map((row) => ({
      ...row,
      mark: [row.event_id, row.destination, row.copy, row.n, row.at].join('/'),
    }));
  };

  /** Of kind delivered, skipped, waiting or dead. */
  const deliveries = (chosen: Chosen, before: string, limit: number): Promise<Marked<ListedDelivery>[]> => {
    if (chosen.kind === 'waiting') return waiting(chosen, before, limit);
    if (chosen.kind === 'dead') return dead(chosen, before, limit);
    return attempts({ ...chosen, kind: chosen.kind === 'skipped' ? 'skipped' : 'delivered' }, before, limit);
  };

  const stretch = (before: string) => ({ before, since: '', limit: LIMIT });
  /** Stuck hooks of every source, and dead deliveries of every destination. */
  const troubled = async (store?: string): Promise<{ items: Item[]; limit: number }> => {
    const chosen = { store };
    const [stuck, dead] = await Promise.all([
      Promise.all(sources(chosen).map((one) => keep.listHooks([{ ...one, state: 'stuck' }], stretch('')))),
      Promise.all(routes(chosen).map((one) => keep.listDead({ store: one.store, destination: one.name }, stretch('')))),
    ]);
    return { items: [...stuck.flat().map(hookItem), ...dead.flat().map(endItem)], limit: LIMIT };
  };

  const troubledOf: PageOf = async ({ store, place, kind }, before) =>
    kind === 'stuck'
      ? (await keep.listHooks([{ store, source: place, state: 'stuck' }], stretch(before))).map(hookItem)
      : (await keep.listDead({ store, destination: place }, stretch(before))).map(endItem);

  const sendAgain = async (ends: readonly Pick<ListedDelivery, 'event_id' | 'destination'>[]) => {
    const found = await Promise.all(ends.map(({ event_id, destination }) => keep.findEnd(event_id, destination)));
    const known = found.flatMap((end) => {
      const route = end && mappings.get(end.store)?.routes.find(({ name }) => name === end.destination);
      return end === undefined || route === undefined ? [] : [{ ...end, account: route.account }];
    });
    await keep.sendAgain(known, now());
    return known.length;
  };

  const replay = async (items: readonly Item[]): Promise<number> => {
    const stuck = items.filter(({ kind }) => kind === 'stuck');
    const ends = items.filter(({ kind }) => kind !== 'stuck');
    await keep.mapAgain(
      stuck.map(({ id }) => id),
      now(),
    );
    return stuck.length + (await sendAgain(ends.map(({ id, place }) => ({ event_id: id, destination: place }))));
  };

  return {
    names: () => ({
      stores: unique(stores()),
      sources: unique(sources().map(({ source }) => source)),
      destinations: unique(routes().map(({ name }) => name)),
    }),
    eventNames,
    hooks,
    events,
    lacking,
    deliveries,
    attempts,
    troubled,
    troubledOf,
    sendAgain,
    replay,
    find: (text: string) => {
      const body = new Uint8Array();
      const delivery_keys = sources().flatMap((one) => dedupeKeys({ ...one, body }, undefined, text).delivery ?? []);
      const countries = [undefined, ...unique(mappings.all().flatMap(({ settings }) => settings.country ?? []))];
      return keep.search({
        text,
        stores: mappings.all().map(({ name }) => name),
        only,
        delivery_keys,
        emails: text.includes('@') ? [text] : [],
        // A number without its country code is one of each country that a store is in.
        phones: unique(countries.flatMap((country) => toE164(text, [country]) ?? [])),
      });
    },
  };
}
