// `npm run bench -- --postgres`: what one PostgreSQL takes: hooks kept, deliveries claimed and finished, and with millions waiting.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createBatcher } from '../../src/keep/batch.ts';
import type { NewHook } from '../../src/keep/hooks.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openPostgres } from '../../src/keep/postgres.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { makeStandby, type Server, startPostgres } from '../support/postgres.ts';
import { median } from './stats.ts';

const ROUNDS = 5;
const ROUND_MS = 2_000;
const AT_ONCE = 64;
/** The mean of shops' order hooks, compressed as they lie on disk. */
const BODY = randomBytes(6_000);
const BATCH = 500;
const DUE = 20_000;
const WAITING = 2_000_000;
const LEASE_MS = 60_000;
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB' };
const EVENT = Buffer.concat([Buffer.of(0), Buffer.from(JSON.stringify({ name: 'purchase', filler: 'x'.repeat(700) }))]);

const makeHook = (): NewHook => ({
  hook: {
    id: newId(),
    store: 'demo',
    source: 'shop',
    received_at: Date.now(),
    headers: { 'content-type': 'application/json', 'x-shopify-topic': 'orders/paid' },
    body: BODY,
  },
  keys: { body: randomBytes(16), delivery: randomBytes(16) },
  due_at: Date.now() + LEASE_MS,
  lease_id: 'bench',
});

/** Runs `one` by `AT_ONCE` at the same time; answers how often per second it ended. */
async function rateOf(one: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let count = 0;
  const work = async (): Promise<void> => {
    for (; performance.now() - began < ROUND_MS; count++) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return (count / (performance.now() - began)) * 1_000;
}

type Rows = NewHook[];
const valuesOf = ({ hook, keys }: NewHook) => [
  hook.id,
  hook.store,
  hook.source,
  hook.received_at,
  Buffer.from(keys.body),
  Buffer.from(keys.delivery ?? keys.body),
  hook.body,
];
const TYPES = ['text', 'text', 'text', 'bigint', 'bytea', 'bytea', 'bytea'];
const COLUMNS = 'id, store, source, received_at, body_key, delivery_key';

/** The same rows by one insert of many rows, prepared per size of the batch; and by `unnest` of arrays. */
function otherWays(client: Client): Record<string, (hooks: Rows) => Promise<string[]>> {
  const run = async (name: string, text: string, values: unknown[], hooks: Rows): Promise<string[]> => {
    await client.query({ name, text, values });
    return hooks.map(() => 'kept');
  };
  const insert = (given: string): string => `
    with given (${COLUMNS}, body) as (${given}),
    kept as (insert into hooks (${COLUMNS}, state, attempts) select ${COLUMNS}, 'kept', 1 from given
      on conflict do nothing returning id)
    insert into hook_bodies (hook_id, headers, body) select given.id, given.body_key, given.body
    from given join kept on kept.id = given.id`;
  return {
    'one insert of many rows': (hooks) => {
      const rows = hooks.map((_, row) => `(${TYPES.map((type, at) => `$${row * 7 + at + 1}::${type}`).join(', ')})`);
      return run(`many${hooks.length}`, insert(`values ${rows.join(', ')}`), hooks.flatMap(valuesOf), hooks);
    },
    unnest: (hooks) => {
      const all = hooks.map(valuesOf);
      const arrays = TYPES.map((type, at) => `$${at + 1}::${type}[]`).join(', ');
      const columns = TYPES.map((_, at) => all.map((row) => row[at]));
      return run('unnest', insert(`select * from unnest(${arrays})`), columns, hooks);
    },
  };
}

/** Hooks kept per second, by way; the ways take turns. */
async function measureKeeping(keep: Keep, url: string): Promise<Record<string, number[]>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const ways = { 'statements in one message (ours)': (hooks: Rows) => keep.keepHooks(hooks), ...otherWays(client) };
  const rates: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const keepOne = createBatcher(async (hooks: Rows): Promise<string[]> => way(hooks));
      rates[name] = [...(rates[name] ?? []), await rateOf(() => keepOne(makeHook()))];
    }
  }
  await client.end();
  return rates;
}

