// The thread that brings SQLite's log into the file while the writer goes on, so that no commit has to wait until it is done.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { createBell } from './bell.ts';
import type { CheckpointOptions } from './wire.ts';

/** Fewer pages of the log than this are not worth a walk to the disk. */
const WORTH = 1_000;
/** How long commits are left to gather, and how long an ill disk is left alone, in milliseconds. */
const GATHER_MS = 20;
const ILL_MS = 1_000;
/** A disk on which commits take longer is the writer's alone: flushes of two would stand in each other's way. */
const SLOW_MS = 50;

const options: CheckpointOptions = workerData;
if (parentPort !== null) bringIn(options);

/**
 * Copies pages from the log whenever many are there, and keeps nobody from writing or reading (sqlite.org/wal.html,
 * "passive"). What fails is left to the writer, which does the same once the log is long, and hears of the disk by itself.
 */
function bringIn({ path, bell: memory }: CheckpointOptions): void {
  const bell = createBell(memory);
  const database = new DatabaseSync(path, { timeout: 0 });
  database.exec('pragma synchronous = full; pragma wal_autocheckpoint = 0');
  const look = database.prepare('pragma wal_checkpoint(noop)');
  const copy = database.prepare('pragma wal_checkpoint(passive)');
  const bring = (): number => {
    try {
      const { log, checkpointed } = look.get() ?? {};
      if (Number(log) - Number(checkpointed) >= WORTH && bell.took() < SLOW_MS) copy.get();
      return GATHER_MS;
    } catch {
      return ILL_MS;
    }
  };
  for (let seen = 0, rest = GATHER_MS; !bell.isStopped(); ) {
    bell.sleepThrough(seen);
    bell.sleepFor(rest);
    seen = bell.count();
    rest = bring();
  }
  database.close();
}
