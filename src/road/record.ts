// The steps of the road's second half, from a kept hook to its deliveries; `pipeline.ts` puts them in order.

import type { Deliverer } from '../deliver/deliverer.ts';
import { LEASE_MS } from '../deliver/questions.ts';
import type { LedgerEntry } from '../enrich/ledger.ts';
import { isPassing } from '../keep/error.ts';
import type { Keep } from '../keep/keep.ts';
import type { Digest, NewEvent } from '../keep/questions/digests.ts';
import type { LeasedHook } from '../keep/questions/hooks.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { mapHook, stuck } from '../map/map.ts';
import type { Request } from '../map/request.ts';
import type { Clock, Delivery, Hook } from '../types.ts';
import type { Stores } from './accept.ts';
import { type Complete, type Completed, knownOf } from './complete.ts';
import { digestMapped, notYet, ordersToFind, type Planned } from './digest.ts';
import type { GiveBack } from './give-back.ts';
import type { Comply } from './requests.ts';
import { createUnreadable } from './unreadable.ts';
import { createRecall, type Recalled } from './visits.ts';

export type DigestParts = {
  stores: Stores;
  keep: Pick<Keep, 'findOrders' | 'findVisits' | 'recordDigests' | 'scrub'>;
  deliverer: Pick<Deliverer, 'room' | 'offer'>;
  /** Asks for what thin hooks lack. */
  complete: Complete;
  /** Does what a hook asks for. */
  comply: Comply;
  /** Takes work that others must not wait for. */
  background: (work: Promise<void>) => void;
  /** Takes the hooks that the database failed on. */
  giveBack: Pick<GiveBack, 'minding'>;
  now: Clock;
  newId: () => string;
  log: Log;
};
/** A mapped hook; `answers` are those of its look-ups. */
export type Mapped = Completed & { hook: LeasedHook; forget_body?: boolean };
type PlannedHook = Mapped & { planned: Planned };

/** While files are rolled out another process may know a source that this one does not know yet. */
const ROLL_OUT_MS = HOUR_MS;
const LOOK_MS = MINUTE_MS;
const gone = (hook: Hook) => `no store file names ${hook.store}/${hook.source} any more`;
const FAILED = 'the bridge failed on this hook; the log says why';

type Birth = { created_at: number; lease_until: number; lease_id: string };
/** Makes events with their deliveries: leased, and among `born`, for as many as the lanes have room for. */
function createBirths({ deliverer, newId, ...birth }: Pick<DigestParts, 'deliverer' | 'newId'> & Birth) {
  const { created_at, lease_until, lease_id } = birth;
  const taken = new Map<string, number>();
  const born: Delivery[] = [];
  const bear = ({ store }: Hook, { routes, wait: _, ...planned }: Planned['events'][number]): NewEvent => {
    const { event } = planned;
    const event_id = newId();
    const deliveries = routes.map(({ name: destination, account }) => {
      const count = taken.get(account) ?? 0;
      if (count >= deliverer.room(account)) return { destination, account, due_at: created_at };
      taken.set(account, count + 1);
      born.push({ event_id, destination, copy: 0, store, account, attempts: 0, created_at, lease_id, event });
      return { destination, account, due_at: lease_until, lease_id };
    });
    return { ...planned, id: event_id, deliveries };
  };
  return { born, bear };
}

/** What is written of a hook. */
function digestOf(
  { hook, planned, answers, waits, without, forget_body }: PlannedHook,
  lease_id: string,
  bear: ReturnType<typeof createBirths>['bear'],
): Digest {
  const { state, reason, waits_for, patience, events, uncounted } = planned;
  return {
    hook_id: hook.id,
    store: hook.store,
    lease_id,
    state,
    uncounted: [...uncounted, ...(without === undefined ? [] : notYet(without))],
    ...(Object.keys(answers).length > 0 && { answers }),
    ...(reason !== undefined && { reason }),
    ...(waits_for !== undefined && { waits_for }),
    ...(patience !== undefined && { due_at: hook.received_at + patience }),
    ...(waits !== undefined && { ...waits, state: 'waiting' }),
    ...(forget_body && { forget_body }),
    events: events.map((event) => bear(hook, event)),
  };
}

