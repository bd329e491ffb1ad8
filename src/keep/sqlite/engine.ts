// One SQLite connection: opens the file, runs steps, turns SQLite's errors into ours.
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { reasonOf } from '../../lib/errors.ts';
import type { Step } from '../../types.ts';
import { KeepError, type KeepFailure } from '../error.ts';
import { createSplitter, emptyResults } from '../together.ts';

/** The rows of every run of every step. */
export type Results = Record<string, SQLOutputValue>[][][];

export type Engine = {
  /**
   * Runs requests as they come and commits them together; durable when it returns. A request that fails leaves nothing behind
   * and its error stands in place of its rows. One error instead of the list means that nothing was committed.
   */
  commit: (requests: Iterable<readonly Step[]>) => (Results | KeepError)[] | KeepError;
  /** Runs steps that only read, on what is committed by now. */
  read: (steps: readonly Step[]) => Results | KeepError;
  /**
   * Brings the log into the file and empties it; what was deleted is then on no page that is in use. Moving rows between
   * pages may leave traces in the unused space of others, so a file of up to `rewriteUpTo` bytes is written anew before.
   */
  scrub: (rewriteUpTo: number) => Results | KeepError;
  close: () => void;
};

const BUSY_TIMEOUT = 5_000;
const LOOK_MS = 20;
const PRAGMAS = 'pragma temp_store = memory;';
/** The system's own cache is behind both; reads are few, and look at what was just written. */
const READER_PRAGMAS = 'pragma cache_size = -4096;';
/**
 * A log of 32 MB is brought in by the commit that makes it so long, unless another thread has done so in time (see
 * `sqlite-checkpoints.ts`). With secure_delete what is deleted is overwritten with zeros, so that a person who was erased is
 * on no page. It costs nothing measurable where hooks are kept and delivered; forgetting a body of 7 kB takes 24 µs instead
 * of 7.
 */
const WRITER_PRAGMAS = `
  pragma cache_size = -8192;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 8000;
  pragma journal_size_limit = 67108864;
  pragma secure_delete = on;
`;

const FILE_SIZE = `
  select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`;

/** Opens the file at `path`; a writer makes it if it is not there. `maxPages` limits its size, in pages of 4 kB. */
export function openEngine(path: string, options: { readOnly: boolean; maxPages?: number }): Engine {
  const database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: BUSY_TIMEOUT });
  database.exec(options.readOnly ? READER_PRAGMAS : WRITER_PRAGMAS);
  database.exec(PRAGMAS);
  if (options.maxPages !== undefined) database.exec(`pragma max_page_count = ${options.maxPages}`);

  const prepare = createStatementCache(database);
  const split = createSplitter();
  const runAll = (steps: readonly Step[]): Results => {
    const results: Results = emptyResults(steps);
    for (const { sql, values, step, run } of split(steps)) {
      const { statement, returns } = prepare(sql);
      if (!returns) statement.run(...values);
      else for (const row of statement.all(...values)) results[step]?.[run]?.push(row);
    }
    return results;
  };
  const runApart = (steps: readonly Step[]): Results | KeepError => {
    database.exec('savepoint request');
    try {
      return runAll(steps);
    } catch (error) {
      // After some errors, such as a full disk, SQLite has undone the whole transaction by itself.
      if (!database.isTransaction) throw error;
      database.exec('rollback to request');
      return toKeepError(error);
    } finally {
      if (database.isTransaction) database.exec('release request');
    }
  };
  const guard = <T>(work: () => T): T | KeepError => {
    try {
      return work();
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      return toKeepError(error);
    }
  };
  return {
    read: (steps) => guard(() => runAll(steps)),
    commit: (requests) =>
      guard(() => {
        const answers: (Results | KeepError)[] = [];
        database.exec('begin immediate');
        // The first one needs no savepoint, which costs a copy of each page it changes: it has nobody to spare yet.
        for (const steps of requests) answers.push(answers.length === 0 ? runAll(steps) : runApart(steps));
        database.exec('commit');
        return answers;
      }),
    scrub: (rewriteUpTo) =>
      guard(() => {
        const { bytes } = database.prepare(FILE_SIZE).get() ?? {};
        const rewrites = typeof bytes === 'number' && bytes <= rewriteUpTo;
        if (rewrites) rewrite(database);
        emptyLog(database);
        return [[[{ rewritten: rewrites ? 1 : 0 }]]];
      }),
    close: () => database.close(),
  };
}

/** The new copy must not be made in memory, as other temporary data is. */
function rewrite(database: DatabaseSync): void {
  try {
    database.exec('pragma temp_store = file; vacuum');
  } finally {
    database.exec('pragma temp_store = memory');
  }
}

/** Whoever else brings the log in just now is waited for; SQLite would not. */
function emptyLog(database: DatabaseSync): void {
  const empty = database.prepare('pragma wal_checkpoint(truncate)');
  const idle = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (const end = performance.now() + BUSY_TIMEOUT; empty.get()?.busy !== 0; Atomics.wait(idle, 0, 0, LOOK_MS)) {
    if (performance.now() > end) throw new KeepError('busy', 'somebody reads the log of the database');
  }
}

const PARAMETER = /\$(\d+)/g;
/** Our SQL says `$1` as PostgreSQL does; to SQLite that would be a name. `?1` is one too, and looking up many takes long. */
function withMarks(sql: string): string {
  const areInOrder = [...sql.matchAll(PARAMETER)].every(([, place], index) => Number(place) === index + 1);
  return sql.replaceAll(PARAMETER, areInOrder ? '?' : '?$1');
}

/**
 * In SQLite's words. A request in which a statement fails is undone as a whole: without `or fail` SQLite copies every page
 * that an insert changes, to undo that statement alone.
 */
const toSqlite = (sql: string): string =>
  withMarks(sql).replaceAll(' as bytea)', ' as blob)').replaceAll('insert into', 'insert or fail into');

function createStatementCache(database: DatabaseSync) {
  const cache = new LRUCache<string, { statement: StatementSync; returns: boolean }>({ max: 500 });
  return (sql: string) => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(toSqlite(sql));
    const prepared = { statement, returns: statement.columns().length > 0 };
    cache.set(sql, prepared);
    return prepared;
  };
}

/** By SQLite's primary result code, the low byte of the extended one (sqlite.org/rescode.html). */
const FAILURES: Record<number, KeepFailure> = {
  5: 'busy',
  6: 'busy',
  8: 'io',
  10: 'io',
  11: 'damaged',
  13: 'full',
  14: 'io',
  19: 'constraint',
  26: 'damaged',
};

export function toKeepError(error: unknown): KeepError {
  if (error instanceof KeepError) return error;
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
  const failure = FAILURES[code & 0xff] ?? 'statement';
  const reason = reasonOf(error);
  return new KeepError(failure, failure === 'damaged' ? `the file in DATA_DIR is damaged (${reason})` : reason);
}
