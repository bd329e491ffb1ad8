// One lane per account: what waits in memory, what may be sent now, and what is fetched. Lanes know nothing of each other.
import { describeError } from '../lib/errors.ts';
import type { Delivery } from '../types.ts';
import type { Lesson } from './attempt.ts';
import { BREAKER_LIMITS, CLOSED, failed, maySend, onProbation, started, unproven } from './breaker.ts';
import { PROBE_MS, shared, toTell } from './hold.ts';
import { REQUEST_TIMEOUT_MS } from './http.ts';
import type { LaneParts, LaneState } from './lane-parts.ts';
import { type Hold, LEASE_MS, type Route } from './questions.ts';
import { fullBucket, hasToken, refilled, spent } from './rate.ts';
import { isHeld, waitAsked } from './schedule.ts';

/** Requests at once, for destinations that take one event per request and for those that take many. */
const SINGLES = 32;
const BATCHES = 4;
/** What a batch waits for company. */
const GATHER_MS = 5;
/** A lease must outlast the request, and the writing of its end. */
const LEASE_NEEDED_MS = REQUEST_TIMEOUT_MS + 5_000;
/** With a rate, no more is fetched than can be sent well within a lease. */
const RATED_SECONDS = 30;
/** How many are fetched to find one that may serve as the probe of an open breaker. */
const PROBES = 50;
/** How many are fetched at once: the database sends them as one message. */
const FETCHED = 250;

export type Lane = ReturnType<typeof createLane>;

type Leased = { delivery: Delivery; lease_until: number };

const routeKey = (store: string, name: string): string => `${store}/${name}`;

