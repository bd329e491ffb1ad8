// What a lane is made with, and what it shows of itself.
import type { Log } from '../lib/log.ts';
import type { Clock, Delivery } from '../types.ts';
import type { TryOnce } from './attempt.ts';
import type { Breaker } from './breaker.ts';
import type { End, Finisher } from './finish.ts';
import type { DeliveryQuestions, Hold, Route } from './questions.ts';
import type { Suspects } from './suspects.ts';

export type LaneParts = {
  account: string;
  claimDeliveries: DeliveryQuestions['claimDeliveries'];
  takeProbe: DeliveryQuestions['takeProbe'];
  tryOnce: TryOnce;
  refuse: (route: Route, delivery: Delivery) => End | undefined;
  finisher: Pick<Finisher, 'end' | 'ready'>;
  suspects: Suspects;
  now: Clock;
  newLeaseId: () => string;
  log: Log;
  /** The most that deliveries in memory may weigh. */
  capacity: () => number;
  onPause: (route: Route, reason: string) => void;
  /** The account is to be left alone by everybody, or by nobody any more. */
  onHold: (account: string, hold: Hold | undefined) => void;
  /** Takes over deliveries of a store that has no route to this account any more. */
  stray: (deliveries: Delivery[]) => void;
  /** Takes back what will not be sent soon. */
  release: (deliveries: Delivery[]) => void;
};

export type LaneState = {
  account: string;
  /** Why people must act before anything is sent. */
  paused?: string;
  breaker: Breaker;
  /** Nothing is sent before, because the receiver asked for it. */
  hold_until: number;
  waiting: number;
  sending: number;
};