export function createDigestSteps({ stores, keep, deliverer, complete, comply, now, newId, log }: DigestParts) {
  /** Not for what passes at the database: nothing is wrong with the hook then, and it is worked on again. */
  const failed = (hook: Hook, error: unknown): string => {
    log.error({ hook: hook.id, error: describeError(error) }, 'hook.failed');
    return FAILED;
  };
  const tellUnreadable = createUnreadable({ now, log });
  const sourceOf = (hook: Hook) => stores.get(hook.store)?.sources.get(hook.source);

  /** A hook without its source is left to another process for a while; it is stuck after that. */
  const patience = (hook: Hook): Pick<Mapped, 'waits'> => {
    const at = now();
    const reason = `waits for a store file that names ${hook.store}/${hook.source}, which another server may have already`;
    return at - hook.received_at < ROLL_OUT_MS ? { waits: { due_at: at + LOOK_MS, reason } } : {};
  };
  const sourceless = (hook: LeasedHook): Mapped => ({
    hook,
    mapped: stuck(gone(hook)),
    answers: {},
    ...patience(hook),
  });

  /** Their words to our words. What cannot be mapped is stuck, with its reason. */
  const map = async (hook: LeasedHook): Promise<Mapped> => {
    const source = sourceOf(hook);
    try {
      if (source === undefined) return sourceless(hook);
      return { hook, mapped: await mapHook(source, hook, knownOf(hook.answers)), answers: {} };
    } catch (error) {
      return { hook, mapped: stuck(failed(hook, error)), answers: {} };
    }
  };

  /** The same with what the sender has to be asked for. */
  const lookUp = async ({ hook, mapped }: Mapped): Promise<Mapped> => {
    const source = sourceOf(hook);
    try {
      if (source === undefined) return sourceless(hook);
      return { hook, ...(await complete(source, hook, mapped)) };
    } catch (error) {
      if (isPassing(error)) throw error;
      return { hook, mapped: stuck(failed(hook, error)), answers: {} };
    }
  };

  /** Carries out what the hook asks for; its reason says what was done. */
  const carryOut = async (one: Mapped, request: Request, lease_id: string): Promise<Mapped> => {
    const { hook, mapped } = one;
    const { request: _, ...told } = mapped;
    const done = await comply(hook, lease_id, request);
    if ('waits' in done) return { ...one, mapped: told, waits: done.waits };
    return { ...one, mapped: { ...told, reason: done.reason }, forget_body: done.forget_body };
  };

  /** What a mapped hook still needs, which takes time; most need nothing. */
  const finish = async (one: Mapped, lease_id: string): Promise<Mapped> => {
    const { pending, request } = one.mapped;
    if (pending !== undefined) return lookUp(one);
    return request === undefined ? one : carryOut(one, request, lease_id);
  };

  const findOrders = async ({ hook, mapped }: Mapped): Promise<Map<string, LedgerEntry>> => {
    const wanted = ordersToFind(mapped);
    const found = wanted.length === 0 ? [] : await keep.findOrders(hook.store, wanted);
    const unreadable = found.filter(({ lost }) => lost === 'unreadable').length;
    if (unreadable > 0) tellUnreadable('purchases', unreadable, 'their refunds are sent without them');
    // Nobody waits for what it told itself, while an answer was missing.
    const entries = found.map(({ told, ...entry }) =>
      told === undefined || told.by === hook.id ? entry : { ...entry, told },
    );
    return new Map(entries.map((entry) => [entry.order_id, entry]));
  };

  const recall = createRecall(keep, stores, now, (visits) =>
    tellUnreadable('visits', visits, 'events are sent without them'),
  );

  /** Joined to its order, its visit and to what the buyer agreed to, and planned for the store's destinations. */
  const enrich = async (one: Mapped, visits: Recalled): Promise<PlannedHook> => {
    const { hook, mapped } = one;
    const store = stores.get(hook.store);
    const nothing = { state: 'stuck' as const, events: [], uncounted: [] };
    if (store === undefined) return { ...one, ...patience(hook), planned: { ...nothing, reason: gone(hook) } };
    try {
      const at = now();
      const ledger = await findOrders(one);
      return {
        ...one,
        planned: await digestMapped(mapped, store, ledger, { now: at, age: at - hook.received_at }, visits),
      };
    } catch (error) {
      if (isPassing(error)) throw error;
      return { ...one, planned: { ...nothing, reason: failed(hook, error) } };
    }
  };

  /** Writes all of it in one transaction; deliveries for which a lane has room are born leased and handed over. */
  const deliver = async (plannedHooks: readonly PlannedHook[], lease_id: string): Promise<void> => {
    const created_at = now();
    const lease_until = created_at + LEASE_MS;
    const { born, bear } = createBirths({ deliverer, newId, created_at, lease_until, lease_id });
    const digests = plannedHooks.map((one) => digestOf(one, lease_id, bear));
    const fresh = await keep.recordDigests(digests, created_at);
    const own = born.filter(({ event_id }) => fresh.has(event_id));
    deliverer.offer(own, lease_until);
    if (digests.some(({ forget_body }) => forget_body)) await keep.scrub(0);
  };

  return { map, finish, recall, enrich, deliver };
}
