// Ids of hooks, events and leases.
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from '../types.ts';

const ID_BYTES = 16;
/** Asking the system for randomness takes longer than all the rest of making an id, however little is asked for. */
const RESERVE = Buffer.alloc(256 * ID_BYTES);
let used = RESERVE.length;

/** Random bytes for one id, to be used at once and never twice. */
function random(): Uint8Array {
  if (used === RESERVE.length) {
    randomFillSync(RESERVE);
    used = 0;
  }
  used += ID_BYTES;
  return RESERVE.subarray(used - ID_BYTES, used);
}

/**
 * Makes the function that makes UUIDs version 7 (RFC 9562) by this clock: ids sort by the time they were made, so new rows land
 * at the end of an index. Within a millisecond, and while the clock stands or goes back, a counter goes on from a random number.
 */
export function createIds(clock: Clock): () => string {
  let latest = Number.NEGATIVE_INFINITY;
  let counter = 0;
  return () => {
    const bytes = random();
    const now = clock();
    if (now > latest) {
      latest = now;
      // Half of its range is left for counting.
      counter = (bytes[0] ?? 0) * 0x400000 + (bytes[1] ?? 0) * 0x4000 + (bytes[2] ?? 0) * 0x40;
    } else counter += 1;
    return v7({ msecs: latest, seq: counter, random: bytes });
  };
}

/** By the clock of this machine, which is not always that of the database. */
export const newId = createIds(() => Date.now());

/** The smallest id that could be made at `at`, in milliseconds since 1970: every id made since is greater or equal. */
export const firstIdAt = (at: number): string => {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

/** When an id was made, in milliseconds since 1970. */
export const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