/** Makes events with one delivery each, due from `due` on. */
async function addDeliveries(url: string, name: string, count: number, due: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const id = "$1 || lpad(n::text, 12, '0')";
  await client.query(
    `insert into events (id, hook_id, store, key, name, event_time, created_at, body)
     select ${id}, 'bench', 'demo', $1 || n, 'purchase', '', 1, $2 from generate_series(1, $3::int) as n`,
    [name, EVENT, count],
  );
  await client.query(
    `insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at)
     select ${id}, 'ga4', 0, 'demo', 'ga4', 0, 1, $2::bigint + n from generate_series(1, $3::int) as n`,
    [name, due, count],
  );
  await client.end();
}

/** Deliveries claimed and finished per second by `workers` at the same time. */
async function drainRate(keep: Keep, workers: number): Promise<number> {
  const began = performance.now();
  let count = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const now = Date.now();
      const claim = { account: 'ga4', now, lease_until: now + LEASE_MS, lease_id: newId(), limit: BATCH };
      const claimed = await keep.claimDeliveries(claim);
      if (claimed.length === 0) return;
      const attempt = { at: now, ms: 5, status: 204, kind: 'delivered' as const };
      await keep.finishDeliveries(claimed.map((delivery) => ({ delivery, attempt })));
      count += claimed.length;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return (count / (performance.now() - began)) * 1_000;
}

async function measureDraining(keep: Keep, url: string, what: string): Promise<number[]> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await addDeliveries(url, `${what}${round}-`, DUE, Date.now() - 3_600_000);
    rates.push(await drainRate(keep, 4));
  }
  return rates;
}

const line = (what: string, unit: string, rates: readonly number[]): string =>
  `| ${what} | ${Math.round(median([...rates])).toLocaleString('en')} | ${Math.round(Math.max(...rates)).toLocaleString('en')} | ${unit} |`;

/** Two servers, the second one the synchronous standby of the first. */
async function startPair(): Promise<Server[]> {
  const primary = await startPostgres(SETTINGS);
  const standby = await makeStandby(primary, SETTINGS);
  await standby.start();
  await primary.query("alter system set synchronous_standby_names = 'standby'");
  await primary.query('select pg_reload_conf()');
  return [standby, primary];
}

/** Measures on servers of its own and prints a table. */
export async function benchPostgres(say: (text: string) => void): Promise<void> {
  const lines = ['| what | median | best | |', '|---|---:|---:|---|'];
  const servers = [await startPostgres(SETTINGS), ...(await startPair())];
  try {
    const [alone, , primary] = servers;
    const url = (await alone?.makeDatabase()) ?? '';
    const { db, close } = await openPostgres(url);
    const keep = createKeep({ db, vault: plainVault });
    say('keeping hooks in three ways …');
    for (const [name, rates] of Object.entries(await measureKeeping(keep, url)))
      lines.push(line(`keep: ${name}`, 'hooks/s', rates));
    say('claiming and finishing deliveries …');
    lines.push(line('claim and finish, nothing else waits', 'deliveries/s', await measureDraining(keep, url, 'a')));
    say(`the same while ${WAITING} wait …`);
    await addDeliveries(url, 'w', WAITING, Date.now() + 86_400_000);
    lines.push(line('claim and finish, 2 million wait', 'deliveries/s', await measureDraining(keep, url, 'b')));
    await close();

    say('keeping hooks with a synchronous standby …');
    const pair = await openPostgres((await primary?.makeDatabase()) ?? '');
    const both = createKeep({ db: pair.db, vault: plainVault });
    const keepOne = createBatcher((hooks: Rows) => both.keepHooks(hooks));
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rates.push(await rateOf(() => keepOne(makeHook())));
    lines.push(line('keep: ours, on two machines before the answer', 'hooks/s', rates));
    await pair.close();
    say(`\n${lines.join('\n')}\n`);
  } finally {
    for (const server of servers) await server.close();
  }
}
