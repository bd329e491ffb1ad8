// A deliverer with a clock that tests move, a table in memory, and real HTTP.
import { afterEach, expect } from 'vitest';
import { createDeliverer } from '../../src/deliver/deliverer.ts';
import { createHttp } from '../../src/deliver/http.ts';
import type { DeliveryQuestions, Route } from '../../src/deliver/questions.ts';
import type { Event } from '../../src/event.ts';
import type { Delivery, Destination, Refusal } from '../../src/types.ts';
import { tinyDestination } from './deliver-destination.ts';
import { createMemoryQuestions } from './deliver-questions.ts';
import { startReceiver } from './deliver-receiver.ts';
import { soon } from './soon.ts';

export const START = Date.parse('2026-03-02T10:00:00Z');

/** Counted over all rigs: several of them may work on one table. */
let leases = 0;

type Line = { level: 'info' | 'warn' | 'error'; message: string; fields: object };

/** `answer` replaces some of the answers of the table; waits are the `random` share of the longest. */
export const createRig = (
  initial: Route[] = [],
  answer: (questions: DeliveryQuestions) => Partial<DeliveryQuestions> = () => ({}),
  random = () => 1,
) => {
  const memory = createMemoryQuestions();
  const questions = { ...memory.questions, ...answer(memory.questions) };
  const clock = { at: START };
  const lines: Line[] = [];
  const write = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  const http = createHttp({ allowPrivate: true });
  const halting = new AbortController();
  let routes = initial;
  let routesRead = 0;
  let looks = 0;
  const refusals = new Map<string, Refusal>();
  const deliverer = createDeliverer({
    questions: {
      ...questions,
      findDueAccounts: () => {
        looks += 1;
        return questions.findDueAccounts();
      },
    },
    http,
    routes: () => {
      routesRead += 1;
      return routes;
    },
    refusal: async ({ name }) => refusals.get(name),
    now: () => clock.at,
    random,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    newLeaseId: () => `lease-${++leases}`,
    signal: halting.signal,
  });
  return {
    ...memory,
    deliverer,
    lines,
    clock,
    /** Tells it that it will be stopped. */
    halt: () => halting.abort(),
    /** Why the store keeps events from a destination, by its name. */
    refusals,
    setRoutes: (next: Route[]) => {
      routes = next;
    },
    /** How often due accounts were asked for, and the routes read. */
    looks: () => looks,
    routesRead: () => routesRead,
    state: (account: string) => deliverer.laneStates().find((lane) => lane.account === account),
    close: async () => {
      await deliverer.stop({ deadline: 0 });
      await http.close();
    },
  };
};
export type Rig = ReturnType<typeof createRig>;

export const routeTo = (account: string, destination: Destination, changes: Partial<Route> = {}): Route => ({
  store: 'demo',
  name: account,
  account,
  destination,
  settings: {},
  ...changes,
});

export const deliveryTo = (
  account: string,
  id: string,
  changes: Partial<Delivery> = {},
  event: Partial<Event> = {},
): Delivery => ({
  event_id: id,
  destination: account,
  copy: 0,
  store: 'demo',
  account,
  attempts: 0,
  created_at: START,
  lease_id: '',
  event: { name: 'purchase', event_time: new Date(START).toISOString(), transaction_id: id, ...event },
  ...changes,
});

type Answers = Parameters<typeof createRig>[1];

/** Receivers and started rigs that end with their test. */
export const useRigs = () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const rigWith = async (routes: Route[], answers?: Answers, random?: () => number): Promise<Rig> => {
    const rig = createRig(routes, answers, random);
    cleanups.push(rig.close);
    await rig.deliverer.start();
    return rig;
  };
  return {
    receiver: async (...answer: Parameters<typeof startReceiver>) => {
      const started = await startReceiver(...answer);
      cleanups.push(started.close);
      return started;
    },
    rigWith,
    /** One account, `x`, with one destination. */
    rigFor: (url: string, destination: Partial<Destination> = {}, route: Partial<Route> = {}) =>
      rigWith([routeTo('x', tinyDestination(url, destination), route)]),
  };
};

export const addMany = (rig: Rig, account: string, count: number) => {
  for (let n = 0; n < count; n++) rig.add(deliveryTo(account, `${account}${n}`));
};

/** Lets the deliverer look for work several times. */
export const looks = async (rig: Rig, times = 3) => {
  const before = rig.looks();
  await soon(() => expect(rig.looks()).toBeGreaterThanOrEqual(before + times));
};
