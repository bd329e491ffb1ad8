// Delivers: joins the lanes, how accounts stand, the looks for due rows and strays, and stops without losing a lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackground } from '../lib/background.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { waitAtMost } from '../lib/wait.ts';
import type { Clock, Delivery } from '../types.ts';
import { createAttempt } from './attempt.ts';
import { createBegin } from './begin.ts';
import { createFinisher } from './finish.ts';
import type { Http } from './http.ts';
import { createLane, type Lane } from './lane.ts';
import type { LaneState } from './lane-parts.ts';
import { createLanes } from './lanes.ts';
import { createLook } from './look.ts';
import type { DeliveryQuestions, Route } from './questions.ts';
import { createRefuse } from './refuse.ts';
import { createSender } from './sender.ts';
import { createStanding } from './standing.ts';
import { createStrays, type StrayParts } from './stray.ts';
import { createSuspects } from './suspects.ts';

/** How often the table is looked at for due rows: while some are found, and at most while none are. */
const BUSY_MS = 5;
const IDLE_MS = 250;
/** How soon a reload, or a pause set or lifted elsewhere, is noticed. */
const REFRESH_MS = 1_000;
/** How often senders count themselves. */
const COUNT_MS = 5_000;

export type DelivererParts = {
  questions: DeliveryQuestions;
  http: Pick<Http, 'send'>;
  /** The routes in force; the same array until they change. */
  routes: () => readonly Route[];
  /** Why a destination does not get an event that was made for another account of it. */
  refusal: StrayParts['refusal'];
  now: Clock;
  random: () => number;
  log: Log;
  newLeaseId: () => string;
  /** Nothing new is sent once it is aborted; `stop` then ends what is under way. */
  signal: AbortSignal;
};

export type Deliverer = ReturnType<typeof createDeliverer>;

/** Repeats until the signal; `work` answers how long to wait before the next time. What fails is tried again. */
async function repeat(work: () => Promise<number>, failure: string, log: Log, signal: AbortSignal): Promise<void> {
  let wait = 0;
  while (!signal.aborted) {
    try {
      wait = await work();
    } catch (error) {
      log.warn({ error: describeError(error) }, failure);
      wait = REFRESH_MS;
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}

export const createDeliverer = (parts: DelivererParts) => {
  const { questions, http, routes, refusal, now, random, log, newLeaseId, signal } = parts;
  const halting = new AbortController();
  const halted = AbortSignal.any([signal, halting.signal]);
  const cutting = new AbortController();
  const finisher = createFinisher({ finishDeliveries: questions.finishDeliveries, log });
  const begin = createBegin({ startDeliveries: questions.startDeliveries, now, log });
  const send = createSender({ http, now });
  const tryOnce = createAttempt({ send, begin, finisher, now, random, log, signal: cutting.signal });
  const refuse = createRefuse({ now, log });
  const underWay = createBackground();
  const id = newLeaseId();
  let running = false;

  /** Work that nobody waits for until the deliverer stops. */
  const background = (work: Promise<void>, failure: string) =>
    underWay.begin(work, (error) => log.error({ error: describeError(error) }, failure));

  const release = (deliveries: readonly Delivery[]) => {
    if (deliveries.length > 0) background(questions.releaseDeliveries(deliveries, now()), 'delivery.not_released');
  };

  const suspects = createSuspects({ countDeath: questions.countDeath, finisher, release, now, log });
  const open = (account: string, capacity: () => number): Lane => {
    const { claimDeliveries, takeProbe } = questions;
    const tellers = { onPause: standing.pause, onHold: standing.hold, stray, release };
    const shared = { claimDeliveries, takeProbe, tryOnce, refuse, finisher, suspects, now, newLeaseId, log, capacity };
    return createLane({ account, ...shared, ...tellers });
  };
  const lanes = createLanes({ routes, open, release, background });
  const { byAccount } = lanes;
  const standing = createStanding({ ...questions, lanes: byAccount, routes: lanes.routes, background, now, log });
  const strays = createStrays({ ...questions, routes: lanes.routes, refusal, finisher, now, newLeaseId, log });
  const stray = (deliveries: readonly Delivery[]) => {
    // Files that were just read again may name what the lanes do not know yet.
    lanes.refresh();
    background(strays.settle(deliveries), 'delivery.not_moved');
  };
  const { findDueAccounts } = questions;
  const { fetch: fetchStrays } = strays;
  const look = createLook({ findDueAccounts, lanes: byAccount, fetchStrays, background, now, signal: halted });

  halted.addEventListener('abort', () => {
    running = false;
    lanes.halt();
  });

  /** Each replica that sends counts itself, so that together they keep to a rate. */
  const shareRates = async (): Promise<number> => {
    const at = now();
    lanes.setSenders(Math.max(1, await questions.countSenders(id, at, at - 3 * COUNT_MS)));
    return COUNT_MS;
  };

  const refresh = async (): Promise<number> => {
    lanes.refresh();
    await standing.refresh();
    return REFRESH_MS;
  };

  /** Opens the lanes. Rejects when the pauses cannot be read: sending to a paused account must not start. */
  const start = async () => {
    await refresh();
    running = !halted.aborted;
    let idle = BUSY_MS;
    const lookForWork = async () => {
      idle = (await look()) > 0 ? BUSY_MS : Math.min(idle * 2, IDLE_MS);
      return idle;
    };
    background(repeat(lookForWork, 'deliver.no_look', log, halted), 'deliver.failed');
    background(repeat(refresh, 'deliver.not_refreshed', log, halted), 'deliver.failed');
    background(repeat(shareRates, 'deliver.not_counted', log, halted), 'deliver.failed');
  };

  /** How many newborn deliveries of an account to lease and offer; the rest is better left due, for a claim. */
  const room = (account: string): number => (running ? (byAccount.get(account)?.room() ?? 0) : 0);

  /**
   * Takes over deliveries that were born leased until `lease_until`, and answers how many; the others are given back.
   * Nothing is sent before the event loop turns.
   */
  const offer = (deliveries: readonly Delivery[], lease_until: number): number => {
    const refused = deliveries.filter(
      (delivery) => !running || !byAccount.get(delivery.account)?.offer(delivery, lease_until),
    );
    release(refused);
    return deliveries.length - refused.length;
  };

  /**
   * Sends nothing more, waits up to `deadline` milliseconds for answers, cuts off the rest, writes all ends and gives
   * back what was not sent.
   */
  const stop = async ({ deadline }: { deadline: number }) => {
    halting.abort();
    const ended = Promise.all([lanes.close(), underWay.ended()]);
    await waitAtMost(deadline, ended);
    cutting.abort();
    await ended;
    await finisher.close();
    background(questions.removeSender(id), 'deliver.not_counted');
    await underWay.ended();
  };

  /** How each lane stands; pages and metrics ask the database, which knows of all threads. */
  const laneStates = (): LaneState[] => [...byAccount.values()].map((lane) => lane.state());

  return { start, room, offer, resume: standing.resume, stop, laneStates };
};
