// The one place where look-ups are made: within rates, remembered for a while, and never waited for by other hooks.
import { LRUCache } from 'lru-cache';
import { type Bucket, fullBucket, hasToken, refilled, spent } from './deliver/rate.ts';
import { retryAfter } from './destinations/retry-after.ts';
import type { Asked, Found } from './map/lookup.ts';
import {
  accountOf,
  type Read,
  readReply,
  readToken,
  requestOf,
  settingNames,
  tokenRequestOf,
} from './map/lookup-request.ts';
import type { Clock, GetRequest, HttpRequest, Reply } from './types.ts';

type Send = (request: GetRequest | HttpRequest, options: { signal: AbortSignal; timeout: number }) => Promise<Reply>;
export type LookupParts = {
  /** Must refuse addresses that are not public. */
  send: Send;
  now: Clock;
  log: Record<'info' | 'warn', (fields: object, message: string) => void>;
  signal: AbortSignal;
};
/** Who asks; `settings` hold the credentials. */
export type Asker = { store: string; name: string; settings: Readonly<Record<string, unknown>> };
/** `later` is when to ask again, and why not now. */
export type Given = Found | { later: number | undefined; reason: string };
export type Lookups = { ask: (asker: Asker, asked: Asked) => Promise<Given> };

const TIMEOUT_MS = 5_000;
/** How long nobody asks with credentials that were refused. */
const PAUSE_MS = 10 * 60_000;
/** Tokens are renewed this long before they end. */
const MARGIN_MS = 60_000;
const REMEMBERED = { max: 10_000, maxSize: 64_000_000 };

/** What limits an account at its API: the requests of a second, and the end of the queue of those who came too many. */
type Limits = { bucket: Bucket; queue: number };
type Held = { until: number; reason: string };

export function createLookups({ send, now, log, signal }: LookupParts): Lookups {
  const perf = { now };
  const answers = new LRUCache<string, { found: Found }>({ ...REMEMBERED, perf, ttlResolution: 0 });
  const tokens = new LRUCache<string, { token: string }>({ max: 1_000, perf, ttlResolution: 0 });
  const limits = new LRUCache<string, Limits>({ max: 1_000 });
  const held = new LRUCache<string, Held>({ max: 1_000 });
  const running = new Map<string, Promise<Given>>();

  /** One request of the account's rate; otherwise when its turn comes. */
  const takeTurn = (account: string, rate: number): { turn: true } | { turn: false; at: number } => {
    const at = now();
    const { bucket, queue } = limits.get(account) ?? { bucket: fullBucket(rate, at), queue: at };
    const full = refilled(bucket, rate, at);
    const turn = hasToken(full);
    const next = turn ? queue : Math.max(queue, at) + 1_000 / rate;
    limits.set(account, { bucket: turn ? spent(full) : full, queue: next });
    return turn ? { turn } : { turn, at: Math.ceil(next) };
  };

  const holdUntil = (key: string, ms: number, reason: string): Given => {
    held.set(key, { until: now() + ms, reason });
    return { later: now() + ms, reason };
  };
  const heldBack = (...keys: string[]): Given | undefined => {
    for (const key of keys) {
      const found = held.get(key);
      if (found !== undefined && now() < found.until) return { later: found.until, reason: found.reason };
    }
    return undefined;
  };

  const settle = (read: Read, account: string, key: string, { store, name }: Asker, lookup: string): Given => {
    if ('refused' in read) {
      log.warn({ store, source: name, lookup, reason: read.refused }, 'lookup.paused');
      return holdUntil(key, PAUSE_MS, read.refused);
    }
    if (!('again' in read)) return read;
    return read.after === undefined
      ? { later: undefined, reason: read.again }
      : holdUntil(account, read.after, read.again);
  };

  const post = async (request: GetRequest | HttpRequest, asker: Asker, name: string) => {
    const began = now();
    const reply = await send(request, { signal, timeout: TIMEOUT_MS });
    const outcome = 'status' in reply ? reply.status : reply.failure;
    log.info({ store: asker.store, source: asker.name, lookup: name, outcome, ms: now() - began }, 'lookup.made');
    return { reply, after: 'status' in reply ? retryAfter(reply.headers) : undefined };
  };

  /** A token that is good for a while, or what to tell those who need it; undefined where none is needed. */
  const tokenFor = async (asker: Asker, asked: Asked, account: string) => {
    const request = tokenRequestOf(asked, asker.settings);
    const known = tokens.get(account);
    if (request === undefined) return undefined;
    if (known !== undefined) return { ...known, fresh: false };
    const { reply, after } = await post(request, asker, `${asked.lookup.name} token`);
    const read = readToken(reply, settingNames(asked.auth), after);
    if (!('token' in read)) return read;
    tokens.set(account, { token: read.token }, { ttl: Math.max(read.lasts - MARGIN_MS, 1_000) });
    return { token: read.token, fresh: true };
  };

  const make = async (asker: Asker, asked: Asked, account: string, pauseKey: string): Promise<Given> => {
    const { lookup } = asked;
    const given = await tokenFor(asker, asked, account);
    if (given !== undefined && !('token' in given)) return settle(given, account, pauseKey, asker, lookup.name);
    const { reply, after } = await post(requestOf(asked, asker.settings, given?.token), asker, lookup.name);
    const read = readReply(reply, settingNames(asked.auth), after);
    if ('refused' in read && given?.fresh === false) {
      tokens.delete(account);
      return { later: now(), reason: read.refused };
    }
    return settle(read, account, pauseKey, asker, lookup.name);
  };

  return {
    ask: (asker, asked) => {
      const { lookup } = asked;
      const account = accountOf(asked, asker.settings);
      const key = `${account} ${asked.key}`;
      const known = answers.get(key) ?? running.get(key);
      if (known !== undefined) return Promise.resolve('found' in known ? known.found : known);
      const pauseKey = `${account} ${asker.store}/${asker.name}/${lookup.name}`;
      const back = heldBack(account, pauseKey);
      if (back !== undefined) return Promise.resolve(back);
      const turn = takeTurn(account, lookup.rate);
      if (!turn.turn)
        return Promise.resolve({ later: turn.at, reason: 'the API is asked only as fast as its rate allows' });
      const work = make(asker, asked, account, pauseKey)
        .then((given) => {
          if (lookup.cache > 0 && !('later' in given))
            answers.set(key, { found: given }, { ttl: lookup.cache, size: JSON.stringify(given).length });
          return given;
        })
        .finally(() => running.delete(key));
      running.set(key, work);
      return work;
    },
  };
}
