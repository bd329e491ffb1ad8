// `npm run bench -- --visits`: what joining an event costs behind a million identities, and how many visits are taken in.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from '../../src/keep/identity-key.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import type { NewVisit } from '../../src/keep/questions/identities.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Store } from '../../src/map/files/load.ts';
import type { MapResult } from '../../src/map/map.ts';
import { createRecall, meetVisit } from '../../src/road/visits.ts';
import { buildStore } from '../support/stores.ts';
import type { LoadAsk, LoadResult } from './load.ts';
import { type Helper, startHelper, stopAll } from './processes.ts';
import { type Service, SHOP, serve } from './service.ts';
import { median, quantile } from './stats.ts';
import { ORIGIN } from './visit-posts.ts';

/** Each is found by four keys. */
const VISITORS = 250_000;
const TOGETHER = 1_000;
const EVENTS = 20_000;
const BATCH = 100;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const WARM_UP_MS = 3_000;
const CONNECTIONS = 64;
const DAY = 86_400_000;

type Say = (text: string) => void;

const emailOf = (number: number) => `buyer${number}@example.com`;

function visitOf(number: number, now: number): NewVisit {
  const at = now - (number % 1_000) * 60_000;
  const client_id = `${1_000_000_000 + number}.1764792191`;
  return {
    visitor: identityOf('shop', 'visitor_id', `visitor-${number}`),
    id: 'v1',
    visit: {
      started_at: at,
      seen_at: at,
      fields: { client_id, gclid: `Cj0KCQiA-${number}`, fbp: `fb.1.${at}.${number}`, page_location: `${ORIGIN}/lamps` },
      seen: {},
    },
    expires_at: now + 90 * DAY,
    identities: [
      identityOf('shop', 'client_id', client_id),
      identityOf('shop', 'checkout_token', `checkout-${number}`),
      identityOf('shop', 'email_address', emailOf(number)),
    ],
  };
}

async function fill(keep: Keep, now: number): Promise<void> {
  for (let from = 0; from < VISITORS; from += TOGETHER)
    await keep.keepVisits(Array.from({ length: TOGETHER }, (_, index) => visitOf(from + index, now)));
}

const made = (number: number, now: number): MapResult => ({
  topic: undefined,
  verdict: 'mapped',
  uncounted: [],
  events: [
    {
      key: `purchase:${number}`,
      event: {
        name: 'purchase',
        event_time: new Date(now).toISOString(),
        order_id: String(number),
        channel: 'online',
        user_data: { email_address: emailOf(number) },
      },
      tokens: { checkout_token: `checkout-${number}` },
    },
  ],
});

type Costs = { alone: number[]; together: number[]; joined: number };

/** Milliseconds that each event was held up by its join: alone, and with others of a batch. */
async function measureJoin(keep: Keep, store: Store, now: number): Promise<Costs> {
  const recall = createRecall(keep, new Map([['shop', store]]), () => now);
  let joined = 0;
  const join = async (size: number): Promise<number> => {
    const batch = Array.from({ length: size }, () => ({
      hook: { store: 'shop' },
      mapped: made(Math.floor(Math.random() * VISITORS), now),
    }));
    const began = performance.now();
    const recalled = await recall(batch);
    for (const { mapped } of batch)
      for (const event of mapped.events)
        if (meetVisit(event, store, recalled, { now, age: 0 }).event.gclid !== undefined) joined += 1;
    return (performance.now() - began) / size;
  };
  for (let warm = 0; warm < 500; warm++) await join(1);
  joined = 0;
  const alone: number[] = [];
  const together: number[] = [];
  while (alone.length < EVENTS) alone.push(await join(1));
  while (together.length * BATCH < EVENTS) together.push(await join(BATCH));
  return { alone, together, joined };
}

async function benchJoin(folder: string, say: Say): Promise<void> {
  const sqlite = await openSqlite({ path: join(folder, 'join.db') });
  try {
    const keep = createKeep({ db: sqlite.db, vault: plainVault });
    const store = await buildStore('shopify', { visits: { origins: [ORIGIN] } });
    const now = Date.now();
    say(`${(VISITORS * 4).toLocaleString('en-US')} identities of ${VISITORS.toLocaleString('en-US')} visitors …`);
    const began = performance.now();
    await fill(keep, now);
    say(`  kept in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    const { alone, together, joined } = await measureJoin(keep, store, now);
    if (joined !== 2 * EVENTS) throw new Error(`${joined} of ${2 * EVENTS} events were joined`);
    for (const [what, costs] of [
      ['one event after the other', alone],
      [`${BATCH} events together, each`, together],
    ] as const) {
      const sorted = costs.toSorted((a, b) => a - b);
      const [p50, p99] = [0.5, 0.99].map((share) => quantile(sorted, share).toFixed(3));
      say(`join, ${what}: p50 ${p50} ms, p99 ${p99} ms (under 1 ms)`);
    }
  } finally {
    await sqlite.close();
  }
}

const TICKS_PER_SECOND = 100;

/** Processor time of a process so far, in seconds; undefined where the system does not tell. */
async function processorTime(pid: number | undefined): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program, in brackets, may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function round(load: Helper<LoadAsk, LoadResult>, { port, pid }: Service, ms: number) {
  const before = await processorTime(pid);
  const result = await load.ask({ run: { port, ms, connections: CONNECTIONS, visits: true } });
  const after = await processorTime(pid);
  const { acknowledged, statuses, seconds, p99 } = result;
  if (Object.keys(statuses).some((status) => status !== '204'))
    throw new Error(`visits were answered with ${JSON.stringify(statuses)}`);
  const spent = before === undefined || after === undefined ? Number.NaN : after - before;
  return { perSecond: acknowledged / seconds, micros: (spent / acknowledged) * 1e6, p99 };
}

async function benchCapture(folder: string, say: Say): Promise<void> {
  const load = await startHelper<LoadAsk, LoadResult, string>('load.ts');
  const service = await serve(folder, [{ ...SHOP, visits: { origins: [ORIGIN] } }]);
  await round(load, service, WARM_UP_MS);
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round(load, service, ROUND_MS));
  const middle = (of: (one: (typeof rounds)[number]) => number) => median(rounds.map(of));
  say(
    `visits taken in: ${Math.round(middle(({ perSecond }) => perSecond)).toLocaleString('en-US')} posts/s (2,000 or more), p99 ${middle(({ p99 }) => p99).toFixed(0)} ms, ${Math.round(middle(({ micros }) => micros))} µs of processor time each`,
  );
  await service.stop();
}

/** Measures in a folder of its own under `dir`, whose disk is part of what is measured. */
export async function benchVisits(say: Say, dir: string = tmpdir()): Promise<void> {
  const folder = await mkdtemp(join(dir, 'tagbridge-bench-'));
  try {
    await benchCapture(join(folder, 'capture'), say);
    await benchJoin(folder, say);
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}
