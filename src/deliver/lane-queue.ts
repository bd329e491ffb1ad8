// What waits in the memory of a lane: leased deliveries, oldest first, and halves of refused batches, which go before them.
import type { Delivery } from '../types.ts';
import { REQUEST_TIMEOUT_MS } from './http.ts';
import type { Route } from './questions.ts';
import { weightOf } from './weight.ts';

export type Leased = { delivery: Delivery; lease_until: number };
export type QueueParts = {
  routeOf: (delivery: Delivery) => Route | undefined;
  release: (deliveries: Delivery[]) => void;
};

const LEASE_NEEDED_MS = REQUEST_TIMEOUT_MS + 5_000;
/** A lease must outlast the request, and the writing of its end. */
export const outlasts = (lease_until: number, at: number): boolean => lease_until - at >= LEASE_NEEDED_MS;

/** So many that were taken stay where they were: moving up all others for each request costs more than making it. */
const TAKEN_MOST = 64;

export const createQueue = ({ routeOf, release }: QueueParts) => {
  let queue: Leased[] = [];
  /** What stands before it was taken. */
  let head = 0;
  let halves: Leased[][] = [];
  /** Of those that `length` counts. */
  let weight = 0;

  /** Without the halves, which were counted when they came. */
  const length = (): number => queue.length - head;

  /** Lets go of what was taken. */
  const tidy = () => {
    if (head === queue.length) queue.length = 0;
    else if (head >= TAKEN_MOST) queue = queue.slice(head);
    else return;
    head = 0;
  };

  /** The first so many are in the queue no more. */
  const drop = (count: number): Leased[] => {
    const dropped = queue.slice(head, head + count);
    head += count;
    for (const { delivery } of dropped) weight -= weightOf(delivery);
    return dropped;
  };

  /** The next deliveries of one route; those whose lease is nearly over are given back. */
  const take = (at: number): Leased[] => {
    const lasts = ({ lease_until }: Leased) => outlasts(lease_until, at);
    const half = halves.shift();
    if (half?.every(lasts)) return half;
    // Their sending was noted when they were a batch; given back they may be sent again.
    if (half) release(half.map(({ delivery }) => delivery));
    const late: Delivery[] = [];
    for (let next = queue[head]; next !== undefined && !lasts(next); next = queue[head]) {
      late.push(next.delivery);
      drop(1);
    }
    if (late.length > 0) release(late);
    const first = queue[head];
    if (!first) {
      tidy();
      return [];
    }
    const route = routeOf(first.delivery);
    const most = Math.min(route?.destination.batch ?? length(), length());
    let size = 1;
    for (; size < most; size++) {
      const next = queue[head + size];
      if (next === undefined || !lasts(next) || routeOf(next.delivery) !== route) break;
    }
    const taken = drop(size);
    tidy();
    return taken;
  };

  return {
    add: (delivery: Delivery, lease_until: number) => {
      queue.push({ delivery, lease_until });
      weight += weightOf(delivery);
    },
    /** A batch that was refused as a whole. */
    addHalves: (split: readonly Delivery[], lease_until: number) => {
      const middle = Math.ceil(split.length / 2);
      for (const half of [split.slice(0, middle), split.slice(middle)]) {
        if (half.length > 0) halves.push(half.map((delivery) => ({ delivery, lease_until })));
      }
    },
    take,
    /** Empties it. */
    takeAll: (): Delivery[] => {
      const all = [...halves.flat(), ...queue.slice(head)].map(({ delivery }) => delivery);
      halves = [];
      queue = [];
      head = 0;
      weight = 0;
      return all;
    },
    isEmpty: (): boolean => halves.length + length() === 0,
    /** Is there enough for a request that need not wait for company? */
    hasBatch: (size: number): boolean => halves.length > 0 || length() >= size,
    length,
    /** How much room they take, as `weightOf` says. */
    weight: (): number => weight,
    waiting: (): number => length() + halves.reduce((sum, half) => sum + half.length, 0),
  };
};
