// What a case works with: a folder, receivers, a load and a bridge that can be started again and again on the same port.
import { openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/port.ts';
import { SECRETS, storeFile, writeMappings } from '../support/service.ts';
import { type Bridge, type BridgeOptions, importing, spawnBridge, startBridge } from './bridge.ts';
import { type Comparison, compare } from './compare.ts';
import { type Helper, startHelper } from './helper.ts';
import type { LoadAnswer, LoadAsk } from './load.ts';
import type { Conduct, Name, ReceiversAnswer, ReceiversAsk } from './receivers.ts';
import { createPatience, realTime } from './time.ts';

export type WorldOptions = {
  /** Changes the store file. */
  store?: (file: ReturnType<typeof storeFile>) => object;
  env?: Record<string, string>;
  preload?: readonly string[];
  nodeOptions?: readonly string[];
  /** Where the store lies; in the world's own folder unless given. */
  dataDir?: string;
  /** Receivers that speak TLS. */
  secure?: readonly Name[];
  /** Only the bridge's clock is wrong; senders and receivers keep the right time. */
  ownClock?: boolean;
};
export type StartOptions = Pick<WorldOptions, 'env' | 'preload' | 'nodeOptions'>;
export type World = Awaited<ReturnType<typeof createWorld>>;

/** The time of a world: how far the wall clock of its processes is ahead of ours. */
export function createClock(path: string) {
  const file = openSync(path, 'w');
  let offset = 0;
  const set = (ms: number) => {
    offset = ms;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(ms);
    writeSync(file, bytes, 0, 8, 0);
  };
  set(0);
  return { set, now: () => offset, env: { FAULTS_CLOCK: path } };
}

/** Orders of different worlds have different ids. */
let firstOrder = 1_000_000;

export async function createWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-faults-'));
  const record = join(folder, 'received.log');
  const ledger = join(folder, 'ledger.log');
  firstOrder += 1_000_000;
  const clock = createClock(join(folder, 'clock'));
  const around = options.ownClock === true ? {} : { execArgv: importing(['clock']), env: clock.env };
  const receivers: Helper<ReceiversAsk, ReceiversAnswer> = await startHelper(
    'receivers.ts',
    [record, ...(options.secure ?? [])],
    around,
  );
  const load: Helper<LoadAsk, LoadAnswer> = await startHelper('load.ts', [ledger, String(firstOrder)], around);
  const state = await receivers.ask({ kind: 'state' });
  const origin = (name: Name) => ({
    origin: `${options.secure?.includes(name) ? 'https://localhost' : 'http://127.0.0.1'}:${state[name].port}`,
  });
  const file = storeFile({ ga4: origin('ga4'), meta: origin('meta'), sgtm: origin('sgtm') });
  /** As the destinations name them. */
  const accounts = {
    ga4: file.destinations.ga4.measurement_id,
    meta: file.destinations.meta.pixel_id,
    sgtm: new URL(file.destinations.sgtm.url).host,
  };
  const mappings = await writeMappings(folder, options.store?.(file) ?? file);
  const dataDir = options.dataDir ?? join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let bridge: Bridge | undefined;

  const bridgeOptions = (over: StartOptions): BridgeOptions => ({
    log: join(folder, 'bridge.log'),
    preload: ['clock', ...(options.preload ?? []), ...(over.preload ?? [])],
    nodeOptions: [...(options.nodeOptions ?? []), ...(over.nodeOptions ?? [])],
    env: {
      ...SECRETS,
      ...clock.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: '0',
      LOG_LEVEL: 'warn',
      ALLOW_PRIVATE_DESTINATIONS: 'true',
      MAPPINGS_DIR: mappings,
      DATA_DIR: dataDir,
      ...options.env,
      ...over.env,
    },
  });
  const start = async (over: StartOptions = {}): Promise<Bridge> => {
    bridge = await startBridge(bridgeOptions(over));
    return bridge;
  };
  /** For starts that are meant to fail: the status the process ends with. */
  const tryStart = (over: StartOptions = {}): Promise<number | string> => spawnBridge(bridgeOptions(over)).ended;

  /** Asks the store itself; only while the bridge runs. */
  const query = (sql: string): Record<string, unknown>[] => {
    const database = new DatabaseSync(join(dataDir, 'tagbridge.db'), { timeout: 5_000 });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };
  const open = (deliveries = 'true'): number =>
    Number(
      query(
        `select (select count(*) from deliveries where ${deliveries}) +
           (select count(*) from hooks where due_at is not null) as open`,
      )[0]?.open,
    );

  /** Grows with every attempt and every hook that is mapped. */
  const moved = (): number =>
    Number(query('select (select count(*) from attempts) + (select count(*) from events) as moved')[0]?.moved);

  /**
   * Waits until nothing is open, while hours pass: `hurry` ms on the clock for every tenth of a second in which nothing moved.
   * What moves needs no hurry, and on a slow machine its leases would run out under it. Throws after `ms` without a move.
   */
  const drain = async ({ ms = 300_000, hurry = 5_000 } = {}): Promise<void> => {
    let before = Number.NaN;
    for (let isOver = createPatience(ms); ; await sleep(100)) {
      const left = open();
      if (left === 0) return;
      const now = moved();
      if (now !== before) isOver = createPatience(ms);
      else if (isOver()) throw new Error(`${left} deliveries and hooks are still open after ${ms} ms, see ${folder}`);
      else clock.set(clock.now() + hurry);
      before = now;
    }
  };

  /** Deliveries that ended otherwise than by arriving, and say so. */
  const ended = (kinds: readonly string[]): Set<string> =>
    new Set(
      query(
        `select destination, name, order_id from attempts join events on events.id = event_id
         where kind in (${kinds.map((kind) => `'${kind}'`).join(', ')})`,
      ).map(({ destination, name, order_id }) => `${destination} ${name} ${order_id}`.toLowerCase()),
    );

  /** What the store says became of an order, for reports of loss. */
  const explain = (order: string): string =>
    [
      ...query(`select state, reason from hooks where id in (select hook_id from events where order_id = '${order}')`),
      ...query(
        `select destination, kind, reason from attempts where event_id in (select id from events where order_id = '${order}')`,
      ),
    ]
      .map((row) => Object.values(row).join(' '))
      .join('; ');

  const settle = async ({
    shown = ['dead'],
    ...how
  }: {
    shown?: readonly string[];
    destinations?: readonly string[];
    delays?: boolean;
  } = {}): Promise<Comparison> => {
    const comparison = await compare({ ledger, record, ended: ended(shown), ...how });
    const [first, ...rest] = comparison.lost;
    if (first === undefined) return comparison;
    const order = /:(\d+)/.exec(first)?.[1] ?? '';
    return { ...comparison, lost: [`${first} (the store says: ${explain(order)})`, ...rest] };
  };

  /** Ends everything; what was kept and logged stays only where somebody has to look at it. */
  const close = async ({ keepFolder = false } = {}): Promise<void> => {
    await bridge?.end('SIGKILL');
    await Promise.all([load.stop(), receivers.stop()]);
    if (!keepFolder) await rm(folder, { recursive: true, force: true });
  };

  return {
    folder,
    dataDir,
    mappings,
    file,
    accounts,
    url,
    ledger,
    record,
    load: load.ask,
    receivers: () => receivers.ask({ kind: 'state' }),
    certify: async (name: Name, pair: { key: string; cert: string }) => {
      await receivers.ask({ kind: 'certificate', name, ...pair });
    },
    conduct: async (conducts: Partial<Record<Name, Conduct>>) => {
      for (const name of ['ga4', 'meta', 'sgtm'] as const) {
        const conduct = conducts[name];
        if (conduct !== undefined) await receivers.ask({ kind: 'conduct', name, conduct });
      }
    },
    bridge: () => {
      if (bridge === undefined) throw new Error('the bridge was not started');
      return bridge;
    },
    start,
    clock,
    /** The time in ledger and record. */
    now: realTime,
    tryStart,
    query,
    open,
    drain,
    settle,
    close,
  };
}
