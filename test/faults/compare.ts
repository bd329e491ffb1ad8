// Sets, not counters: what the ledger says was acknowledged against what the receivers' own record says has arrived.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { splitId, WANTED } from './hooks.ts';

export type Comparison = {
  sent: number;
  acknowledged: number;
  /** Hook and destination of what was acknowledged and has not arrived, nor ended in a way that is shown. */
  lost: string[];
  /** Pairs of acknowledged hook and destination that have arrived. */
  delivered: number;
  /** Arrivals beyond the first, under the same id: the vendor counts them once. */
  duplicates: number;
  /** Arrivals that were counted twice: under two ids, or where the vendor does not deduplicate. */
  countedTwice: string[];
  /** Those that ended otherwise and say why, such as `may have arrived`. */
  shown: number;
  /** The longest time from acknowledgement to arrival, in ms. */
  worstMs: number;
  /** That time of each arrival, and when its hook was acknowledged; empty unless asked for. */
  delays: { destination: string; at: number; ms: number }[];
};

type Arrival = { count: number; ids: Set<string>; first: number };
/** Google does not deduplicate refunds, neither those it gets itself nor those that a container passes on. */
const REPEATS_COUNT = new Set(['ga4 refund', 'sgtm refund']);

async function* linesOf(path: string): AsyncGenerator<string[]> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield line.split(' ');
}

async function readLedger(path: string) {
  const sent = new Set<string>();
  const acknowledged = new Map<string, number>();
  for await (const [kind, id = '', at, status] of linesOf(path)) {
    if (kind === 'S') sent.add(id);
    else if (kind === 'A' && status?.startsWith('2') && !acknowledged.has(id)) acknowledged.set(id, Number(at));
  }
  return { sent, acknowledged };
}

async function readArrivals(path: string): Promise<Map<string, Arrival>> {
  const arrivals = new Map<string, Arrival>();
  for await (const [destination, name, id = '', order, at] of linesOf(path)) {
    const key = `${destination} ${name} ${order}`;
    const arrival = arrivals.get(key) ?? { count: 0, ids: new Set(), first: Number(at) };
    arrival.count += 1;
    arrival.ids.add(id);
    arrivals.set(key, arrival);
  }
  return arrivals;
}

/** Compares the two records. `ended` names deliveries that say they ended otherwise, as `<destination> <event name> <order>`. */
export async function compare({
  ledger,
  record,
  ended,
  destinations = ['ga4', 'meta', 'sgtm'],
  delays = false,
}: {
  ledger: string;
  record: string;
  ended: ReadonlySet<string>;
  destinations?: readonly string[];
  delays?: boolean;
}): Promise<Comparison> {
  const { sent, acknowledged } = await readLedger(ledger);
  const arrivals = await readArrivals(record);
  const result: Comparison = {
    sent: sent.size,
    acknowledged: acknowledged.size,
    lost: [],
    delivered: 0,
    duplicates: 0,
    countedTwice: [],
    shown: 0,
    worstMs: 0,
    delays: [],
  };
  for (const [id, at] of acknowledged) {
    const { kind, order } = splitId(id);
    for (const [destination, name] of Object.entries(WANTED[kind])) {
      if (!destinations.includes(destination)) continue;
      const key = `${destination} ${name} ${order}`;
      const arrival = arrivals.get(key);
      if (arrival !== undefined) {
        result.delivered += 1;
        const ms = arrival.first - at;
        result.worstMs = Math.max(result.worstMs, ms);
        if (delays) result.delays.push({ destination, at, ms });
      } else if (ended.has(key.toLowerCase())) result.shown += 1;
      else result.lost.push(`${id} at ${destination}`);
    }
  }
  for (const [key, { count, ids }] of arrivals) {
    const [destination, name] = key.split(' ');
    result.duplicates += count - 1;
    if (ids.size > 1 || (count > 1 && REPEATS_COUNT.has(`${destination} ${name}`))) result.countedTwice.push(key);
  }
  return result;
}
