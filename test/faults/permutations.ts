// F29: the hooks of one order in every order of arrival, on the real road and store, with a clock that is moved by hand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeep } from '../../src/keep/keep.ts';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createComplete } from '../../src/road/complete.ts';
import { dedupeKeys } from '../../src/road/hook-keys.ts';
import type { Hook, VerifiedHook } from '../../src/types.ts';
import { digestTo } from '../support/digest.ts';
import { fromShopify, lampOrder, lampRefund } from '../support/hooks.ts';
import { buildStore } from '../support/stores.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
/** The clock moves on from order to order, and each is as old as the others when its hooks come. */
const AGE_MS = 30 * MINUTE;
const PATIENCE_MS = 11 * MINUTE;

type Arrival = { topic: string; body: object };

/** Everything that happens to one order: made, paid, edited, paid back in two parts, cancelled. */
function story(order: number, ordered: number): Arrival[] {
  const time = new Date(ordered).toISOString();
  const at = { created_at: time, processed_at: time };
  const body = (over: object) => lampOrder(order, { ...at, ...over });
  const refund = (id: number, amount: string) => ({
    ...lampRefund(order * 10 + id, order),
    ...at,
    refund_line_items: [],
    transactions: [{ kind: 'refund', status: 'success', amount, currency: 'EUR', test: false }],
  });
  const cancelled = { financial_status: 'refunded', cancelled_at: time };
  return [
    { topic: 'orders/create', body: body({ financial_status: 'pending', updated_at: '1' }) },
    { topic: 'orders/updated', body: body({ financial_status: 'paid', updated_at: '2' }) },
    { topic: 'orders/paid', body: body({ financial_status: 'paid', updated_at: '3' }) },
    { topic: 'refunds/create', body: refund(1, '60.50') },
    { topic: 'refunds/create', body: refund(2, '30.25') },
    { topic: 'orders/updated', body: body({ financial_status: 'partially_refunded', updated_at: '4' }) },
    { topic: 'orders/cancelled', body: body({ ...cancelled, updated_at: '5' }) },
    { topic: 'orders/updated', body: body({ ...cancelled, updated_at: '6' }) },
  ];
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const rest = [...list];
  return list.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}

/** A generator of numbers that gives the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The road from kept hook to open deliveries, with a store in `folder`. */
async function createRoad(folder: string) {
  const sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  const keep = createKeep({ db: sqlite.db, vault: plainVault });
  const store = await buildStore('shopify', { consent: { default: 'granted' } });
  const clock = { at: START };
  const now = () => clock.at;
  const digest = digestTo({
    stores: { get: (name) => (name === store.name ? store : undefined) },
    keep,
    complete: createComplete({ lookups: { ask: async () => ({ lacks: 'nobody is asked' }) }, keep, now }),
    comply: async () => ({ reason: 'nobody asks for anything', forget_body: false }),
    now,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const arrive = async ({ topic, body }: Arrival): Promise<void> => {
    const { headers, body: text } = fromShopify(body, topic);
    const hook: Hook = {
      id: newId(),
      store: store.name,
      source: 'shopify',
      received_at: clock.at,
      headers,
      body: Buffer.from(text),
    };
    // Verifying is another test's business.
    const row: NewHook = { hook: hook as VerifiedHook, keys: dedupeKeys(hook, topic, undefined), due_at: clock.at };
    await keep.keepHooks([row]);
    await work();
  };
  /** Digests what is due. */
  const work = async (): Promise<void> => {
    for (;;) {
      const lease_id = newId();
      const claimed = await keep.claimHooks({ now: clock.at, lease_until: clock.at + MINUTE, lease_id, limit: 100 });
      if (claimed.length === 0) return;
      await digest(claimed, lease_id);
    }
  };
  /** What goes where, without ids and times of our own. */
  const outcome = async (order: number, ordered: number): Promise<string> => {
    const { events } = await keep.findTrace({ store: store.name, order_id: String(order) });
    const lines = events.flatMap(({ name, event_time, deliveries }) =>
      deliveries.map(({ destination }) => `${destination} ${name} ${Date.parse(event_time) - ordered} ms after it`),
    );
    const [entry] = await keep.findOrders(store.name, [String(order)]);
    const worth = JSON.stringify([entry?.event?.value, entry?.event?.client_id, entry?.event?.gclid]);
    return [worth, ...lines.sort()].join('\n');
  };
  return { arrive, work, outcome, clock, close: sqlite.close };
}

/** Answers how often each end came about; there should be one. */
export async function permute(count: number, seed: number): Promise<Map<string, { times: number; example: string[] }>> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-permutations-'));
  const road = await createRoad(folder);
  const random = seeded(seed);
  const ends = new Map<string, { times: number; example: string[] }>();
  for (let index = 0; index < count; index++) {
    const order = 5_000_000 + index;
    const ordered = road.clock.at - AGE_MS;
    const arrivals = shuffled(story(order, ordered), random);
    for (const arrival of arrivals) {
      await road.arrive(arrival);
      road.clock.at += Math.floor(random() * 20_000);
    }
    road.clock.at += PATIENCE_MS;
    await road.work();
    const end = await road.outcome(order, ordered);
    const example = arrivals.map(({ topic, body }) => `${topic} ${'updated_at' in body ? body.updated_at : ''}`.trim());
    const known = ends.get(end) ?? { times: 0, example };
    ends.set(end, { ...known, times: known.times + 1 });
  }
  await road.close();
  await rm(folder, { recursive: true, force: true });
  return ends;
}
