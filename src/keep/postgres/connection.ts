// One connection to PostgreSQL: runs steps as transactions, remembers its statements, and knows when it is of no use any more.
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { Client, type ClientConfig } from 'pg';
import { sha256 } from '../../lib/hash.ts';
import type { Row, Step } from '../../types.ts';
import { KeepError } from '../error.ts';
import { createSplitter, type Run } from '../together.ts';
import { isOutdated, isReadOnly, isWarning, mayRunAgain, toKeepError } from './error.ts';
import { createPipeline, type Prepared } from './pipeline.ts';

export type Connection = {
  /** Runs the steps as one transaction, which is durable when it resolves. Rejects with a `KeepError`. */
  run: (steps: readonly Step[]) => Promise<Row[][][]>;
  /** False once the server is gone, or did not let it write. */
  isAlive: () => boolean;
  /** Ends it at once; the server may still commit what it has heard. */
  destroy: () => void;
  /** Counts the times a standby became the primary; 0 where the server does not tell. */
  timeline: number;
};

const STATEMENTS = 300;
const TRIES = 4;
/** Whoever may not write tries a new session no sooner than this, or there would be one for each thing to write. */
const SETTLED_MS = 1_000;
/** A server may not be waited for longer before it says that it is there, in milliseconds. */
export const CONNECT_MS = 2_000;

/**
 * A server that waited in vain for its standby says so in a warning and then reports success; the rows are there, and would
 * be lost with this machine. PostgreSQL sends no other warnings for what we run.
 */
const UNCONFIRMED = 'committed on one machine only: the standby did not confirm it';

/** The clause that SQLite has no word for stands in a comment. */
const toPostgres = (sql: string): string => sql.replaceAll('/* for update skip locked */', 'for update skip locked');

/**
 * The name that the server knows it by. The same for whoever asks it: behind a pooler that gives the session of one to another
 * a name that says nothing of the question would stand for somebody else's.
 */
const nameOf = (sql: string): string => sha256(sql).slice(0, 32);

/** Reads the files of certificates that its address names, which may be away for a moment. */
function newClient(config: ClientConfig): Client {
  try {
    return new Client(config);
  } catch (error) {
    throw toKeepError(error);
  }
}

/** Opens a connection to a server that takes writes. Rejects with a `KeepError`. */
export async function connect(config: ClientConfig): Promise<Connection> {
  const client = newClient({ ...config, connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
  let alive = true;
  const retire = (): void => {
    alive = false;
  };
  client.on('error', retire);
  client.on('end', retire);
  const destroy = (): void => {
    retire();
    client.connection.stream.destroy();
  };
  try {
    await client.connect();
    const { run } = createRunner(client, () => alive, retire);
    return { run, isAlive: () => alive, destroy, timeline: await timelineOf(run) };
  } catch (error) {
    destroy();
    throw toKeepError(error);
  }
}

function createRunner(client: Client, isAlive: () => boolean, retire: () => void): Pick<Connection, 'run'> {
  const began = performance.now();
  let unused: string[] = [];
  const statements = new LRUCache<string, Prepared>({
    max: STATEMENTS,
    dispose: ({ name }) => unused.push(name),
  });
  const prepare = ({ sql }: Run): Prepared => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared: Prepared = { name: nameOf(sql), sql: toPostgres(sql), fields: [], known: false };
    statements.set(sql, prepared);
    return prepared;
  };
  let warned = false;
  client.on('notice', (notice) => {
    if (isWarning(notice)) warned = true;
  });

  const split = createSplitter();
  const runOnce = (steps: readonly Step[]): Promise<Row[][][]> => {
    const runs = split(steps);
    const prepared = runs.map(prepare);
    const forgotten = unused;
    unused = [];
    warned = false;
    return new Promise((resolve, reject) => {
      const done = (error: unknown, results: Row[][][]): void => {
        if (error !== undefined) {
          // What was new to the server may be known by now or not: it forgets the name and is told again.
          for (const { sql } of runs) if (statements.get(sql)?.known === false) statements.delete(sql);
          reject(error);
        } else if (warned) reject(new KeepError('away', UNCONFIRMED));
        else resolve(results);
      };
      client.query(createPipeline({ steps, runs, prepared, unused: forgotten }, done));
    });
  };
  const run = async (steps: readonly Step[]): Promise<Row[][][]> => {
    for (let tries = 1; ; tries++) {
      try {
        return await runOnce(steps);
      } catch (error) {
        if (isOutdated(error)) statements.clear();
        if (isReadOnly(error) && performance.now() - began > SETTLED_MS) retire();
        const again = mayRunAgain(error) || isOutdated(error);
        if (!again || tries === TRIES || !isAlive()) throw toKeepError(error);
        await sleep(Math.random() * 20 * tries);
      }
    }
  };
  return { run };
}

/** Asked together, a limit of the provider's is lifted that servers before PostgreSQL 17 do not know, and would let nobody in for. */
const BEGIN = `
  select pg_is_in_recovery() as standby,
    case when current_setting('transaction_timeout', true) is not null
      then set_config('transaction_timeout', '0', false) end as unlimited`;
const TIMELINE = 'select substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline';

/** Rejects for a standby. Some hosted servers do not tell their timeline. */
async function timelineOf(run: Connection['run']): Promise<number> {
  const ask = async (sql: string): Promise<Row | undefined> => (await run([{ sql, rows: [[]] }]))[0]?.[0]?.[0];
  if ((await ask(BEGIN))?.standby !== 0) throw new KeepError('away', 'the server is a standby');
  const row = await ask(TIMELINE).catch(() => undefined);
  return Number.parseInt(String(row?.timeline ?? '0'), 16);
}
