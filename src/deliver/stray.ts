// Deliveries for an account that their store no longer names: they go where their destination sends by now, or wait for one.

import type { Log } from '../lib/log.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Clock, Delivery, Refusal } from '../types.ts';
import type { End, Finisher } from './finish.ts';
import { type DeliveryQuestions, LEASE_MS, type Route } from './questions.ts';
import { failedEnd, refusedEnd } from './refuse.ts';
import { expiresAt, nextDue } from './schedule.ts';

/** What waits for longer has nobody: a process with other files sends to an account that these do not name. */
export const STRAY_MS = MINUTE_MS;
/** How many are fetched at once. */
const FETCHED = 250;
/** A destination that is gone may come back with the next reload, or be known to another process. */
const GONE = { schedule: [10 * MINUTE_MS, HOUR_MS], maxAge: 7 * DAY_MS };

export type StrayParts = Pick<DeliveryQuestions, 'claimDeliveries' | 'releaseDeliveries'> & {
  /** The routes that the lanes have. */
  routes: () => readonly Route[];
  /** Why a destination does not get an event, as it is asked when the event is made. */
  refusal: (route: Route, event: Delivery['event']) => Promise<Refusal | undefined>;
  finisher: Pick<Finisher, 'end' | 'ready'>;
  now: Clock;
  newLeaseId: () => string;
  log: Log;
};

export const createStrays = (parts: StrayParts) => {
  const { claimDeliveries, releaseDeliveries, routes, refusal, finisher, now, newLeaseId, log } = parts;

  const withoutRoute = (delivery: Delivery, at: number): End => {
    const { store, destination, attempts } = delivery;
    const expires = expiresAt(delivery, GONE.maxAge);
    const due_at = nextDue({ ...GONE, attempts: attempts + 1, now: at, after: undefined, random: 1, expires });
    const base = { at, ms: 0, reason: `the files in use give store "${store}" no destination "${destination}"` };
    return due_at === undefined ? { ...base, kind: 'expired' } : { ...base, kind: 'retry', due_at };
  };

  /** Why it does not go to the account of `route`; that one may be of another kind than the one before. */
  const endAt = async (route: Route | undefined, delivery: Delivery): Promise<End | undefined> => {
    const at = now();
    if (route === undefined) return withoutRoute(delivery, at);
    try {
      const refused = await refusal(route, delivery.event);
      return refused && refusedEnd(refused, at);
    } catch (error) {
      return failedEnd(delivery, at, error, log);
    }
  };

  /**
   * Hands leased deliveries to the account that their destination has now; without a destination they are put off until
   * they expire. One that may have arrived at the account before keeps its note and is judged by that where it goes.
   */
  const settle = async (deliveries: readonly Delivery[]): Promise<void> => {
    const inForce = routes();
    const moved: Delivery[] = [];
    for (const delivery of deliveries) {
      const route = inForce.find(({ store, name }) => store === delivery.store && name === delivery.destination);
      const end = await endAt(route, delivery);
      if (end) finisher.end(delivery, end);
      else if (route) moved.push({ ...delivery, account: route.account });
    }
    if (moved.length === 0) return;
    await releaseDeliveries(moved, now());
    for (const [account, own] of Map.groupBy(moved, (delivery) => delivery.account))
      log.info({ account, deliveries: own.length }, 'delivery.moved');
  };

  /** Fetches some of what waits for an account that no route names, paused or not, and settles it. */
  const fetch = async (account: string): Promise<void> => {
    if (!finisher.ready()) return;
    const at = now();
    const lease = { lease_until: at + LEASE_MS, lease_id: newLeaseId(), limit: FETCHED };
    await settle(await claimDeliveries({ account, now: at - STRAY_MS, ...lease, even_paused: true }));
  };

  return { settle, fetch };
};
