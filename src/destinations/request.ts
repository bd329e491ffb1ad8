// The request that all destinations make: JSON, posted.
import type { HttpRequest } from '../types.ts';

/** `body` is JSON already; `headers` are those that a store adds. */
export const postJson = (url: string, body: string, headers: Readonly<Record<string, string>> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { ...headers, 'content-type': 'application/json' },
  body,
});
