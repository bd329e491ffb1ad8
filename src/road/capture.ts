// Visits from the script to the disk: what may be kept, under which keys, and not again what is kept already.
import { isbot } from 'isbot';
import { LRUCache } from 'lru-cache';
import type { JoinKey } from '../event.ts';
import { createBatcher } from '../keep/batch.ts';
import { type Identity, identityOf } from '../keep/identity-key.ts';
import type { Keep } from '../keep/keep.ts';
import type { NewVisit } from '../keep/questions/identities.ts';
import { describeError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { fillOf, type Rate } from '../lib/leaky-bucket.ts';
import type { Log } from '../lib/log.ts';
import { networkOf } from '../lib/network.ts';
import { DAY_MS } from '../lib/time.ts';
import { isBuyerAddress } from '../map/buyer-address.ts';
import type { Store } from '../map/files/load.ts';
import { callingCode } from '../map/phone.ts';
import type { VisitPost } from '../receive/visit-post.ts';
import { visitScript } from '../receive/visit-script.ts';
import type { Captured, From, VisitParts } from '../receive/visits.ts';
import type { Clock } from '../types.ts';
import type { Stores } from './accept.ts';
import { codesFor } from './reference-code.ts';
import { mayUse, visitFields } from './visit-fields.ts';

export type CaptureParts = {
  stores: Stores;
  keep: Pick<Keep, 'keepVisits' | 'lastSeen' | 'claimIdentity'>;
  now: Clock;
  log: Pick<Log, 'error'>;
};

/** Posts of one address at once, and then one more every so many milliseconds; an office shares one. */
const OF_ADDRESS = { burst: 200, every: 50 };
const OF_STORE = { burst: 20_000, every: 0.2 };
const ADDRESSES = 50_000;
/** What was kept is not kept again before this time. */
const KNOWN_MS = 600_000;
const KNOWN = 50_000;
const CODE_MS = 30 * DAY_MS;

/** A leaky bucket per key. Answers whether there was room. */
function createLimit(rate: Rate, max: number, now: Clock) {
  const emptyAt = new LRUCache<string, number>({ max });
  return (key: string): boolean => {
    const { empty, wait } = fillOf(emptyAt.get(key), now(), rate);
    if (wait > 0) return false;
    emptyAt.set(key, empty + rate.every);
    return true;
  };
}

/** The keys that a post names, without those it may not give. */
function identitiesOf(store: string, post: VisitPost, client_id: string | undefined, required: boolean): Identity[] {
  const person = mayUse(post, 'ad_user_data', required);
  const told: [JoinKey, string | undefined][] = [
    ['checkout_token', post.checkout],
    ['cart_token', post.cart],
    ['order_id', post.order],
    ['client_id', client_id],
  ];
  // The browser hashed these; the key is made of the hash.
  const hashed: [JoinKey, string | undefined][] = [
    ['email_address', post.email],
    ['phone_number', post.phone],
  ];
  return [
    ...told.flatMap(([by, value]) => (value === undefined ? [] : [identityOf(store, by, value)])),
    ...(person ? hashed : []).flatMap(([by, value]) => (value === undefined ? [] : [{ store, by, value }])),
  ];
}

/** A store that keeps visits. */
type Watched = { store: Store; policy: NonNullable<Store['settings']['visits']>; required: boolean };

function visitOf({ store, policy, required }: Watched, post: VisitPost, from: From, now: number): NewVisit {
  const accounts = store.routes.map(({ account }) => account);
  const { fields, seen } = visitFields(post, from, { required, accounts, now });
  return {
    visitor: identityOf(store.name, 'visitor_id', post.visitor),
    id: post.visit,
    visit: { started_at: now - post.age, seen_at: now, fields, seen, consent: post.consent },
    expires_at: now + policy.keep,
    ...(post.partial !== undefined && { partial: true }),
    identities: identitiesOf(store.name, post, fields.client_id, required),
  };
}

/** What a visit says, without when it was said. */
const gistOf = ({ visit: { fields, consent }, identities }: NewVisit): string =>
  sha256(JSON.stringify([fields, consent, identities.map(({ by, value }) => [by, value])]));

export function createCapture({ stores, keep, now, log }: CaptureParts): VisitParts {
  const hasRoom = createLimit(OF_ADDRESS, ADDRESSES, now);
  const storeHasRoom = createLimit(OF_STORE, 1_000, now);
  const known = new LRUCache<string, { gist: string; seen_at: number }>({
    max: KNOWN,
    ttl: KNOWN_MS,
    perf: { now },
    ttlResolution: 0,
  });
  const keepOne = createBatcher(async (visits: NewVisit[]) => {
    await keep.keepVisits(visits);
    return visits.map(() => true);
  });

  /** Another replica may have kept something else since, or somebody erased it. */
  const isKept = async (name: string, gist: string, visit: NewVisit): Promise<boolean> => {
    const last = known.get(name);
    return last?.gist === gist && last.seen_at === (await keep.lastSeen(visit));
  };
  const remember = async (visit: NewVisit): Promise<void> => {
    const name = `${visit.visitor.store}\n${visit.visitor.value}\n${visit.id}\n${visit.partial}`;
    const gist = gistOf(visit);
    if (await isKept(name, gist, visit)) return;
    await keepOne(visit);
    known.set(name, { gist, seen_at: visit.visit.seen_at });
  };

  const giveCode = async ({ visitor }: NewVisit): Promise<string | undefined> => {
    const expires_at = now() + CODE_MS;
    for (const code of codesFor(visitor.store, visitor.value)) {
      const identity = identityOf(visitor.store, 'reference_code', code);
      if (await keep.claimIdentity(identity, { visitor, now: now(), expires_at })) return code;
    }
    return undefined;
  };

  const watched = (name: string): Watched | undefined => {
    const store = stores.get(name);
    const policy = store?.settings.visits;
    return store && policy && { store, policy, required: policy.consent === 'required' };
  };

  return {
    find: (name) => {
      const found = watched(name);
      if (found === undefined) return undefined;
      const { store, policy, required } = found;
      const script = () => visitScript({ required, calling: callingCode(store.settings.country) });
      return { origins: policy.origins, script };
    },
    capture: async (name, post, from): Promise<Captured> => {
      const found = watched(name);
      if (found === undefined) return {};
      const { ip = '', user_agent = '' } = from;
      // Behind a proxy that does not say who asks, everybody has its address.
      if (isBuyerAddress(ip) && !hasRoom(`${name}\n${networkOf(ip)}`)) return { later: 'too_many' };
      if (!storeHasRoom(name)) return { later: 'too_many' };
      const { required } = found;
      const agreed = mayUse(post, 'ad_storage', required) || mayUse(post, 'analytics_storage', required);
      if (!agreed || user_agent === '' || isbot(user_agent)) return {};
      try {
        const visit = visitOf(found, post, { ...from, ip: isBuyerAddress(ip) ? ip : undefined }, now());
        await remember(visit);
        const code = post.code === true ? await giveCode(visit) : undefined;
        return code === undefined ? {} : { code };
      } catch (error) {
        log.error({ store: name, error: describeError(error) }, 'visit.not_kept');
        return { later: 'busy' };
      }
    },
  };
}
