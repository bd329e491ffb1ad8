// Watches the disk: hooks are refused while little room is left, so that what is kept can still be delivered, and while the file is gone.
import type { Log } from '../lib/log.ts';
import { every } from '../lib/wait.ts';
import { KeepError } from './error.ts';

/** Enough for SQLite to bring its log to its place, and to note the ends of many deliveries. */
export const RESERVE_BYTES = 32 * 1024 * 1024;
const LOOK_MS = 250;

export type RoomParts = {
  /** Bytes that this process may still write. */
  freeBytes: () => Promise<number>;
  /** Whether what is written can be found again. */
  isThere: () => Promise<boolean>;
  log: Pick<Log, 'info' | 'error'>;
  signal: AbortSignal;
  /** How long between two looks, in milliseconds. */
  lookMs?: number;
};
export type Room = {
  /** Throws a `KeepError` while less than the reserve is free, or the file is gone. */
  check: () => void;
  /** Resolves when it has ended, after the signal. */
  watching: Promise<void>;
};

/** Resolves after the first look. A look that fails changes nothing: the disk itself will say no. */
export async function watchRoom({ freeBytes, isThere, log, signal, lookMs = LOOK_MS }: RoomParts): Promise<Room> {
  let full = false;
  let gone = false;
  const lookForFile = async (): Promise<void> => {
    if (gone !== (await isThere())) return;
    gone = !gone;
    if (gone)
      log.error({}, 'disk.file_gone: hooks are refused until DATA_DIR is as it was, or the service starts anew');
    else log.info({}, 'disk.file_back');
  };
  const lookForRoom = async (): Promise<void> => {
    const free = await freeBytes().catch(() => undefined);
    if (free === undefined || full === free < RESERVE_BYTES) return;
    full = !full;
    const free_mb = Math.round(free / 1024 / 1024);
    if (full) log.error({ free_mb }, 'disk.full');
    else log.info({ free_mb }, 'disk.has_room');
  };
  const look = async (): Promise<void> => {
    await lookForFile();
    await lookForRoom();
  };
  await look();
  const check = (): void => {
    if (gone) throw new KeepError('io', 'the file in DATA_DIR is gone; what is kept now would be lost');
    if (full) throw new KeepError('full', 'the disk is nearly full; what is left is for deliveries');
  };
  return { check, watching: every(lookMs, signal, look) };
}
