// A text that pages load, packed for whoever takes it so, and named by its contents.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** For what lies under a name of its contents. */
export const A_YEAR = 'public, max-age=31536000, immutable';
/** For what does not: a page of before an update may ask for it, and whoever asks without a version. */
export const FIVE_MINUTES = 'public, max-age=300';

export const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export function sendPacked(
  request: Request,
  response: Response,
  { type, text, packed }: { type: string; text: string; packed: Buffer },
  caching: string,
): void {
  response.set({ 'cache-control': caching, vary: 'accept-encoding' }).type(type);
  if (request.acceptsEncodings('gzip') === false) response.send(text);
  else response.set('content-encoding', 'gzip').send(packed);
}
