// Collects the raw bytes of a request, up to a limit; the bytes are what signatures are made over.
import type { IncomingMessage } from 'node:http';

export type BodyResult = { body: Buffer } | { problem: 'too_large' | 'aborted' };

/**
 * Resolves with all bytes, or with `too_large` as soon as more than `limit` were announced or came. The rest of a body
 * that is too large is not read; the caller closes the connection.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<BodyResult> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.resolve({ problem: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: BodyResult) => {
      request.removeListener('data', onData).removeListener('end', onEnd);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        finish({ problem: 'too_large' });
      } else chunks.push(chunk);
    };
    const onEnd = () => finish({ body: Buffer.concat(chunks, size) });
    request.on('data', onData).once('end', onEnd);
    request.once('close', () => finish({ problem: 'aborted' })).once('error', () => finish({ problem: 'aborted' }));
  });
}
