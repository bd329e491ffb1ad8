// From a host name to the addresses a connection may use: asked of the name servers, checked, remembered for a moment.
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { codeOf } from '../lib/errors.ts';
import { isPublicAddress } from './address.ts';

/** Ways to ask for a name. `system` also knows /etc/hosts and search domains but takes one of Node's few threads. */
export type NameServers = {
  v4: (host: string) => Promise<string[]>;
  v6: (host: string) => Promise<string[]>;
  system: (host: string) => Promise<string[]>;
};

/** Why a name gives no address to connect to. */
export class ResolveError extends Error {
  readonly failure: 'dns' | 'forbidden_address';
  constructor(failure: 'dns' | 'forbidden_address', message: string) {
    super(message);
    this.name = 'ResolveError';
    this.failure = failure;
  }
}

export type Resolve = (host: string) => Promise<LookupAddress[]>;

const REMEMBERED_MS = 10_000;
/** The name servers do not know the name, or there are none. */
const UNKNOWN = ['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'];

/** Lets one piece of work run at a time, so that slow names never hold more than one thread. */
const createQueue = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next;
    return next;
  };
};

/**
 * Makes the function that connections use for their host names. It rejects with a ResolveError where a name has no
 * address, or where any of its addresses is not public; a mixed answer is an attack, not a choice. Many dead names
 * never delay a living one: name servers are asked without threads, `system` only for names they do not know.
 */
export const createResolve = (
  servers: NameServers,
  { allowPrivate, perf = performance }: { allowPrivate: boolean; perf?: { now: () => number } },
): Resolve => {
  const inTurn = createQueue();

  const ask = async (host: string): Promise<string[]> => {
    if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1'];
    const answers = await Promise.allSettled([servers.v4(host), servers.v6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const codes = answers.map((answer) => (answer.status === 'rejected' ? codeOf(answer.reason) : 'ENODATA'));
    const fault = codes.find((code) => !UNKNOWN.includes(code));
    if (fault !== undefined) throw new ResolveError('dns', `${fault} ${host}`);
    return inTurn(() => servers.system(host)).catch((error) => {
      throw new ResolveError('dns', `${codeOf(error)} ${host}`);
    });
  };

  const check = async (host: string): Promise<LookupAddress[]> => {
    const addresses = await ask(host);
    if (!allowPrivate && !addresses.every(isPublicAddress)) {
      throw new ResolveError('forbidden_address', `${host} leads to a private or local address`);
    }
    return addresses.map((address) => ({ address, family: isIP(address) }));
  };

  const known = new LRUCache<string, LookupAddress[]>({ max: 1_000, ttl: REMEMBERED_MS, perf, fetchMethod: check });
  return async (host) => (await known.fetch(host)) ?? [];
};
