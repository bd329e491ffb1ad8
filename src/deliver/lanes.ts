// The lanes in use: one for each account that the routes name, opened and closed as those change, with a share of memory each.
import type { Delivery } from '../types.ts';
import type { Lane } from './lane.ts';
import type { Route } from './questions.ts';

/** What deliveries in memory over all lanes may weigh, most of them 1, shared out evenly between a lane’s least and most. */
const WAITING = 8_000;
const WAITING_LEAST = 32;
const WAITING_MOST = 2_000;

export type LanesParts = {
  /** The routes in force; the same array until they change. */
  routes: () => readonly Route[];
  /** Makes the lane of an account, whose deliveries in memory may weigh so much. */
  open: (account: string, capacity: () => number) => Lane;
  release: (deliveries: readonly Delivery[]) => void;
  background: (work: Promise<void>, failure: string) => void;
};

export const createLanes = ({ routes, open, release, background }: LanesParts) => {
  const lanes = new Map<string, Lane>();
  const byAccount: ReadonlyMap<string, Lane> = lanes;
  let inForce: readonly Route[] = [];
  let senders = 1;

  const capacity = () => Math.min(WAITING_MOST, Math.max(WAITING_LEAST, Math.floor(WAITING / lanes.size)));

  const openLane = (account: string): Lane => {
    const lane = open(account, capacity);
    lane.setSenders(senders);
    lanes.set(account, lane);
    return lane;
  };

  const close = async (lane: Lane): Promise<void> => {
    lane.halt();
    await lane.idle();
    release(lane.takeAll());
  };

  return {
    byAccount,
    /** The routes that the lanes have. */
    routes: (): readonly Route[] => inForce,
    /** Opens, closes and changes lanes if other routes are in force. */
    refresh: () => {
      const next = routes();
      if (next === inForce) return;
      inForce = next;
      const wanted = Map.groupBy(next, ({ account }) => account);
      for (const [account, lane] of lanes) {
        if (wanted.has(account)) continue;
        lanes.delete(account);
        background(close(lane), 'deliver.failed');
      }
      for (const [account, own] of wanted) (lanes.get(account) ?? openLane(account)).setRoutes(own);
    },
    /** How many there are that send, each with such lanes. */
    setSenders: (count: number) => {
      senders = count;
      for (const lane of lanes.values()) lane.setSenders(count);
    },
    /** Nothing new is sent from now on. */
    halt: () => {
      for (const lane of lanes.values()) lane.halt();
    },
    /** Resolves when no request is under way any more, and what was not sent is being given back. */
    close: async (): Promise<void> => {
      await Promise.all([...lanes.values()].map(close));
    },
  };
};
