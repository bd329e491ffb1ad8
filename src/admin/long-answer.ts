// Writes a long answer while it is made, no faster than it is taken.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** Resolves when all is written, or when whoever asked has gone away. Rejects, with the answer cut, when it cannot be made. */
export async function writeLong(text: AsyncIterable<string>, response: Response): Promise<void> {
  try {
    await pipeline(Readable.from(text), response);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isGone) throw error;
  }
}
