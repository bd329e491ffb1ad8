// The one place where look-ups are made: within rates, remembered for a while, and never waited for by other hooks.
import { LRUCache } from 'lru-cache';
import type { Keep } from '../keep/keep.ts';
import { notBefore } from '../lib/ahead.ts';
import type { Log } from '../lib/log.ts';
import { retryAfter } from '../lib/retry-after.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Asked, Found } from '../map/asking/lookup.ts';
import {
  ANSWER_BYTES,
  accountOf,
  type Read,
  readReply,
  readToken,
  requestOf,
  settingNames,
  tokenRequestOf,
} from '../map/asking/lookup-request.ts';
import type { Clock, GetRequest, HttpRequest, Reply } from '../types.ts';

type SendOptions = { signal: AbortSignal; timeout: number; limit: number };
type Send = (request: GetRequest | HttpRequest, options: SendOptions) => Promise<Reply>;
export type LookupParts = {
  /** Must refuse addresses that are not public. */
  send: Send;
  /** Where all replicas keep to a rate together, and to the wait that an API asked one of them for. */
  keep: Pick<Keep, 'takeTry' | 'holdTries'>;
  now: Clock;
  log: Pick<Log, 'info' | 'warn'>;
  signal: AbortSignal;
};
/** Who asks; `settings` hold the credentials. */
export type Asker = { store: string; name: string; settings: Readonly<Record<string, unknown>> };
/** `later` is when to ask again, and why not now. */
export type Given = Found | { later: number | undefined; reason: string };
export type Lookups = {
  ask: (asker: Asker, asked: Asked) => Promise<Given>;
  /** A page of a list: larger and slower than the answer about a record, never remembered, and with its headers. */
  page: (asker: Asker, asked: Asked) => Promise<Given & { headers?: Readonly<Record<string, string>> }>;
};

type Patience = Pick<SendOptions, 'timeout' | 'limit'> & { of: 'record' | 'list' };
const RECORD: Patience = { timeout: 5_000, limit: ANSWER_BYTES, of: 'record' };
const PAGE: Patience = { timeout: 30_000, limit: 4 * ANSWER_BYTES, of: 'list' };
/** How long nobody asks with credentials that were refused. */
const PAUSE_MS = 10 * MINUTE_MS;
/** No API is left alone for longer, whatever it asks for; and no hook waits for its turn longer. */
const HELD_MS = HOUR_MS;
const TURN_MS = 6 * HELD_MS;
/** Tokens are renewed this long before they end. */
const MARGIN_MS = MINUTE_MS;
const REMEMBERED = { max: 10_000, maxSize: 64_000_000 };

type Held = { until: number; reason: string };
/** What the limits of an API are counted by, and what refused credentials hold back. */
type Keys = { account: string; pauseKey: string };

/** A second's worth at once, then one after the other. */
const triesOf = (rate: number) => ({
  every: Math.ceil(1_000 / rate),
  burst: Math.max(1, Math.floor(rate)),
  held: HELD_MS,
});
const keyOf = (account: string): string => `lookup ${account}`;

export function createLookups({ send, keep, now, log, signal }: LookupParts): Lookups {
  const perf = { now };
  const answers = new LRUCache<string, { found: Found }>({ ...REMEMBERED, perf, ttlResolution: 0 });
  const tokens = new LRUCache<string, { token: string }>({ max: 1_000, perf, ttlResolution: 0 });
  /** The end of the queue of those who came too many. */
  const queues = new LRUCache<string, number>({ max: 1_000 });
  const held = new LRUCache<string, Held>({ max: 1_000 });
  const running = new Map<string, Promise<Given>>();

  /** Undefined for a request of the account's rate; otherwise when its turn comes. */
  const waitForTurn = async (account: string, rate: number): Promise<number | undefined> => {
    const tries = triesOf(rate);
    const wait = await keep.takeTry(keyOf(account), tries, now());
    if (wait === 0) return undefined;
    const turn = Math.max(notBefore(queues.get(account), now(), TURN_MS), now() + wait);
    queues.set(account, turn + tries.every);
    return turn;
  };

  const holdUntil = (key: string, ms: number, reason: string): Given => {
    held.set(key, { until: now() + ms, reason });
    return { later: now() + ms, reason };
  };
  const heldBack = (...keys: string[]): Given | undefined => {
    const at = now();
    for (const key of keys) {
      const found = held.get(key);
      if (found !== undefined && at < notBefore(found.until, at, HELD_MS))
        return { later: found.until, reason: found.reason };
    }
    return undefined;
  };

  const settle = async (
    read: Read,
    { account, pauseKey }: Keys,
    { store, name }: Asker,
    lookup: Asked['lookup'],
  ): Promise<Given> => {
    if ('refused' in read) {
      log.warn({ store, source: name, lookup: lookup.name, reason: read.refused }, 'lookup.paused');
      return holdUntil(pauseKey, PAUSE_MS, read.refused);
    }
    if (!('again' in read)) return read;
    if (read.after === undefined) return { later: undefined, reason: read.again };
    const given = holdUntil(account, read.after, read.again);
    await keep.holdTries(keyOf(account), triesOf(lookup.rate), now() + read.after);
    return given;
  };

  const exchange = async (request: GetRequest | HttpRequest, asker: Asker, name: string, patience = RECORD) => {
    const began = now();
    const { timeout, limit } = patience;
    const reply = await send(request, { signal, timeout, limit });
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
    const { reply, after } = await exchange(request, asker, `${asked.lookup.name} token`);
    const read = readToken(reply, settingNames(asked.auth), after);
    if (!('token' in read)) return read;
    tokens.set(account, { token: read.token }, { ttl: Math.max(read.lasts - MARGIN_MS, 1_000) });
    return { token: read.token, fresh: true };
  };

  const make = async (asker: Asker, asked: Asked, keys: Keys, patience: Patience): ReturnType<Lookups['page']> => {
    const { lookup } = asked;
    const { account } = keys;
    const turn = await waitForTurn(account, lookup.rate);
    if (turn !== undefined) return { later: turn, reason: 'the API is asked only as fast as its rate allows' };
    const given = await tokenFor(asker, asked, account);
    if (given !== undefined && !('token' in given)) return settle(given, keys, asker, lookup);
    const request = requestOf(asked, asker.settings, given?.token);
    const { reply, after } = await exchange(request, asker, lookup.name, patience);
    const read = readReply(reply, settingNames(asked.auth), after, patience);
    if ('refused' in read && given?.fresh === false) {
      tokens.delete(account);
      return { later: now(), reason: read.refused };
    }
    const settled = await settle(read, keys, asker, lookup);
    return 'headers' in reply ? { ...settled, headers: reply.headers } : settled;
  };

  const keysOf = (asker: Asker, asked: Asked): Keys => {
    const account = accountOf(asked, asker.settings);
    return { account, pauseKey: `${account} ${asker.store}/${asker.name}/${asked.lookup.name}` };
  };

  return {
    page: async (asker, asked) => {
      const keys = keysOf(asker, asked);
      return heldBack(keys.account, keys.pauseKey) ?? make(asker, asked, keys, PAGE);
    },
    ask: (asker, asked) => {
      const { lookup } = asked;
      const keys = keysOf(asker, asked);
      const key = `${keys.account} ${asked.key}`;
      const known = answers.get(key) ?? running.get(key);
      if (known !== undefined) return Promise.resolve('found' in known ? known.found : known);
      const back = heldBack(keys.account, keys.pauseKey);
      if (back !== undefined) return Promise.resolve(back);
      const work = make(asker, asked, keys, RECORD)
        .then(({ headers: _, ...given }) => given)
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
