// Collects the raw bytes of a request, within a limit for one and a budget for all; signatures are made over these bytes.
import type { IncomingMessage } from 'node:http';

export type BodyResult = { body: Buffer } | { problem: 'too_large' | 'busy' | 'aborted' };

/** Bytes of bodies that are held in memory at one time, over all requests. */
export type Budget = { take: (bytes: number) => boolean; give: (bytes: number) => void };

export function createBudget(most: number): Budget {
  let held = 0;
  return {
    take: (bytes) => {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    give: (bytes) => {
      held -= bytes;
    },
  };
}

/**
 * Resolves with all bytes; with `too_large` as soon as more than `limit` were announced or came; with `busy` when the
 * budget has no room for them. `taken()` goes back to the budget when the body is no longer needed.
 */
function readBody(
  request: IncomingMessage,
  limit: number,
  budget: Budget,
): { result: Promise<BodyResult>; taken: () => number } {
  const announced = Number(request.headers['content-length'] ?? 0);
  let taken = 0;
  const take = (bytes: number): boolean => {
    if (!budget.take(bytes)) return false;
    taken += bytes;
    return true;
  };
  const refuse = (problem: 'too_large' | 'busy') => ({ result: Promise.resolve({ problem }), taken: () => taken });
  if (announced > limit) return refuse('too_large');
  if (!take(announced)) return refuse('busy');
  const result = new Promise<BodyResult>((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (end: BodyResult) => {
      request.removeListener('data', onData).removeListener('end', onEnd);
      resolve(end);
    };
    const stop = (problem: 'too_large' | 'busy') => {
      request.pause();
      finish({ problem });
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) stop('too_large');
      else if (size > taken && !take(size - taken)) stop('busy');
      else chunks.push(chunk);
    };
    const onEnd = () => {
      const [only] = chunks;
      finish({ body: only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, size) });
    };
    request.on('data', onData).once('end', onEnd);
    request.once('close', () => finish({ problem: 'aborted' })).once('error', () => finish({ problem: 'aborted' }));
  });
  return { result, taken: () => taken };
}

const PASSING_MS = 1_000;

/**
 * Lets the rest of a refused body go by unread, so that its sender is there to read the answer: a connection closed on
 * a sender that still writes is broken for it. Resolves at the end of the body, after `most` bytes, or after a second.
 */
export function letPass(request: IncomingMessage, most: number): Promise<void> {
  if (request.destroyed || request.readableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    let left = most;
    const timer = setTimeout(() => done(), PASSING_MS);
    const onData = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done();
    };
    const done = () => {
      clearTimeout(timer);
      request.removeListener('data', onData).pause();
      resolve();
    };
    request.on('data', onData).once('end', done).once('close', done).resume();
  });
}

/** Hands a body to `use`, and counts its bytes into the budget until that is done. One that is refused has passed by then. */
export async function withBody(
  request: IncomingMessage,
  limit: number,
  budget: Budget,
  use: (read: BodyResult) => Promise<void> | void,
): Promise<void> {
  const { result, taken } = readBody(request, limit, budget);
  try {
    const read = await result;
    if ('problem' in read) await letPass(request, limit);
    await use(read);
  } finally {
    budget.give(taken());
  }
}
