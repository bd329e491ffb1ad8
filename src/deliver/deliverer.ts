// Owns the lanes: one for each account that the store files name, fed at birth and by claims, stopped without losing a lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../lib/errors.ts';
import type { Clock, Delivery } from '../types.ts';
import { createAttempt } from './attempt.ts';
import { createBegin } from './begin.ts';
import { createFinisher } from './finish.ts';
import type { Http } from './http.ts';
import { createLane, type Lane } from './lane.ts';
import type { LaneState } from './lane-parts.ts';
import { isOver, stampOf } from './pause.ts';
import type { DeliveryQuestions, Hold, Log, Route } from './questions.ts';
import { createRefuse } from './refuse.ts';
import { createSender } from './sender.ts';
import { createStrays, STRAY_MS, type StrayParts } from './stray.ts';

/** Deliveries in memory over all lanes, shared out evenly between a lane’s least and most. */
const WAITING = 8_000;
const WAITING_LEAST = 32;
const WAITING_MOST = 2_000;
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
  const lanes = new Map<string, Lane>();
  const pending = new Set<Promise<void>>();
  let inForce: readonly Route[] = [];
  const strays = createStrays({ ...questions, routes: () => inForce, refusal, finisher, now, newLeaseId, log });
  let settling = false;
  let running = false;
  /** Counts pauses, holds and their ends of our own, so that an older list is not taken for the present. */
  let changes = 0;
  const id = newLeaseId();
  let senders = 1;

  halted.addEventListener('abort', () => {
    running = false;
    for (const lane of lanes.values()) lane.halt();
  });

  const capacity = () => Math.min(WAITING_MOST, Math.max(WAITING_LEAST, Math.floor(WAITING / lanes.size)));

  /** Work that nobody waits for until the deliverer stops. */
  const background = (work: Promise<void>, failure: string) => {
    const tracked: Promise<void> = work
      .catch((error) => log.error({ error: describeError(error) }, failure))
      .finally(() => pending.delete(tracked));
    pending.add(tracked);
  };

  const release = (deliveries: readonly Delivery[]) => {
    if (deliveries.length > 0) background(questions.releaseDeliveries(deliveries, now()), 'delivery.not_released');
  };

  const stray = (deliveries: readonly Delivery[]) => background(strays.settle(deliveries), 'delivery.not_moved');

  const onPause = (route: Route, reason: string) => {
    const { account } = route;
    changes += 1;
    log.error({ account, reason }, 'account.paused');
    const kept = questions.pauseAccount({ account, reason, since: now(), settings: stampOf(route) }).finally(() => {
      changes += 1;
    });
    background(kept, 'account.not_paused');
  };

  const onHold = (account: string, hold: Hold | undefined) => {
    changes += 1;
    const told = (hold === undefined ? questions.freeAccount(account) : questions.holdAccount(hold)).finally(() => {
      changes += 1;
    });
    background(told, 'account.not_held');
  };

  const openLane = (account: string): Lane => {
    const { claimDeliveries, takeProbe } = questions;
    const tellers = { onPause, onHold, stray, release };
    const shared = {
      claimDeliveries,
      takeProbe,
      tryOnce,
      refuse,
      finisher,
      now,
      newLeaseId,
      log,
      capacity,
      ...tellers,
    };
    const lane = createLane({ account, ...shared });
    lane.setSenders(senders);
    lanes.set(account, lane);
    return lane;
  };

  const closeLane = async (lane: Lane): Promise<void> => {
    lane.halt();
    await lane.idle();
    release(lane.takeAll());
  };

  const applyRoutes = () => {
    const next = routes();
    if (next === inForce) return;
    inForce = next;
    const byAccount = Map.groupBy(next, ({ account }) => account);
    for (const [account, lane] of lanes) {
      if (byAccount.has(account)) continue;
      lanes.delete(account);
      background(closeLane(lane), 'deliver.failed');
    }
    for (const [account, own] of byAccount) (lanes.get(account) ?? openLane(account)).setRoutes(own);
  };

  const applyPauses = async (): Promise<void> => {
    const before = changes;
    const listed = await questions.listPauses();
    if (before !== changes) return;
    const over = listed.filter((pause) => isOver(pause, inForce));
    for (const { account } of over) {
      await resume(account);
      log.info({ account }, 'account.resumed');
    }
    if (over.length > 0) return applyPauses();
    const reasons = new Map(listed.map(({ account, reason }) => [account, reason]));
    for (const [account, lane] of lanes) lane.setPaused(reasons.get(account));
  };

  const applyHolds = async (): Promise<void> => {
    const before = changes;
    const holds = new Map((await questions.listHolds()).map((hold) => [hold.account, hold]));
    if (before !== changes) return;
    for (const [account, lane] of lanes) lane.setHold(holds.get(account));
  };

  /** Each replica that sends counts itself, so that together they keep to a rate. */
  const shareRates = async (): Promise<number> => {
    const at = now();
    senders = Math.max(1, await questions.countSenders(id, at, at - 3 * COUNT_MS));
    for (const lane of lanes.values()) lane.setSenders(senders);
    return COUNT_MS;
  };

  /** Fetches what nobody has a lane for, from one account at a time: lanes do not wait for it. */
  const fetchStrays = (due: readonly { account: string; due_at: number }[]) => {
    const lost = due.find(({ account, due_at }) => !lanes.has(account) && due_at <= now() - STRAY_MS);
    if (lost === undefined || settling || halted.aborted) return;
    settling = true;
    const fetched = strays.fetch(lost.account).finally(() => {
      settling = false;
    });
    background(fetched, 'delivery.not_moved');
  };

  /** Lets every lane with due rows fetch some; answers how many were fetched in all. */
  const look = async (): Promise<number> => {
    for (const lane of lanes.values()) lane.pump();
    const due = await questions.findDueAccounts();
    fetchStrays(due);
    const claims = due.map(({ account, due_at }) => (due_at <= now() ? (lanes.get(account)?.claim() ?? 0) : 0));
    const counts = await Promise.all(claims);
    return counts.reduce((sum, count) => sum + count, 0);
  };

  /** Repeats until halted; `work` answers how long to wait before the next time. */
  const repeat = async (work: () => Promise<number>, failure: string): Promise<void> => {
    let wait = 0;
    while (!halted.aborted) {
      try {
        wait = await work();
      } catch (error) {
        log.warn({ error: describeError(error) }, failure);
        wait = REFRESH_MS;
      }
      await sleep(wait, undefined, { signal: halted }).catch(() => undefined);
    }
  };

  /** Opens the lanes. Rejects when the pauses cannot be read: sending to a paused account must not start. */
  const start = async () => {
    applyRoutes();
    await applyPauses();
    await applyHolds();
    running = !halted.aborted;
    let idle = BUSY_MS;
    const lookForWork = async () => {
      idle = (await look()) > 0 ? BUSY_MS : Math.min(idle * 2, IDLE_MS);
      return idle;
    };
    const refresh = async () => {
      applyRoutes();
      await applyPauses();
      await applyHolds();
      return REFRESH_MS;
    };
    background(repeat(lookForWork, 'deliver.no_look'), 'deliver.failed');
    background(repeat(refresh, 'deliver.not_refreshed'), 'deliver.failed');
    background(repeat(shareRates, 'deliver.not_counted'), 'deliver.failed');
  };

  /** How many newborn deliveries of an account to lease and offer; the rest is better left due, for a claim. */
  const room = (account: string): number => (running ? (lanes.get(account)?.room() ?? 0) : 0);

  /**
   * Takes over deliveries that were born leased until `lease_until`, and answers how many; the others are given back.
   * Nothing is sent before the event loop turns.
   */
  const offer = (deliveries: readonly Delivery[], lease_until: number): number => {
    const refused = deliveries.filter(
      (delivery) => !running || !lanes.get(delivery.account)?.offer(delivery, lease_until),
    );
    release(refused);
    return deliveries.length - refused.length;
  };

  /** Lifts a pause; a single request goes first. */
  const resume = async (account: string) => {
    await questions.resumeAccount(account);
    changes += 1;
    lanes.get(account)?.setPaused(undefined);
  };

  /**
   * Sends nothing more, waits up to `deadline` milliseconds for answers, cuts off the rest, writes all ends and gives
   * back what was not sent.
   */
  const stop = async ({ deadline }: { deadline: number }) => {
    halting.abort();
    const ended = Promise.all([...[...lanes.values()].map(closeLane), ...pending]);
    const patience = new AbortController();
    await Promise.race([ended, sleep(deadline, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    cutting.abort();
    await ended;
    await finisher.close();
    background(questions.removeSender(id), 'deliver.not_counted');
    await Promise.all(pending);
  };

  /** How each account stands, for pages and metrics. */
  const pauseState = (): LaneState[] => [...lanes.values()].map((lane) => lane.state());

  return { start, room, offer, resume, stop, pauseState };
};
