// What may be sent to an account now: nothing while people paused it, it asked to wait, or its breaker is open.
import type { Clock } from '../types.ts';
import type { Lesson } from './attempt.ts';
import {
  BREAKER_LIMITS,
  type BreakerLimits,
  CLOSED,
  failed,
  maySend,
  onProbation,
  started,
  unproven,
} from './breaker.ts';
import { PROBE_MS, shared, toTell } from './hold.ts';
import type { LaneState } from './lane-parts.ts';
import type { DeliveryQuestions, Hold, Route } from './questions.ts';
import { isHeld, waitAsked } from './schedule.ts';

export type GateParts = {
  account: string;
  takeProbe: DeliveryQuestions['takeProbe'];
  now: Clock;
  onPause: (route: Route, reason: string) => void;
  onHold: (account: string, hold: Hold | undefined) => void;
};

/** The limits that one of the routes names, and ours for what it leaves out. */
export const limitsOf = (routes: readonly Route[]): BreakerLimits => {
  const { breaker: own } = routes.find((route) => route.breaker !== undefined) ?? {};
  const { failures, first, most } = BREAKER_LIMITS;
  return { failures: own?.failures ?? failures, first: own?.first ?? first, most: own?.most ?? most };
};

export const createGate = ({ account, takeProbe, now, onPause, onHold }: GateParts) => {
  let limits = BREAKER_LIMITS;
  let breaker = CLOSED;
  let hasAnswered = false;
  let holdUntil = 0;
  /** What all who send know of the account. */
  let told: Hold | undefined;
  /** Until then it is ours to find out whether the account answers again. */
  let permit = 0;
  let paused: string | undefined;
  let halted = false;

  /** A wait that is over does not begin again when the clock is set back. */
  const mustWait = (at: number): boolean => {
    if (at >= holdUntil) holdUntil = 0;
    return isHeld(holdUntil, at);
  };
  const isOpen = (at: number): boolean =>
    !halted && paused === undefined && !mustWait(at) && maySend(breaker, at, limits);

  return {
    isOpen,
    /** Open, and no request must find out first whether the account answers. */
    isWideOpen: (at: number): boolean => isOpen(at) && breaker.state === 'closed',
    /** What waits is better given back: it will not be sent soon. One who halts gives back by itself. */
    isShut: (at: number): boolean => !halted && !isOpen(at),
    isProven: (): boolean => breaker.state === 'closed',
    isHalted: (): boolean => halted,
    /** How many requests may be under way at once: one that never answered gets no more than its breaker still forgives. */
    atOnce: (most: number): number =>
      hasAnswered || breaker.state !== 'closed'
        ? most
        : Math.min(most, Math.max(1, limits.failures - breaker.failures)),
    /** Must we be the one who finds out, and are not yet? */
    needsPermit: (at: number): boolean => breaker.state === 'open' && at >= permit,
    /** Answers whether nobody else is finding out. */
    askPermit: async (at: number): Promise<boolean> => {
      const until = at + PROBE_MS;
      if (!(await takeProbe({ account, now: at, until, most: limits.most }))) return false;
      permit = until;
      return true;
    },
    /** A request begins. */
    begin: () => {
      breaker = started(breaker);
    },
    /** A request ended, and all may have to hear what it taught. */
    learn: (route: Route, { answered, after, pause }: Lesson, at: number) => {
      const before = breaker;
      if (answered === undefined) breaker = unproven(breaker, at);
      else breaker = answered ? CLOSED : failed(breaker, at, limits);
      if (answered !== undefined) permit = 0;
      hasAnswered ||= answered === true;
      const wait = waitAsked(after);
      // A time to wait for that nobody asked for would hold everything up once the clock is set back.
      if (wait > 0) holdUntil = Math.max(holdUntil, at + wait);
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
    },
    setLimits: (next: BreakerLimits) => {
      limits = next;
    },
    setPaused: (reason: string | undefined) => {
      if (paused !== undefined && reason === undefined) breaker = onProbation(now());
      paused = reason;
    },
    /** What is known of the account by now. */
    setHold: (hold: Hold | undefined) => {
      if (now() >= permit) breaker = shared(breaker, hold, told);
      if (hold?.trips === 0 && hold.until !== told?.until) holdUntil = Math.max(holdUntil, hold.until);
      told = hold;
    },
    halt: () => {
      halted = true;
    },
    state: (): Pick<LaneState, 'paused' | 'breaker' | 'hold_until'> => ({
      ...(paused !== undefined && { paused }),
      breaker,
      hold_until: holdUntil,
    }),
  };
};
