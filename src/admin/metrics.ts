// Prometheus metrics: what was received, how deliveries ended, what waits, and how the process feels. No personal data.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Keep } from '../keep/keep.ts';
import type { Tallied } from '../lib/meter.ts';
import type { Clock } from '../types.ts';

/** `countOpen` is to be shared by all who ask, see `createFresh`: the gauges ask at every scrape. */
export type MetricsParts = { countOpen: Keep['countOpen']; now: Clock };

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const byAge = (a: { oldest: number }, b: { oldest: number }): number => b.oldest - a.oldest;

function createGauges(registry: Registry, { countOpen, now }: MetricsParts) {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const hooks = gauge('tagbridge_hooks_open', 'Hooks that are kept, waiting or stuck', ['store', 'source', 'state']);
  const waiting = gauge('tagbridge_deliveries_waiting', 'Deliveries that are not finished', ['store', 'destination']);
  const oldest = gauge('tagbridge_oldest_waiting_seconds', 'Age of the oldest delivery that is not finished', [
    'store',
    'destination',
  ]);
  return async (): Promise<void> => {
    const counts = await countOpen();
    for (const one of [hooks, waiting, oldest]) one.reset();
    for (const row of counts.hooks) hooks.set({ store: row.store, source: row.source, state: row.state }, row.hooks);
    // A destination has deliveries for several accounts after a change of its settings: the oldest is set last.
    for (const { store, destination, deliveries, oldest: since } of counts.deliveries.toSorted(byAge)) {
      waiting.inc({ store, destination }, deliveries);
      oldest.set({ store, destination }, (now() - since) / 1000);
    }
  };
}

export function createMetrics(parts: MetricsParts) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const received = new Counter({
    name: 'tagbridge_hooks_received_total',
    help: 'Requests on the hook port by outcome: kept, duplicate, handshake, refused, not_kept',
    labelNames: ['store', 'source', 'outcome', 'reason'],
    registers: [registry],
  });
  const attempts = new Counter({
    name: 'tagbridge_attempts_total',
    help: 'Delivery attempts by outcome',
    labelNames: ['store', 'destination', 'outcome'],
    registers: [registry],
  });
  const commit = new Histogram({
    name: 'tagbridge_commit_seconds',
    help: 'Time of one group commit of hooks',
    buckets: SECONDS,
    registers: [registry],
  });
  const answer = new Histogram({
    name: 'tagbridge_answer_seconds',
    help: 'Time until a hook request was answered',
    buckets: SECONDS,
    registers: [registry],
  });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'tagbridge_event_loop_delay_p99_seconds',
    help: 'Event loop delay of the receiving thread since the last scrape',
    registers: [registry],
    collect() {
      this.set(delay.percentile(99) / 1e9);
      delay.reset();
    },
  });
  const refreshGauges = createGauges(registry, parts);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');

  return {
    /** Hears the fields of `hook.received`. */
    hear: (message: string, fields: Readonly<Record<string, unknown>>): void => {
      if (message !== 'hook.received') return;
      const { store, source, outcome, reason, ms } = fields;
      received.inc({
        store: text(store),
        source: text(source),
        outcome: text(outcome),
        reason: outcome === 'refused' ? knownReason(text(reason)) : '',
      });
      if (typeof ms === 'number') answer.observe(ms / 1000);
    },
    /** Sums of attempts from a work thread: store, destination, outcome. */
    addAttempts: (tallied: Tallied): void => {
      for (const {
        key: [store = '', destination = '', outcome = ''],
        count,
      } of tallied)
        attempts.inc({ store, destination, outcome }, count);
    },
    observeCommit: (ms: number): void => commit.observe(ms / 1000),
    contentType: registry.contentType,
    text: async (): Promise<string> => {
      await refreshGauges();
      return registry.metrics();
    },
  };
}
export type Metrics = ReturnType<typeof createMetrics>;

/** Few values only: a label must not grow with what senders send. */
const knownReason = (reason: string): string => (/^(method|content type|body)$/.test(reason) ? reason : 'signature');
