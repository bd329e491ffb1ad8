// Opens what hooks are kept in: the embedded file, or the PostgreSQL of an address. Nobody else knows which it is.
import { access, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../lib/clock.ts';
import { OperatorError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Vault } from '../lib/vault.ts';
import type { Clock, Db } from '../types.ts';
import { type Copied, type CopyOptions, copyAll, countRows } from './copy.ts';
import { lockFolder } from './lock.ts';
import { cannotUse, connectPostgres, type OpenOptions, openPostgres } from './postgres/postgres.ts';
import { watchPostgres } from './postgres/upkeep.ts';
import { findWorries, type Worry } from './postgres/worries.ts';
import { findSetBack, pullDue, releaseAllLeases } from './questions/leases.ts';
import { checkOlderVault } from './sealed.ts';
import { readSqlite } from './sqlite/read.ts';
import { connectSqlite, openSqlite, type SqlitePorts } from './sqlite/sqlite.ts';
import { createStillThere } from './sqlite/still-there.ts';
import type { OnOlder } from './tables/migrate.ts';

/** `url` names a database that several programs may share; without one it is a file in `folder`. */
export type Place = { url: string | undefined; folder: string };
/** What another thread needs to ask too; ports in it must be moved there. */
export type Ports = SqlitePorts | { url: string };

/** What the database stands on. */
export type Host = {
  /** Bytes of the disk, free and in all; undefined where it is not ours to watch. */
  room: () => Promise<{ free: number; size: number } | undefined>;
  /** False while the file lies no longer where the next start looks for it. */
  isThere: () => Promise<boolean>;
  /** What holds the database up, and only those who run it can mend. */
  worries: () => Promise<Worry[]>;
};

export type Database = {
  db: Db;
  /** For pages and programs that wait for an answer: it does not wait long for a database that is away. */
  hasty: Db;
  /** The time that everybody who shares the database goes by. */
  now: Clock;
  connect: () => Ports;
  /** To be called once by a service, before it claims anything: settles what those before it have left. */
  begin: () => Promise<void>;
  host: Host;
  close: () => Promise<void>;
};

export const fileIn = (folder: string): string => join(folder, 'tagbridge.db');

/**
 * What is heard of a database while it is opened and, by a service, later; and when it is waited for no longer. A `vault`
 * without the keys of what is kept leaves tables of an older version as they are.
 */
export type Watching = Pick<OpenOptions, 'onAway' | 'onOlder' | 'haste'> & {
  log?: Pick<Log, 'info' | 'error'>;
  vault?: Vault;
};

/** Opens it and brings its tables up to date. Throws an `OperatorError` when it cannot be used. */
export function openDatabase({ url, folder }: Place, watching: Watching = {}): Promise<Database> {
  return url === undefined ? openFile(folder, watching) : openShared(url, watching);
}

const checked =
  ({ vault, onOlder }: Watching): OnOlder =>
  async (found, known, db) => {
    if (vault !== undefined) await checkOlderVault(db, vault);
    await onOlder?.(found, known, db);
  };

/** A service that runs on older tables is of an older version, and could not start again on newer ones. */
function refuseInUse(folder: string): void {
  try {
    lockFolder(folder).release();
  } catch {
    throw new OperatorError(
      'KEEP_OLDER',
      `an older tagbridge is running on ${folder}`,
      'stop it; the next start of this version brings what it kept up to date',
    );
  }
}

const FILE_GONE: Worry = {
  name: 'file',
  detail:
    'The file in DATA_DIR was moved, deleted or replaced while it is in use. Hooks are refused, and senders come again.',
  todo: 'Put the folder back as it was. If it is lost, restart the service with a copy of it, or with an empty one.',
};

const damagedWith = (said: string): Worry => ({
  name: 'damage',
  detail: `Something that is kept cannot be read: ${said}. Hooks may still be kept, but what needs the damaged pages is not mapped or not sent.`,
  todo: 'Stop the service soon. The README says under Backup how to go on with a copy, or, without one, with what can still be read.',
});

async function openFile(folder: string, watching: Watching = {}): Promise<Database> {
  const onOlder: OnOlder = (...older) => {
    refuseInUse(folder);
    return checked(watching)(...older);
  };
  const { db, connect, damage, close } = await openSqlite({ path: fileIn(folder), onOlder });
  const isThere = await createStillThere(fileIn(folder));
  let lock: { release: () => void } | undefined;
  return {
    db,
    hasty: db,
    now: systemClock,
    connect,
    begin: async () => {
      lock = lockFolder(folder);
      await releaseAllLeases(db, systemClock());
      await pullDue(db, systemClock(), await findSetBack(db, systemClock()));
    },
    host: {
      room: async () => {
        const { bavail, blocks, bsize } = await statfs(folder);
        return { free: bavail * bsize, size: blocks * bsize };
      },
      isThere,
      worries: async () => {
        const said = damage();
        const damaged = said === undefined ? [] : [damagedWith(said)];
        return (await isThere()) ? damaged : [FILE_GONE];
      },
    },
    close: async () => {
      await close();
      lock?.release();
    },
  };
}

const UNHEARD: Pick<Log, 'info' | 'error'> = { info: () => {}, error: () => {} };

async function openShared(url: string, { log = UNHEARD, ...watching }: Watching): Promise<Database> {
  const { onAway, haste } = watching;
  const { db, hasty, now, close } = await openPostgres(url, { onAway, haste, onOlder: checked(watching) });
  const ending = new AbortController();
  let upkeep: Promise<void> | undefined;
  return {
    db,
    hasty,
    now,
    connect: () => ({ url }),
    begin: async () => {
      upkeep = watchPostgres(db, now, log, ending.signal);
    },
    host: { room: async () => undefined, isThere: async () => true, worries: () => findWorries(db) },
    close: async () => {
      ending.abort();
      await upkeep;
      await close();
    },
  };
}

/** Connects another thread, which a database that is away for a minute does not end; after `haste` it waits no more. */
export async function connectDatabase(ports: Ports, haste: AbortSignal): Promise<{ db: Db; now: Clock }> {
  if (!('url' in ports)) return { db: connectSqlite(ports), now: systemClock };
  for (let tries = 1; ; tries++) {
    try {
      return await connectPostgres(ports.url, { haste });
    } catch (error) {
      if (tries === TRIES || haste.aborted) throw error;
    }
  }
}
/** Each one waits 10 s for a server that is away. */
const TRIES = 6;

/** What of the ports has to be moved to the other thread. */
export const movable = (ports: Ports): MessagePort[] => ('url' in ports ? [] : [ports.writes, ports.reads]);

/** Throws an `OperatorError` when nothing was ever kept there. */
export async function refuseEmpty({ url, folder }: Place): Promise<void> {
  if (url !== undefined) return;
  await access(fileIn(folder)).catch(() => {
    throw new OperatorError(
      'NOTHING_KEPT',
      `there is no data in ${folder}`,
      'look at DATA_DIR; the service makes it at its first start',
    );
  });
}

/** Copies the embedded store of `folder`, which nobody else may use meanwhile, into the empty database at `url`. */
export async function moveTo(
  url: string,
  folder: string,
  options: CopyOptions & { onTotal?: (rows: number) => void },
): Promise<Copied[]> {
  await refuseEmpty({ url: undefined, folder });
  const source = await openFile(folder);
  try {
    await source.begin();
    options.onTotal?.(await countRows(source.db));
    const target = await openPostgres(url, { halfCopied: true });
    try {
      return await copyAll(source.db, target.db, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** For looking only: nothing can be written through it, and not even a table is made. Throws an `OperatorError` where it cannot be. */
export async function openToRead({ url, folder }: Place, watching: Pick<Watching, 'onAway'> = {}): Promise<Db> {
  if (url === undefined) return readSqlite(fileIn(folder));
  try {
    return (await connectPostgres(url, watching)).db;
  } catch (error) {
    throw cannotUse(error);
  }
}
