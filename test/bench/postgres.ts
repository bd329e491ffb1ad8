// `npm run bench -- --postgres`: what one PostgreSQL takes: hooks kept and acknowledged, deliveries claimed and finished, and with millions waiting.
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createBatcher } from '../../src/keep/batch.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openPostgres } from '../../src/keep/postgres/postgres.ts';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { makeStandby, type Server, startPostgres } from '../support/postgres.ts';
import type { LoadAsk, LoadResult } from './load.ts';
import { makeHook, type Way, waysToKeep } from './postgres-ways.ts';
import { type Helper, startHelper, stopAll } from './processes.ts';
import { usedBy, usedByServer } from './processor.ts';
import { type Service, SHOP, serve } from './service.ts';
import { median, medianRatio } from './stats.ts';

const ROUNDS = 5;
const ROUND_MS = 2_000;
const AT_ONCE = 64;
const BATCH = 500;
const DUE = 60_000;
const WAITING = 2_000_000;
const LEASE_MS = 60_000;
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB' };
const EVENT = Buffer.concat([Buffer.of(0), Buffer.from(JSON.stringify({ name: 'purchase', filler: 'x'.repeat(700) }))]);

/** How many per second, and the processor time of each in microseconds: of our process and of the server. */
type Round = { rate: number; ours: number; servers: number };
type Say = (text: string) => void;

async function measure(server: Server, pid: number | undefined, work: () => Promise<number>): Promise<Round> {
  const [began, ours, servers] = [performance.now(), usedBy(pid), usedByServer(server)];
  const count = await work();
  const seconds = (performance.now() - began) / 1_000;
  return {
    rate: count / seconds,
    ours: (usedBy(pid) - ours) / count,
    servers: (usedByServer(server) - servers) / count,
  };
}

/** `AT_ONCE` senders that each keep one hook after the other. */
async function keepFor(way: Way): Promise<number> {
  const keepOne = createBatcher((hooks: NewHook[]) => way(hooks));
  const end = performance.now() + ROUND_MS;
  let count = 0;
  const send = async (): Promise<void> => {
    for (; performance.now() < end; count++) await keepOne(makeHook());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  return count;
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
  // The server has written them, and knows how many there are, as if they had come over hours.
  if (count > DUE) await client.query('vacuum analyze');
  if (count > DUE) await client.query('checkpoint');
  await client.end();
}

/** Claims and finishes all that is due, by four at the same time. */
async function drain(keep: Keep): Promise<number> {
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
  await Promise.all(Array.from({ length: 4 }, work));
  return count;
}

const rates = (rounds: readonly Round[]) => rounds.map(({ rate }) => rate);

/** Of processor time the least round counts: whatever else the machine does only adds to it. */
function line(what: string, rounds: readonly Round[]): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const of = (pick: (round: Round) => number) => whole(Math.min(...rounds.map(pick)));
  return `| ${what} | ${whole(median(rates(rounds)))} /s | ${whole(Math.max(...rates(rounds)))} /s | ${of(({ ours }) => ours)} µs | ${of(({ servers }) => servers)} µs |`;
}

async function measureKeeping(server: Server, say: Say): Promise<string[]> {
  say('keeping hooks in three ways …');
  const url = await server.makeDatabase();
  const { db, close } = await openPostgres(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  const ways = Object.entries(waysToKeep(db, client)).map(([name, way]) => ({ name, way, rounds: [] as Round[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { way, rounds } of ways) rounds.push(await measure(server, process.pid, () => keepFor(way)));
  }
  await client.end();
  await close();
  return ways.map(({ name, rounds }) => line(`keep hooks, ${name}`, rounds));
}

/** Two databases take turns, in one of which millions wait. */
async function measureDraining(server: Server, say: Say): Promise<string[]> {
  say(`claiming and finishing deliveries, alone and while ${WAITING.toLocaleString('en')} wait …`);
  const open = async () => {
    const url = await server.makeDatabase();
    const { db, close } = await openPostgres(url);
    return { url, keep: createKeep({ db, vault: plainVault }), close, rounds: [] as Round[] };
  };
  const [alone, behind] = [await open(), await open()];
  await addDeliveries(behind.url, 'w', WAITING, Date.now() + 86_400_000);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { url, keep, rounds } of [alone, behind]) {
      await addDeliveries(url, `d${round}-`, DUE, Date.now() - 3_600_000);
      rounds.push(await measure(server, process.pid, () => drain(keep)));
    }
  }
  await Promise.all([alone.close(), behind.close()]);
  const ratio = medianRatio(rates(behind.rounds), rates(alone.rounds));
  return [
    line('claim and finish deliveries', alone.rounds),
    line(`the same while 2 million wait (${ratio.toFixed(2)} of that, median of pairs)`, behind.rounds),
  ];
}

/** Waits until every hook is mapped, so that the next round has the machine for itself. */
async function settle(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const left = async () => (await client.query('select 1 from hooks where due_at is not null limit 1')).rows.length;
  while ((await left()) > 0) await sleep(50);
  await client.end();
}

/** The whole program, from the socket to the answer; what it then does with the hooks is in its processor time. */
async function measureProgram(server: Server, load: Helper<LoadAsk, LoadResult>, what: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-bench-'));
  try {
    const url = await server.makeDatabase();
    const service: Service = await serve(folder, [SHOP], { DATABASE_URL: url });
    const turn = async (): Promise<number> => {
      const { acknowledged, statuses } = await load.ask({
        run: { port: service.port, ms: ROUND_MS, connections: AT_ONCE },
      });
      if (Object.keys(statuses).some((status) => status !== '200')) throw new Error(JSON.stringify(statuses));
      return acknowledged;
    };
    await turn();
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await settle(url);
      rounds.push(await measure(server, service.pid, turn));
    }
    await settle(url);
    await service.stop();
    return line(what, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two servers, the second one the synchronous standby of the first. */
async function startPair(): Promise<{ primary: Server; standby: Server }> {
  const primary = await startPostgres(SETTINGS);
  const standby = await makeStandby(primary, SETTINGS);
  await standby.start();
  await primary.query("alter system set synchronous_standby_names = 'standby'");
  await primary.query('select pg_reload_conf()');
  return { primary, standby };
}

/** Measures on servers of its own and prints a table. */
export async function benchPostgres(say: Say): Promise<void> {
  const [before = 0] = loadavg();
  const lines = ['| what | median | best | ours, each | PostgreSQL, each |', '|---|---:|---:|---:|---:|'];
  const alone = await startPostgres(SETTINGS);
  const { primary, standby } = await startPair();
  try {
    const load = await startHelper<LoadAsk, LoadResult, string>('load.ts');
    lines.push(...(await measureKeeping(alone, say)));
    say('acknowledging hooks by the whole program, on one server and on two …');
    lines.push(await measureProgram(alone, load, 'acknowledge hooks, the whole program'));
    lines.push(await measureProgram(primary, load, 'the same, on two machines before the answer'));
    lines.push(...(await measureDraining(alone, say)));
    say(`\n${lines.join('\n')}\n`);
    say(
      `Processes that wanted a core before it began: ${before.toFixed(1)}, at the end: ${(loadavg()[0] ?? 0).toFixed(1)}.`,
    );
  } finally {
    await stopAll();
    for (const server of [alone, standby, primary]) await server.close();
  }
}
