// The store of several machines: port `Db` on PostgreSQL, with connections of their own for hooks that wait to be acknowledged.
import { OperatorError, PassingError, reasonOf } from '../../lib/errors.ts';
import type { Clock, Db, Row } from '../../types.ts';
import { isHalfCopied } from '../copy.ts';
import { blamesRow, isBusy, KeepError } from '../error.ts';
import { migrate, type OnOlder } from '../tables/migrate.ts';
import { configsOf } from './address.ts';
import { createChooser } from './chooser.ts';
import { followClock } from './clock.ts';
import { CONNECT_MS, type Connection, connect } from './connection.ts';
import { dropDays, keepDays } from './days.ts';
import { POSTGRES } from './dialect.ts';
import { createPool, type Pool, type RunOptions } from './pool.ts';

/** Whoever waits for an acknowledgement hears of a failure in less than 3 s. */
const INGEST = { size: 2, deadline: 2_000, patience: 0 };
const WORK = { size: 4, deadline: 15_000, patience: 10_000 };
/** People look at a page that waits: they hear soon that nobody is there, and wait as long as any for who is slow. */
const PEOPLE = { patience: CONNECT_MS };
/** Tables are made without haste. */
const MIGRATION = { size: 1, deadline: 3_600_000 };
const START_PATIENCE_MS = 15_000;

/** Written with every flush of hooks: what answers "seen before" is then as safe as what it has seen. */
const CONFIRM = { sql: "select pg_logical_emit_message(true, 'tagbridge', '') as at", rows: [[]] };

/** `hasty` is the same for who would rather hear at once that the server is away. */
export type Postgres = { db: Db; hasty: Db; now: Clock; close: () => Promise<void> };

function createConnect(url: string): () => Promise<Connection> {
  return createChooser(configsOf(url).map((config) => () => connect(config)));
}

function createDb(ingest: Pool, work: Pool, options: RunOptions = {}): Db {
  const query = async (sql: string, params: Parameters<Db['query']>[1] = []): Promise<Row[]> => {
    // Reading twice does no harm.
    const results = await work.run([{ sql, rows: [params] }], { ...options, again: true });
    return results[0]?.[0] ?? [];
  };
  const db: Db = {
    query,
    transaction: async (steps, { urgent = false } = {}) => {
      if (!urgent) return work.run(steps, options);
      const results = await ingest.run([...steps, CONFIRM]);
      return results.slice(0, steps.length);
    },
    dropDays: (table, before) => dropDays(db, table, before),
    close: async () => {
      await Promise.all([ingest.close(), work.close()]);
    },
  };
  return db;
}

/**
 * A `Db` over connections of its own, and the clock of the database. The tables must be there. Once `haste` is given nobody
 * waits long for a server that is away.
 */
export async function connectPostgres(
  url: string,
  { haste, onAway }: Pick<OpenOptions, 'haste' | 'onAway'> = {},
): Promise<Postgres> {
  const open = tellingOnce(createConnect(url), (reason) => onAway?.(reason, WORK.patience));
  const ingest = createPool({ connect: open, haste, ...INGEST });
  const work = createPool({ connect: open, haste, ...WORK });
  const db = createDb(ingest, work);
  const ending = new AbortController();
  const clock = await followClock(db, ending.signal).catch(async (error) => {
    await db.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    ending.abort();
    await clock.ended;
    await db.close();
  };
  const hasty = { ...createDb(ingest, work, PEOPLE), close };
  return { db: { ...db, close }, hasty, now: clock.now, close };
}

export type OpenOptions = {
  halfCopied?: boolean;
  patience?: number;
  /** Hears once why there was no connection, and for how many milliseconds at most it is tried again. */
  onAway?: ((reason: string, ms: number) => void) | undefined;
  onOlder?: OnOlder | undefined;
  haste?: AbortSignal | undefined;
};

/**
 * Brings the tables up to date, and connects. Throws an `OperatorError` when the server cannot be used or, asked again for
 * `patience` milliseconds, not be reached, and, unless `halfCopied`, when what was begun to be copied into it is not all there.
 */
export async function openPostgres(
  url: string,
  { halfCopied = false, patience = START_PATIENCE_MS, onAway, onOlder, haste }: OpenOptions = {},
): Promise<Postgres> {
  const once = tellingOnce(createConnect(url), (reason) => onAway?.(reason, patience));
  const pool = createPool({ connect: once, ...MIGRATION, patience });
  const db = createDb(pool, pool);
  try {
    await refuseUnsafe(db);
    await migrate(db, POSTGRES, onOlder);
    if (halfCopied) await keepDays(db, Date.now(), DAYS_COPIED);
    else await refuseHalfCopied(db);
    // Where it may make none the upkeep says so, and makes them when nobody holds the tables; hooks are kept without.
    await keepDays(db, Date.now()).catch(unlessBlamedOrBusy);
  } catch (error) {
    throw cannotUse(error);
  } finally {
    await db.close();
  }
  return connectPostgres(url, { haste });
}

/** What keeps a database from being opened, in the operator's words; every other error as it is. */
export function cannotUse(error: unknown): unknown {
  if (!(error instanceof KeepError)) return error;
  const what = `cannot use the database: ${error.message}`;
  if (error.failure === 'refused' || blamesRow(error))
    return new OperatorError('KEEP_OPEN', what, 'look at DATABASE_URL');
  return new PassingError('KEEP_AWAY', what, 'look at the database, and at DATABASE_URL');
}

/** Tells why it could not be connected the first time, and goes on as before. */
function tellingOnce(connect: () => Promise<Connection>, tell: (reason: string) => void): () => Promise<Connection> {
  let told = false;
  return async () => {
    try {
      return await connect();
    } catch (error) {
      if (!told) tell(reasonOf(error));
      told = true;
      throw error;
    }
  };
}

function unlessBlamedOrBusy(error: unknown): void {
  if (!blamesRow(error) && !isBusy(error)) throw error;
}

/** As long as bodies and attempts are kept by default, and some. */
const DAYS_COPIED = 40;

async function refuseHalfCopied(db: Db): Promise<void> {
  if (!(await isHalfCopied(db))) return;
  throw new OperatorError(
    'KEEP_HALF_COPIED',
    'not everything was copied into this database yet',
    'run `tagbridge migrate` again; it goes on where it stopped',
  );
}

const SAFETY = `
  select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
    current_setting('server_encoding') as encoding, current_setting('server_version_num') as version`;

/** Throws an `OperatorError` for a server that would lose what was acknowledged, or that is too old. */
async function refuseUnsafe(db: Db): Promise<void> {
  const [row] = await db.query(SAFETY);
  const refuse = (what: string, hint: string): never => {
    throw new OperatorError('KEEP_UNSAFE', `the database ${what}`, hint);
  };
  if (Number(row?.version) < 150_000) refuse('is older than PostgreSQL 15', 'use a newer server');
  if (row?.encoding !== 'UTF8') refuse('does not keep every letter', "make it with encoding 'UTF8'");
  if (row?.fsync !== 'on') refuse('has fsync off and loses what was acknowledged', 'set fsync = on');
  if (row?.commits === 'off' || row?.commits === 'local')
    refuse(`has synchronous_commit = ${row.commits}`, 'set it to on, so that what is acknowledged is safe');
}
