// One lane per account: fetches what is due, sends as much at once as it may, and hears how it ended. Lanes know nothing of each other.
import { describeError } from '../lib/errors.ts';
import type { Delivery } from '../types.ts';
import type { Lesson } from './attempt.ts';
import { createGate, limitsOf } from './lane-gate.ts';
import type { LaneParts, LaneState } from './lane-parts.ts';
import { createQueue, outlasts } from './lane-queue.ts';
import { type Hold, LEASE_MS, type Route } from './questions.ts';
import { createShare } from './rate.ts';
import { createHelping } from './weight.ts';

/** Requests at once, for destinations that take one event per request and for those that take many. */
const SINGLES = 32;
const BATCHES = 4;
/** What a batch waits for company. */
const GATHER_MS = 5;
/** With a rate, no more is fetched than can be sent well within a lease. */
const RATED_SECONDS = 30;
/** How many are fetched to find one that may serve as the probe of an open breaker. */
const PROBES = 50;
/** How many are fetched at once: the database sends them as one message. */
const FETCHED = 250;

export type Lane = ReturnType<typeof createLane>;

const routeKey = (store: string, name: string): string => `${store}/${name}`;

export const createLane = (parts: LaneParts) => {
  const { account, claimDeliveries, takeProbe, tryOnce, refuse, finisher, suspects, now, newLeaseId, log } = parts;
  const { onPause, onHold, stray, release } = parts;
  let routes = new Map<string, Route>();
  let batch = 1;
  let sending = 0;
  /** The last claim found one that may end the process: others are better not held with it. */
  let suspecting = false;
  /** The last claim left rows behind; older ones go before those just born. */
  let behind = false;
  let pumping = false;
  let gathering: NodeJS.Timeout | undefined;
  let whenIdle: (() => void)[] = [];

  const routeOf = ({ store, destination }: Delivery) => routes.get(routeKey(store, destination));
  const gate = createGate({ account, takeProbe, now, onPause, onHold });
  const share = createShare(now);
  const queue = createQueue({ routeOf, release });
  const helping = createHelping();

  const setRoutes = (next: readonly Route[]) => {
    routes = new Map(next.map((route) => [routeKey(route.store, route.name), route]));
    batch = Math.max(1, ...next.map(({ destination }) => destination.batch));
    const rates = next.flatMap((route) => route.rate ?? []);
    share.setAllowed(rates.length > 0 ? Math.min(...rates) : undefined);
    gate.setLimits(limitsOf(next));
  };

  const capacity = () => {
    const rate = share.rate();
    return rate === undefined
      ? parts.capacity()
      : Math.min(parts.capacity(), Math.max(1, Math.ceil(rate * RATED_SECONDS * batch)));
  };

  const mayRequest = (at: number): boolean => gate.isOpen(at) && finisher.ready() && share.hasTurn(at);

  /** Gives back what will not be sent soon. */
  const letGo = (at: number) => {
    if (gate.isShut(at)) release(queue.takeAll());
  };

  /** Ends what may no longer be sent and answers the rest. */
  const sift = (route: Route, deliveries: readonly Delivery[]): Delivery[] =>
    deliveries.filter((delivery) => {
      const refused = refuse(route, delivery);
      if (refused) finisher.end(delivery, refused);
      return refused === undefined;
    });

  /** Sends what may be sent. A batch that is not full waits a moment for company, unless it has `gathered`. */
  const pump = (gathered = false) => {
    const most = gate.atOnce(batch === 1 ? SINGLES : BATCHES);
    for (let at = now(); sending < most && mayRequest(at) && !queue.isEmpty(); at = now()) {
      if (!gathered && !queue.hasBatch(batch)) {
        gathering ??= setTimeout(() => {
          gathering = undefined;
          pump(true);
        }, GATHER_MS);
        return;
      }
      const leased = queue.take(at);
      const [first] = leased;
      if (!first) continue;
      const route = routeOf(first.delivery);
      const deliveries = leased.map(({ delivery }) => delivery);
      if (route === undefined) {
        stray(deliveries);
        continue;
      }
      const wanted = sift(route, deliveries);
      if (wanted.length === 0) continue;
      void send(route, wanted, first.lease_until);
    }
  };

  /** Once for all that happens in this turn of the event loop; the connections of answered requests are free by then. */
  const pumpSoon = () => {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      pump();
    });
  };

  const send = async (route: Route, deliveries: Delivery[], lease_until: number): Promise<void> => {
    gate.begin();
    share.spend();
    sending += 1;
    let lesson: Lesson = {};
    try {
      lesson = await tryOnce(route, deliveries);
    } catch (error) {
      log.error({ account, error: describeError(error) }, 'deliver.failed');
    }
    sending -= 1;
    if (lesson.split !== undefined) queue.addHalves(lesson.split, lease_until);
    const at = now();
    gate.learn(route, lesson, at);
    letGo(at);
    pumpSoon();
    if (sending > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };

  /** Sends it while no other lane sends one that may end the process; resolves when it was sent. */
  const sendAlone = (delivery: Delivery, lease_until: number): Promise<void> => {
    const mayBegin = () => mayRequest(now()) && outlasts(lease_until, now());
    return suspects.sendAlone(delivery, mayBegin, async () => {
      const route = routeOf(delivery);
      if (route === undefined) return stray([delivery]);
      const wanted = sift(route, [delivery]);
      if (wanted.length > 0) await send(route, wanted, lease_until);
    });
  };

  /** Fetches due rows when something may be sent and half the room is free; answers how many came. */
  const claim = async (): Promise<number> => {
    const at = now();
    const room = capacity() - queue.weight();
    if (!gate.isOpen(at) || !finisher.ready() || room < capacity() / 2) return 0;
    // What is sent alone does not wait in memory: claimed before its turn it would only be given back.
    if (suspecting && !share.hasTurn(at)) return 0;
    if (gate.needsPermit(at) && !(await gate.askPermit(at))) return 0;
    const limit = Math.min(helping.of(room), suspecting ? 1 : gate.isProven() ? FETCHED : PROBES);
    const lease_until = at + LEASE_MS;
    const claimed = await claimDeliveries({ account, now: at, lease_until, lease_id: newLeaseId(), limit });
    if (gate.isHalted()) {
      release(claimed);
      return 0;
    }
    helping.learn(claimed);
    const { alone, others } = suspects.sift(claimed);
    behind = claimed.length === limit;
    suspecting = alone !== undefined;
    if (alone !== undefined) {
      release(others);
      await sendAlone(alone, lease_until);
      return claimed.length;
    }
    for (const delivery of others) queue.add(delivery, lease_until);
    pump();
    return claimed.length;
  };

  return {
    setRoutes,
    claim,
    pump,
    /** How many to hand over at birth: none while older ones wait or nothing may be sent, and half is left to claims. */
    room: (): number =>
      gate.isWideOpen(now()) && !behind ? Math.max(0, Math.ceil(capacity() / 2) - queue.weight()) : 0,
    offer: (delivery: Delivery, lease_until: number): boolean => {
      if (!gate.isWideOpen(now()) || queue.weight() >= capacity()) return false;
      queue.add(delivery, lease_until);
      pumpSoon();
      return true;
    },
    setPaused: (reason: string | undefined) => {
      gate.setPaused(reason);
      if (reason !== undefined) release(queue.takeAll());
    },
    /** What is known of the account by now; to be called from time to time. */
    setHold: (hold: Hold | undefined) => {
      gate.setHold(hold);
      letGo(now());
    },
    /** How many lanes of this account there are in all replicas. */
    setSenders: share.setSenders,
    halt: () => {
      gate.halt();
      clearTimeout(gathering);
    },
    /** Resolves when no request is under way. */
    idle: (): Promise<void> =>
      sending === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(() => resolve())),
    /** Empties the lane and answers what was not sent. */
    takeAll: queue.takeAll,
    state: (): LaneState => ({ account, ...gate.state(), waiting: queue.waiting(), sending }),
  };
};
