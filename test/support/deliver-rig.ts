// A deliverer with a clock that tests move, a table in memory, and real HTTP.
import { createDeliverer } from '../../src/deliver/deliverer.ts';
import { createHttp } from '../../src/deliver/http.ts';
import type { Route } from '../../src/deliver/questions.ts';
import type { Event } from '../../src/event.ts';
import type { Delivery, Destination } from '../../src/types.ts';
import { createMemoryQuestions } from './deliver-questions.ts';

export const START = Date.parse('2026-03-02T10:00:00Z');

type Line = { level: 'info' | 'warn' | 'error'; message: string; fields: object };

export const createRig = (initial: Route[] = []) => {
  const memory = createMemoryQuestions();
  const clock = { at: START };
  const lines: Line[] = [];
  const write = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  const http = createHttp({ allowPrivate: true });
  let routes = initial;
  let routesRead = 0;
  let leases = 0;
  let looks = 0;
  let broken = () => false;
  const { findDueAccounts, finishDeliveries } = memory.questions;
  const deliverer = createDeliverer({
    questions: {
      ...memory.questions,
      findDueAccounts: () => {
        looks += 1;
        return findDueAccounts();
      },
      finishDeliveries: (completions) =>
        broken() ? Promise.reject(new Error('disk full')) : finishDeliveries(completions),
    },
    http,
    routes: () => {
      routesRead += 1;
      return routes;
    },
    now: () => clock.at,
    random: () => 1,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    newLeaseId: () => `lease-${++leases}`,
    signal: new AbortController().signal,
  });
  return {
    ...memory,
    deliverer,
    lines,
    clock,
    setRoutes: (next: Route[]) => {
      routes = next;
    },
    /** How often due accounts were asked for, and the routes read. */
    looks: () => looks,
    routesRead: () => routesRead,
    /** Makes the writing of ends fail while `when` holds. */
    breakFinish: (when: () => boolean) => {
      broken = when;
    },
    state: (account: string) => deliverer.pauseState().find((lane) => lane.account === account),
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
