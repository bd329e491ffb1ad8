// What a case on PostgreSQL works with: servers behind wires, bridges on one database, a balancer, receivers and a load.
import { openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../support/port.ts';
import { makeStandby, type Server, type Settings, startPostgres } from '../../support/postgres.ts';
import { SECRETS, storeFile, writeMappings } from '../../support/service.ts';
import type { BalancerAnswer, BalancerAsk } from '../balancer.ts';
import { type Bridge, startBridge } from '../bridge.ts';
import { type Comparison, compare } from '../compare.ts';
import { type Helper, startHelper } from '../helper.ts';
import type { LoadAnswer, LoadAsk } from '../load.ts';
import type { Conduct, Name, ReceiversAnswer, ReceiversAsk } from '../receivers.ts';
import { createPatience } from '../time.ts';
import { createRelay } from './relay.ts';

export type ClusterOptions = {
  replicas?: number;
  /** A second server; commits of the first wait for it where it is `sync`. */
  standby?: 'sync' | 'async';
  settings?: Settings;
  env?: Record<string, string>;
  /** How far the clock of each bridge is off, in milliseconds. */
  clocks?: readonly number[];
};
export type Cluster = Awaited<ReturnType<typeof createCluster>>;

/** Orders of different clusters have different ids. */
let firstOrder = 500_000_000;

const setSync = async (server: Server, names: string): Promise<void> => {
  await server.query(`alter system set synchronous_standby_names = '${names}'`);
  await server.query('select pg_reload_conf()');
};

async function follow(primary: Server, options: ClusterOptions): Promise<Server> {
  const standby = await makeStandby(primary, options.settings);
  await standby.start();
  const streaming = "select 1 from pg_stat_replication where state = 'streaming'";
  while ((await primary.query(streaming)).length === 0) await sleep(50);
  await setSync(primary, options.standby === 'sync' ? 'standby' : '');
  return standby;
}

/** The clock file of a bridge that is `ms` ahead. */
function writeClock(path: string, ms: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(ms);
  writeSync(openSync(path, 'w'), bytes, 0, 8, 0);
  return path;
}

export async function createCluster(options: ClusterOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-faults-'));
  const [record, ledger] = [join(folder, 'received.log'), join(folder, 'ledger.log')];
  firstOrder += 1_000_000;
  let primary = await startPostgres(options.settings);
  let standby: Server | undefined;
  const retired: Server[] = [];
  const relays = [await createRelay(primary.port)];
  if (options.standby !== undefined) {
    standby = await follow(primary, options);
    relays.push(await createRelay(standby.port));
  }
  const hosts = relays.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const receivers: Helper<ReceiversAsk, ReceiversAnswer> = await startHelper('receivers.ts', [record]);
  const load: Helper<LoadAsk, LoadAnswer> = await startHelper('load.ts', [ledger, String(firstOrder)]);
  const state = await receivers.ask({ kind: 'state' });
  const origin = (name: Name) => ({ origin: `http://127.0.0.1:${state[name].port}` });
  const file = storeFile({ ga4: origin('ga4'), meta: origin('meta'), sgtm: origin('sgtm') });
  const mappings = await writeMappings(folder, file);
  const count = options.replicas ?? 3;
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const bridges: Bridge[] = [];

  const start = async (index: number, cli?: string): Promise<Bridge> => {
    const clock = writeClock(join(folder, `clock${index}`), options.clocks?.[index] ?? 0);
    const bridge = await startBridge({
      log: join(folder, `bridge${index}.log`),
      patienceMs: 120_000,
      ...(cli !== undefined && { cli }),
      preload: ['clock'],
      env: {
        ...SECRETS,
        FAULTS_CLOCK: clock,
        HOST: '127.0.0.1',
        PORT: String(ports[index]),
        ADMIN_PORT: '0',
        LOG_LEVEL: 'warn',
        ALLOW_PRIVATE_DESTINATIONS: 'true',
        MAPPINGS_DIR: mappings,
        DATA_DIR: join(folder, 'data'),
        DATABASE_URL: `postgres://postgres@${hosts}/postgres`,
        ...options.env,
      },
    });
    bridges[index] = bridge;
    return bridge;
  };
  const startAll = async (): Promise<void> => {
    await Promise.all(ports.map((_, index) => start(index)));
  };
  const balancer: Helper<BalancerAsk, BalancerAnswer> = await startHelper(
    'balancer.ts',
    ports.map((port) => `http://127.0.0.1:${port}`),
  );
  const { url } = await balancer.ask('state');

  const query = (sql: string) => primary.query(sql);
  const open = async (): Promise<number> => {
    const sql = `select (select count(*) from deliveries) + (select count(*) from hooks where due_at is not null) as open`;
    return Number((await query(sql))[0]?.open);
  };
  /**
   * Waits until nothing is open, as long as it gets less; rejects when it has not for `ms`. Leases of bridges that were killed
   * run out in their time, so this may take more than a minute.
   */
  const drain = async (ms = 120_000): Promise<void> => {
    let fewest = Number.POSITIVE_INFINITY;
    let isOver = createPatience(ms);
    for (let left = await open(); left > 0; left = await open()) {
      if (left < fewest) isOver = createPatience(ms);
      fewest = Math.min(fewest, left);
      if (isOver()) throw new Error(`${left} deliveries and hooks are still open, see ${folder}`);
      await sleep(200);
    }
  };
  const settle = async (): Promise<Comparison> => {
    const rows = await query(
      "select destination, name, order_id from attempts join events on events.id = event_id where kind = 'dead'",
    );
    const ended = rows.map(({ destination, name, order_id }) => `${destination} ${name} ${order_id}`.toLowerCase());
    const comparison = await compare({ ledger, record, ended: new Set(ended) });
    const [first, ...rest] = comparison.lost;
    if (first === undefined) return comparison;
    const order = /:(\d+)/.exec(first)?.[1] ?? '';
    const said = await query(
      `select events.name, attempts.destination, attempts.kind, attempts.reason
       from events left join attempts on attempts.event_id = events.id where events.order_id = '${order}'`,
    );
    const states = await query('select state, count(*) as hooks from hooks group by state');
    const explained = [...said, ...states].map((row) => Object.values(row).join(' ')).join('; ');
    return { ...comparison, lost: [`${first} (the store says: ${explained})`, ...rest] };
  };
  /** The standby becomes the primary, and waits for nobody. */
  const promote = async (): Promise<void> => {
    if (standby === undefined) throw new Error('there is no standby');
    await standby.query('select pg_promote(true, 30)');
    await setSync(standby, '');
    retired.push(primary);
    primary = standby;
    standby = undefined;
    relays.reverse();
  };
  /** A new server follows the primary, where the last one was. */
  const addStandby = async (): Promise<void> => {
    await Promise.all(retired.splice(0).map((server) => server.close()));
    standby = await follow(primary, options);
    relays[1]?.target(standby.port);
  };
  /** Bridges whose processes have ended by themselves. */
  const gone = async (): Promise<number> => {
    const states = await Promise.all(bridges.map(({ ended }) => Promise.race([ended, 'runs'])));
    return states.filter((one) => one !== 'runs').length;
  };
  /** A session of one's own, to get in the way with. */
  const session = async (): Promise<Client> => {
    const client = new Client({ connectionString: primary.url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const close = async (): Promise<void> => {
    await Promise.all(bridges.map((bridge) => bridge.end('SIGKILL')));
    await Promise.all([load.stop(), receivers.stop(), balancer.stop()]);
    for (const relay of relays) relay.close();
    for (const server of [primary, ...(standby === undefined ? [] : [standby]), ...retired]) await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    folder,
    url,
    load: load.ask,
    conduct: async (name: Name, conduct: Conduct) => {
      await receivers.ask({ kind: 'conduct', name, conduct });
    },
    start,
    startAll,
    bridges,
    primary: () => primary,
    standby: () => standby,
    relay: () => relays[0],
    promote,
    addStandby,
    query,
    drain,
    settle,
    gone,
    session,
    close,
  };
}

/** Runs a case on a cluster of its own, which ends with it. */
export async function withCluster<T>(options: ClusterOptions, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await createCluster(options);
  try {
    await cluster.startAll();
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}
