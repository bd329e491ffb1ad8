// Prometheus metrics: what was received, how deliveries ended, what waits, and how the process feels. No personal data.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Keep } from '../keep/keep.ts';
import type { Tallied } from '../lib/meter.ts';
import type { Clock } from '../types.ts';

/** A source that is compared with what its shop lists: when it last was to the end, if ever, and what was fetched in 24 hours. */
export type ComparedSource = {
  store: string;
  source: string;
  done_at: number | undefined;
  failed: boolean;
  fetched: number;
};

/** `countOpen` is to be shared by all who ask, see `createFresh`: the gauges ask at every scrape. */
export type MetricsParts = {
  countOpen: Keep['countOpen'];
  readCompared: () => Promise<ComparedSource[]>;
  now: Clock;
  /** Hears why gauges are not told. */
  onError: (error: unknown) => void;
};

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const byAge = (a: { oldest: number }, b: { oldest: number }): number => b.oldest - a.oldest;

type MakeGauge = (name: string, help: string, labelNames: string[]) => Gauge;

/** What cannot be read is not told, nor as it was before: the counters are wanted most while the database is away. */
async function renew<T>(
  read: () => Promise<T>,
  gauges: Gauge[],
  tell: (read: T) => void,
  onError: (error: unknown) => void,
) {
  const given = await read().catch((error: unknown) => void onError(error));
  for (const one of gauges) one.reset();
  if (given !== undefined) tell(given);
}

function createComparedGauges(gauge: MakeGauge, { readCompared, now, onError }: MetricsParts) {
  const labels = ['store', 'source'];
  const age = gauge('tagbridge_last_compared_seconds', 'Time since all that the shop lists was last compared', labels);
  const failed = gauge('tagbridge_comparison_failed', 'Whether the last comparison with the shop failed', labels);
  const fetched = gauge(
    'tagbridge_hooks_fetched',
    'Hooks fetched in 24 hours, because no webhook told of them',
    labels,
  );
  const tell = (compared: ComparedSource[]): void => {
    for (const { store, source, done_at, failed: hasFailed, fetched: hooks } of compared) {
      if (done_at !== undefined) age.set({ store, source }, (now() - done_at) / 1000);
      failed.set({ store, source }, Number(hasFailed));
      fetched.set({ store, source }, hooks);
    }
  };
  return (): Promise<void> => renew(readCompared, [age, failed, fetched], tell, onError);
}

function createGauges(registry: Registry, parts: MetricsParts) {
  const { countOpen, now, onError } = parts;
  const gauge: MakeGauge = (name, help, labelNames) => new Gauge({ name, help, labelNames, registers: [registry] });
  const refreshCompared = createComparedGauges(gauge, parts);
  const hooks = gauge('tagbridge_hooks_open', 'Hooks that are kept, waiting or stuck', ['store', 'source', 'state']);
  const waiting = gauge('tagbridge_deliveries_waiting', 'Deliveries that are not finished', ['store', 'destination']);
  const oldest = gauge('tagbridge_oldest_waiting_seconds', 'Age of the oldest delivery that is not finished', [
    'store',
    'destination',
  ]);
  const tell = (counts: Awaited<ReturnType<typeof countOpen>>): void => {
    for (const row of counts.hooks) hooks.set({ store: row.store, source: row.source, state: row.state }, row.hooks);
    // A destination has deliveries for several accounts after a change of its settings: the oldest is set last.
    for (const { store, destination, deliveries, oldest: since } of counts.deliveries.toSorted(byAge)) {
      waiting.inc({ store, destination }, deliveries);
      oldest.set({ store, destination }, (now() - since) / 1000);
    }
  };
  return async (): Promise<void> => {
    await Promise.all([renew(countOpen, [hooks, waiting, oldest], tell, onError), refreshCompared()]);
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
const REASONS = new Set(['method', 'content type', 'content encoding', 'body', 'too large', 'busy', 'cut off']);
const knownReason = (reason: string): string => (REASONS.has(reason) ? reason : 'signature');