export const createLane = (parts: LaneParts) => {
  const { account, claimDeliveries, takeProbe, tryOnce, refuse, finisher, now, newLeaseId, log } = parts;
  const { onPause, onHold, stray, release } = parts;
  let routes = new Map<string, Route>();
  let batch = 1;
  /** Requests per second of the whole account, and those of this one of its lanes. */
  let allowed: number | undefined;
  let rate: number | undefined;
  let senders = 1;
  let limits = BREAKER_LIMITS;
  let queue: Leased[] = [];
  /** Halves of refused batches; they go first. */
  let halves: Leased[][] = [];
  let sending = 0;
  let breaker = CLOSED;
  let bucket = fullBucket(1, now());
  let holdUntil = 0;
  /** What all who send know of the account. */
  let told: Hold | undefined;
  /** Until then it is ours to find out whether the account answers again. */
  let permit = 0;
  let paused: string | undefined;
  let halted = false;
  /** The last claim left rows behind; older ones go before those just born. */
  let behind = false;
  let pumping = false;
  let gathering: NodeJS.Timeout | undefined;
  let whenIdle: (() => void)[] = [];

  const shareRate = () => {
    const own = allowed === undefined ? undefined : allowed / senders;
    if (own !== undefined && own !== rate) bucket = fullBucket(own, now());
    rate = own;
  };

  const setRoutes = (next: readonly Route[]) => {
    routes = new Map(next.map((route) => [routeKey(route.store, route.name), route]));
    batch = Math.max(1, ...next.map(({ destination }) => destination.batch));
    const rates = next.flatMap((route) => route.rate ?? []);
    allowed = rates.length > 0 ? Math.min(...rates) : undefined;
    shareRate();
    const { breaker: own } = next.find((route) => route.breaker !== undefined) ?? {};
    const { failures, first, most } = BREAKER_LIMITS;
    limits = { failures: own?.failures ?? failures, first: own?.first ?? first, most: own?.most ?? most };
  };
  const routeOf = ({ delivery }: Leased) => routes.get(routeKey(delivery.store, delivery.destination));

  const capacity = () =>
    rate === undefined
      ? parts.capacity()
      : Math.min(parts.capacity(), Math.max(1, Math.ceil(rate * RATED_SECONDS * batch)));

  const isOpen = (at: number) =>
    !halted && paused === undefined && !isHeld(holdUntil, at) && maySend(breaker, at, limits);

  const mayRequest = (at: number): boolean => {
    if (!isOpen(at) || !finisher.ready()) return false;
    if (rate === undefined) return true;
    bucket = refilled(bucket, rate, at);
    return hasToken(bucket);
  };

  /** The next deliveries of one route, oldest first; those whose lease is nearly over are left to the next claim. */
  const take = (at: number): Leased[] => {
    const lasts = ({ lease_until }: Leased) => lease_until - at >= LEASE_NEEDED_MS;
    const half = halves.shift();
    if (half?.every(lasts)) return half;
    // Their sending was noted when they were a batch; given back they may be sent again.
    if (half) release(half.map(({ delivery }) => delivery));
    const fresh = queue.findIndex(lasts);
    if (fresh !== 0) queue = fresh < 0 ? [] : queue.slice(fresh);
    const [first] = queue;
    if (!first) return [];
    const route = routeOf(first);
    const most = Math.min(route?.destination.batch ?? queue.length, queue.length);
    let size = 1;
    for (; size < most; size++) {
      const next = queue[size];
      if (next === undefined || !lasts(next) || routeOf(next) !== route) break;
    }
    return queue.splice(0, size);
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
    const most = batch === 1 ? SINGLES : BATCHES;
    for (let at = now(); sending < most && mayRequest(at) && halves.length + queue.length > 0; at = now()) {
      if (!gathered && halves.length === 0 && queue.length < batch) {
        gathering ??= setTimeout(() => {
          gathering = undefined;
          pump(true);
        }, GATHER_MS);
        return;
      }
      const leased = take(at);
      const [first] = leased;
      if (!first) continue;
      const route = routeOf(first);
      const deliveries = leased.map(({ delivery }) => delivery);
      if (route === undefined) {
        stray(deliveries);
        continue;
      }
      const wanted = sift(route, deliveries);
      if (wanted.length === 0) continue;
      breaker = started(breaker);
      if (rate !== undefined) bucket = spent(bucket);
      sending += 1;
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
    let lesson: Lesson = {};
    try {
      lesson = await tryOnce(route, deliveries);
    } catch (error) {
      log.error({ account, error: describeError(error) }, 'deliver.failed');
    }
    sending -= 1;
    const { split = [] } = lesson;
    const middle = Math.ceil(split.length / 2);
    for (const half of [split.slice(0, middle), split.slice(middle)]) {
      if (half.length > 0) halves.push(half.map((delivery) => ({ delivery, lease_until })));
    }
    learn(route, lesson);
    pumpSoon();
    if (sending > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };

  const learn = (route: Route, { answered, after, pause }: Lesson) => {
    const at = now();
    const before = breaker;
    if (answered === undefined) breaker = unproven(breaker, at);
    else breaker = answered ? CLOSED : failed(breaker, at, limits);
    if (answered !== undefined) permit = 0;
    const wait = waitAsked(after);
    holdUntil = Math.max(holdUntil, at + wait);
    const waitUntil = wait > 0 ? holdUntil : 0;
    const news = answered === undefined ? undefined : toTell(account, { before, after: breaker, waitUntil, told });
    if (news !== undefined) {
      told = news.hold;
      onHold(account, told);
    }
    if (pause !== undefined && paused === undefined) {
      paused = pause;
      onPause(route, pause);
    }
    if (!halted && !isOpen(at)) release(takeAll());
  };

  const takeAll = (): Delivery[] => {
    const all = [...halves.flat(), ...queue].map(({ delivery }) => delivery);
    halves = [];
    queue = [];
    return all;
  };

  /** Fetches due rows when something may be sent and half the room is free; answers how many came. */
  const claim = async (): Promise<number> => {
    const at = now();
    const room = capacity() - queue.length;
    if (!isOpen(at) || !finisher.ready() || room < capacity() / 2) return 0;
    const probe = { account, now: at, until: at + PROBE_MS, most: limits.most };
    if (breaker.state === 'open' && at >= permit) {
      if (!(await takeProbe(probe))) return 0;
      permit = probe.until;
    }
    const limit = Math.min(room, breaker.state === 'closed' ? FETCHED : PROBES);
    const lease_until = at + LEASE_MS;
    const claimed = await claimDeliveries({ account, now: at, lease_until, lease_id: newLeaseId(), limit });
    if (halted) {
      release(claimed);
      return 0;
    }
    for (const delivery of claimed) queue.push({ delivery, lease_until });
    behind = claimed.length === limit;
    pump();
    return claimed.length;
  };

  return {
    setRoutes,
    claim,
    pump,
    /** How many to hand over at birth: none while older ones wait or nothing may be sent, and half is left to claims. */
    room: (): number =>
      isOpen(now()) && breaker.state === 'closed' && !behind
        ? Math.max(0, Math.ceil(capacity() / 2) - queue.length)
        : 0,
    offer: (delivery: Delivery, lease_until: number): boolean => {
      if (!isOpen(now()) || breaker.state !== 'closed' || queue.length >= capacity()) return false;
      queue.push({ delivery, lease_until });
      pumpSoon();
      return true;
    },
    setPaused: (reason: string | undefined) => {
      if (paused !== undefined && reason === undefined) breaker = onProbation(now());
      paused = reason;
      if (reason !== undefined) release(takeAll());
    },
    /** What is known of the account by now; to be called from time to time. */
    setHold: (hold: Hold | undefined) => {
      if (now() >= permit) breaker = shared(breaker, hold, told);
      if (hold?.trips === 0) holdUntil = Math.max(holdUntil, hold.until);
      told = hold;
      if (!halted && !isOpen(now())) release(takeAll());
    },
    /** How many lanes of this account there are in all replicas. */
    setSenders: (count: number) => {
      senders = count;
      shareRate();
    },
    halt: () => {
      halted = true;
      clearTimeout(gathering);
    },
    /** Resolves when no request is under way. */
    idle: (): Promise<void> =>
      sending === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(() => resolve())),
    /** Empties the lane and answers what was not sent. */
    takeAll,
    state: (): LaneState => ({
      account,
      ...(paused !== undefined && { paused }),
      breaker,
      hold_until: holdUntil,
      waiting: queue.length + halves.reduce((sum, half) => sum + half.length, 0),
      sending,
    }),
  };
};
