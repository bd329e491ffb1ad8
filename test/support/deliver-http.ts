// The HTTP client and receivers for it, each ended with its test, and a request of one event.
import { afterEach } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import type { HttpRequest, Reply } from '../../src/types.ts';
import { startReceiver } from './deliver-receiver.ts';

/** What is pushed to `cleanups` is done after the test, the last one first. */
export const useHttp = () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const receiver = async (...answer: Parameters<typeof startReceiver>) => {
    const started = await startReceiver(...answer);
    cleanups.push(started.close);
    return started;
  };
  const client = (options: Partial<Parameters<typeof createHttp>[0]> = {}): Http => {
    const http = createHttp({ allowPrivate: true, ...options });
    cleanups.push(http.close);
    return http;
  };
  return { cleanups, receiver, client };
};

export const post = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body: '{"a":"é"}',
  ...changes,
});
export const { signal } = new AbortController();
export const loopback = async () => [{ address: '127.0.0.1', family: 4 }];
export const statusOf = (reply: Reply) => ('status' in reply ? reply.status : reply);
