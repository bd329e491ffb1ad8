// The messages between the threads that ask and the threads that own SQLite.
import type { MessagePort } from 'node:worker_threads';
import type { Row, SqlValue, Step } from '../types.ts';
import type { KeepFailure } from './error.ts';

type Slice = { at: number; length: number };
type Cell = string | number | null | Slice;

/** All bytes of a request lie in one buffer, which moves to the other thread: cheaper than cloning many small arrays. */
export type Request = {
  id: number;
  urgent: boolean;
  steps: (Pick<Step, 'sql' | 'together'> & { rows: Cell[][] })[];
  bytes: ArrayBuffer;
  /** Instead of steps: empties the log, between two commits; files of up to so many bytes are written anew. */
  scrub?: number;
};
export type Reply = { id: number } & ({ results: Row[][][] } | { failure: KeepFailure; message: string });

/** What an owning thread hears from the thread that started it: serve one more port, or finish and stop. */
export type Command = { serve: MessagePort } | { stop: true };
/** What it says when it has opened the file, or why it could not. */
export type Opening = { opened: true } | { opened: false; message: string };
export type ThreadOptions = { path: string; readOnly: boolean; maxPages?: number };

export function packRequest(id: number, steps: readonly Step[], urgent: boolean): Request {
  const bytes = new Uint8Array(countBytes(steps));
  let at = 0;
  const place = (value: SqlValue): Cell => {
    if (!(value instanceof Uint8Array)) return value;
    bytes.set(value, at);
    const slice = { at, length: value.length };
    at += value.length;
    return slice;
  };
  const packed = steps.map((step) => ({ ...step, rows: step.rows.map((row) => row.map(place)) }));
  return { id, urgent, steps: packed, bytes: bytes.buffer };
}

export function unpackSteps({ steps, bytes }: Request): Step[] {
  const restore = (cell: Cell): SqlValue =>
    typeof cell === 'object' && cell !== null ? new Uint8Array(bytes, cell.at, cell.length) : cell;
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
