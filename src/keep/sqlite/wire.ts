// The messages between the threads that ask and the threads that own SQLite.
import type { MessagePort } from 'node:worker_threads';
import type { Row, SqlValue, Step } from '../../types.ts';
import type { KeepFailure } from '../error.ts';

/** `true` stands for the next of the request's byte arrays. */
type Cell = string | number | null | true;

/** All bytes of a request lie in one buffer, which moves to the other thread: cheaper than cloning many small arrays. */
export type Request = {
  id: number;
  urgent: boolean;
  steps: (Pick<Step, 'sql' | 'together'> & { rows: Cell[][] })[];
  bytes: ArrayBuffer;
  /** How long each byte array is. */
  lengths: number[];
  /** Instead of steps: empties the log, between two commits; files of up to so many bytes are written anew. */
  scrub?: number;
};
export type Reply = { id: number } & ({ results: Row[][][] } | { failure: KeepFailure; message: string });

/** What an owning thread hears from the thread that started it: serve one more port, or finish and stop. */
export type Command = { serve: MessagePort } | { stop: true };
/** What it says when it has opened the file, or why it could not. */
export type Opening = { opened: true } | { opened: false; failure: KeepFailure; message: string };
/** What it says later, whenever a request meets pages of the file that cannot be read. */
export type Damaged = { damaged: string };
export type ThreadOptions = { path: string; readOnly: boolean; maxPages?: number; bell?: SharedArrayBuffer };
/** What the thread that brings in the log is started with. */
export type CheckpointOptions = { path: string; bell: SharedArrayBuffer };

export function packRequest(id: number, steps: readonly Step[], urgent: boolean): Request {
  const bytes = new Uint8Array(countBytes(steps));
  const lengths: number[] = [];
  let at = 0;
  const place = (value: SqlValue): Cell => {
    if (!(value instanceof Uint8Array)) return value;
    bytes.set(value, at);
    at += value.length;
    lengths.push(value.length);
    return true;
  };
  const packed = steps.map((step) => ({ ...step, rows: step.rows.map((row) => row.map(place)) }));
  return { id, urgent, steps: packed, bytes: bytes.buffer, lengths };
}

export function unpackSteps({ steps, bytes, lengths }: Request): Step[] {
  let at = 0;
  let next = 0;
  const restore = (cell: Cell): SqlValue => {
    if (cell !== true) return cell;
    const array = new Uint8Array(bytes, at, lengths[next]);
    at += array.length;
    next += 1;
    return array;
  };
  return steps.map((step) => ({ ...step, rows: step.rows.map((row) => row.map(restore)) }));
}

function countBytes(steps: readonly Step[]): number {
  let total = 0;
  for (const { rows } of steps) {
    for (const row of rows) {
      for (const value of row) if (value instanceof Uint8Array) total += value.length;
    }
  }
  return total;
}
