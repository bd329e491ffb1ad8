// The embedded store: port `Db` on SQLite. One thread writes, another one reads beside it, a third one brings the log into the file.
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { OperatorError, reasonOf } from '../../lib/errors.ts';
import type { Db, Row, Step } from '../../types.ts';
import { inWords, KeepError } from '../error.ts';
import { migrate, type OnOlder } from '../tables/migrate.ts';
import { createBell } from './bell.ts';
import {
  type CheckpointOptions,
  type Command,
  type Damaged,
  type Opening,
  packRequest,
  type Reply,
  type Request,
  type ThreadOptions,
} from './wire.ts';

/** Both may be sent to another thread, which makes a `Db` of them with `connectSqlite`. */
export type SqlitePorts = { writes: MessagePort; reads: MessagePort };
export type Sqlite = {
  db: Db;
  connect: () => SqlitePorts;
  /** What was said when somebody met pages of the file that cannot be read; undefined as long as nobody has. */
  damage: () => string | undefined;
  /** Answers what was asked already, then stops. Every `Db` made from its ports ends with it. */
  close: () => Promise<void>;
};

/** The first version in which two connections cannot corrupt the file when the log restarts (sqlite.org/wal.html). */
const OLDEST_SQLITE = '3.51.3';
/** Room for short-lived objects, which V8 would let grow to hundreds of MB before it clears up. */
const WRITER_YOUNG_MB = 9;
const READER_YOUNG_MB = 6;
const CLUSTERED = 'without rowid';

/**
 * Opens the file at `path`, brings its tables up to date, and resolves when it is ready. `maxPages` limits the file's size,
 * in pages of 4 kB. Throws an `OperatorError` when the file cannot be used, and what `onOlder` throws.
 */
export async function openSqlite({
  onOlder,
  ...options
}: {
  path: string;
  maxPages?: number;
  onOlder?: OnOlder;
}): Promise<Sqlite> {
  refuseOldSqlite(process.versions.sqlite);
  await makeFile(options.path);
  const bell = createBell();
  let damage: string | undefined;
  const onDamaged = (said: Damaged): void => {
    damage = said.damaged;
  };
  const writer = await startThread({ ...options, readOnly: false, bell: bell.memory }, onDamaged);
  const reader = await startThread({ path: options.path, readOnly: true }, onDamaged);
  const ended = startCheckpoints({ path: options.path, bell: bell.memory });
  const connect = (): SqlitePorts => ({ writes: writer.connect(), reads: reader.connect() });
  const close = async (): Promise<void> => {
    await reader.stop();
    bell.stop();
    await ended;
    await writer.stop();
  };
  const db = connectSqlite(connect());
  try {
    await migrate(db, { clustered: CLUSTERED }, onOlder);
  } catch (error) {
    await close();
    throw error;
  }
  return { db, connect, damage: () => damage, close };
}

/** A `Db` for this thread over ports from `connect()`. */
export function connectSqlite({ writes, reads }: SqlitePorts): Db {
  const write = createClient(writes);
  const read = createClient(reads);
  return {
    query: async (sql, params = []) => {
      const [[rows = []] = []] = await read.ask([{ sql, rows: [params] }], false);
      return rows;
    },
    transaction: (steps, { urgent = false } = {}) => write.ask(steps, urgent),
    scrub: (rewriteUpTo) => write.scrub(rewriteUpTo),
    close: async () => {
      read.close();
      write.close();
    },
  };
}

function createClient(port: MessagePort) {
  type Waiting = { resolve: (results: Row[][][]) => void; reject: (error: KeepError) => void };
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let open = true;
  port.on('message', (reply: Reply) => {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('results' in reply) asker?.resolve(reply.results);
    else asker?.reject(new KeepError(reply.failure, reply.message));
  });
  port.on('close', () => {
    open = false;
    for (const { reject } of waiting.values()) reject(closed());
    waiting.clear();
  });
  const send = (pack: (id: number) => Request): Promise<Row[][][]> =>
    new Promise((resolve, reject) => {
      if (!open) throw closed();
      last += 1;
      waiting.set(last, { resolve, reject });
      const request = pack(last);
      port.postMessage(request, [request.bytes]);
    });
  return {
    ask: (steps: readonly Step[], urgent: boolean) => send((id) => packRequest(id, steps, urgent)),
    scrub: async (rewriteUpTo: number): Promise<boolean> => {
      const [[[row] = []] = []] = await send((id) => ({ ...packRequest(id, [], false), scrub: rewriteUpTo }));
      return row?.rewritten === 1;
    },
    close: () => port.close(),
  };
}

const closed = (): KeepError => new KeepError('closed', 'the database is closed');

const codeOf = (name: string) => new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);

/** Resolves when the thread has ended; what it cannot do the writer does. */
function startCheckpoints(options: CheckpointOptions): Promise<void> {
  const worker = new Worker(codeOf('checkpoints'), {
    name: 'log',
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: READER_YOUNG_MB },
  });
  worker.on('error', () => undefined);
  return new Promise((resolve) => worker.once('exit', () => resolve()));
}

async function startThread(options: ThreadOptions, onDamaged: (said: Damaged) => void) {
  const worker = new Worker(codeOf('thread'), {
    name: options.readOnly ? 'read' : 'keep',
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: options.readOnly ? READER_YOUNG_MB : WRITER_YOUNG_MB },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const command = (message: Command, transfer: MessagePort[] = []): void => worker.postMessage(message, transfer);
  const opening = await new Promise<Opening>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  worker.removeAllListeners('error');
  if (!opening.opened) {
    await exited;
    if (opening.failure === 'damaged') throw inWords(new KeepError(opening.failure, opening.message));
    throw new OperatorError('KEEP_OPEN', `cannot open ${options.path}: ${opening.message}`, 'look at DATA_DIR');
  }
  worker.on('message', onDamaged);
  return {
    connect: (): MessagePort => {
      const { port1, port2 } = new MessageChannel();
      command({ serve: port1 }, [port1]);
      return port2;
    },
    stop: async (): Promise<void> => {
      command({ stop: true });
      await exited;
    },
  };
}

/** Nobody but this user may read what is kept; SQLite gives its log the mode of the file. */
async function makeFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'a', 0o600);
    await file.close();
    await chmod(path, 0o600);
  } catch (error) {
    throw new OperatorError(
      'KEEP_OPEN',
      `cannot write ${path}: ${reasonOf(error)}`,
      `DATA_DIR must be a folder that this user (uid ${process.getuid?.() ?? 'unknown'}) may write`,
    );
  }
}

/** Throws an `OperatorError` for a SQLite that may damage a file which several connections have open. */
export function refuseOldSqlite(version: string | undefined): void {
  const order = new Intl.Collator('en', { numeric: true });
  if (version !== undefined && order.compare(version, OLDEST_SQLITE) >= 0) return;
  throw new OperatorError(
    'SQLITE_TOO_OLD',
    `this Node has SQLite ${version ?? 'missing'}, and ${OLDEST_SQLITE} or newer is needed`,
    'run Node 24.21 or newer',
  );
}
