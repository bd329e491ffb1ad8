// Watches the room on the disk: hooks are refused while some of it is left, so that what is kept can still be delivered.
import { setTimeout as sleep } from 'node:timers/promises';
import { KeepError } from './error.ts';

/** Enough for SQLite to bring its log to its place, and to note the ends of many deliveries. */
export const RESERVE_BYTES = 32 * 1024 * 1024;
const LOOK_MS = 250;

type Log = Record<'info' | 'error', (fields: object, message: string) => void>;
export type RoomParts = {
  /** Bytes that this process may still write. */
  freeBytes: () => Promise<number>;
  log: Log;
  signal: AbortSignal;
  /** How long between two looks, in milliseconds. */
  lookMs?: number;
};
export type Room = {
  /** Throws a `KeepError` while less than the reserve is free. */
  check: () => void;
  /** Resolves when it has ended, after the signal. */
  watching: Promise<void>;
};

/** Resolves after the first look. A look that fails changes nothing: the disk itself will say no. */
export async function watchRoom({ freeBytes, log, signal, lookMs = LOOK_MS }: RoomParts): Promise<Room> {
  let full = false;
  const look = async (): Promise<void> => {
    const free = await freeBytes().catch(() => undefined);
    if (free === undefined || full === free < RESERVE_BYTES) return;
    full = !full;
    const free_mb = Math.round(free / 1024 / 1024);
    if (full) log.error({ free_mb }, 'disk.full');
    else log.info({ free_mb }, 'disk.has_room');
  };
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(lookMs, undefined, { signal, ref: false }).catch(() => undefined);
      await look();
    }
  };
  await look();
  const check = (): void => {
    if (full) throw new KeepError('full', 'the disk is nearly full; what is left is for deliveries');
  };
  return { check, watching: watch() };
}
