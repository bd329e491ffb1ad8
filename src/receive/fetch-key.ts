// Fetches the public keys of senders: https only, small, quick, cached, never redirected and never from a private address.
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { LRUCache } from 'lru-cache';
import { Agent, request } from 'undici';
import { reasonOf } from '../lib/errors.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import type { Clock } from '../types.ts';
import type { FetchedKey, FetchKey } from '../verify/scheme.ts';

export type FetchKeyParts = {
  /** May a connection be made to this IP address? */
  isAllowed: (address: string) => boolean;
  now: Clock;
  /** Authorities to trust instead of Node's own. */
  ca?: string;
};

const KEPT_MS = DAY_MS;
/** A failure is remembered too, or forged requests would make us ask again and again. */
const FAILED_MS = MINUTE_MS;
const TIMEOUT_MS = 3_000;
const MOST_BYTES = 16_384;
const MOST_KEYS = 200;
const MOST_AT_ONCE = 8;

class Forbidden extends Error {}

/** Resolves names, and fails where any of their addresses may not be connected to. */
const guarded =
  (isAllowed: FetchKeyParts['isAllowed']): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { all: true }).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isAllowed(address)))
          callback(new Forbidden('the host has a private address'), '');
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error as NodeJS.ErrnoException, ''),
    );
  };

/** Undefined when more than `MOST_BYTES` come. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with the text at an https URL; the caller has pinned its host. Never rejects. */
export function createFetchKey({ isAllowed, now, ca }: FetchKeyParts): FetchKey {
  const connect = { lookup: guarded(isAllowed), timeout: TIMEOUT_MS, ...(ca !== undefined && { ca }) };
  const dispatcher = new Agent({ connect });
  const remember = (ttl: number) =>
    new LRUCache<string, FetchedKey>({ max: MOST_KEYS, ttl, perf: { now }, ttlResolution: 0 });
  const keys = remember(KEPT_MS);
  // Apart, or whoever forges requests could push the real keys out.
  const failures = remember(FAILED_MS);
  const running = new Map<string, Promise<FetchedKey>>();

  const ask = async (url: string): Promise<FetchedKey> => {
    try {
      const reply = await request(url, { dispatcher, reset: true, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const pem = await readText(reply.body);
      if (reply.statusCode !== 200)
        return {
          problem: `its host answered ${reply.statusCode}`,
          temporary: reply.statusCode >= 500 || reply.statusCode === 429,
        };
      if (pem === undefined) return { problem: 'it is too large', temporary: false };
      return pem.includes('-----BEGIN ')
        ? { pem }
        : { problem: 'its host answered with something else', temporary: false };
    } catch (error) {
      return { problem: reasonOf(error), temporary: !(error instanceof Forbidden) };
    }
  };
  const fetchOnce = async (url: string): Promise<FetchedKey> => {
    const answer = await ask(url).finally(() => running.delete(url));
    ('pem' in answer ? keys : failures).set(url, answer);
    return answer;
  };

  return async (url) => {
    const known = keys.get(url) ?? failures.get(url);
    if (known !== undefined) return known;
    const underWay = running.get(url);
    if (underWay !== undefined) return underWay;
    if (running.size >= MOST_AT_ONCE) return { problem: 'too many keys are being fetched', temporary: true };
    const asked = fetchOnce(url);
    running.set(url, asked);
    return asked;
  };
}
