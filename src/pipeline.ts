// The whole road: receive, verify, keep (`accept`), then map, enrich, deliver (`digest`).
import { type Complete, type Completed, knownOf } from './complete.ts';
import type { Deliverer } from './deliver/deliverer.ts';
import { LEASE_MS } from './deliver/questions.ts';
import { digestMapped, ordersToFind, type Planned } from './digest.ts';
import type { LedgerEntry } from './enrich/ledger.ts';
import type { Digest, NewEvent } from './keep/digests.ts';
import type { LeasedHook, NewHook } from './keep/hooks.ts';
import type { Keep } from './keep/keep.ts';
import { describeError } from './lib/errors.ts';
import { dedupeKeys, keptHeaders } from './lib/hook-keys.ts';
import { asHandshake, dataOf, holdsCheck, identify, queryOf, takes } from './map/identify.ts';
import type { Store } from './map/load.ts';
import { type MapResult, mapHook } from './map/map.ts';
import { evaluate, untilSettled } from './map/run.ts';
import type { Handshake, Source } from './map/source.ts';
import { ANSWERS, type Answer } from './receive/answer.ts';
import { type Asked, shakeHands } from './receive/handshake.ts';
import type { HookRequest } from './receive/server.ts';
import { keepableBody } from './receive/strip.ts';
import type { Clock, Delivery, Hook } from './types.ts';
import { credentialHeaders, markVerified, type VerifyParts, verify } from './verify/verify.ts';

export type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;
type Stores = { get: (name: string) => Store | undefined };

export type AcceptParts = {
  stores: Stores;
  /** Durable when it resolves. */
  keep: (hook: NewHook) => Promise<'kept' | 'duplicate'>;
  /** A worker with room takes a hook over in memory, under its lease; undefined leaves the hook for a claim. */
  worker: {
    lease: () => { lease_id: string; until: number } | undefined;
    give: (hook: Hook, lease_id: string) => void;
    giveBack: (lease_id: string) => void;
  };
  publicUrl: string | undefined;
  fetchKey: VerifyParts['fetchKey'];
  now: Clock;
  newId: () => string;
  log: Log;
};

/** The first of the answers whose tests hold. */
const firstAnswer = (answers: readonly Handshake[], request: HookRequest, asked: Asked) =>
  untilSettled((results) =>
    shakeHands(answers, request, asked, (run, input, env) => evaluate(run, input, env, results)),
  );

/** Signature first, then the check that the platform file makes of the body. */
function prove(source: Source, request: HookRequest, around: Pick<VerifyParts, 'now' | 'publicUrl' | 'fetchKey'>) {
  const readBody = () => dataOf(request);
  return verify(source, request, {
    ...around,
    readBody,
    check: (entry) => holdsCheck(source, entry, request, readBody()),
  });
}

/** Bytes in, answer out: no 2xx before the hook is on disk. */
export function createAccept({ stores, keep, worker, publicUrl, fetchKey, now, newId, log }: AcceptParts) {
  return async function accept(request: HookRequest): Promise<Answer> {
    const began = now();
    const source = stores.get(request.store)?.sources.get(request.source);
    if (source === undefined) return ANSWERS.notFound;
    const say = (answer: Answer, outcome: string, fields: object = {}): Answer => {
      const { store, source: name } = request;
      log.info(
        {
          store,
          source: name,
          outcome,
          status: answer.status,
          bytes: request.body.length,
          ms: now() - began,
          ...fields,
        },
        'hook.received',
      );
      return answer;
    };

    const asked = asHandshake(source, credentialHeaders(source), request);
    const handshake = asked && (await firstAnswer(source.handshakes, request, asked));
    if (handshake !== undefined) return say(handshake, 'handshake');
    if (request.method !== 'POST') return say(ANSWERS.methodNotAllowed, 'refused', { reason: 'method' });
    if (!takes(source, request.headers)) return say(ANSWERS.unsupportedType, 'refused', { reason: 'content type' });

    const verdict = await prove(source, request, { now: began, publicUrl, fetchKey });
    if (!verdict.ok) {
      const answer = verdict.later === true ? ANSWERS.unavailable : ANSWERS.unauthorized;
      return say(answer, 'refused', { reason: verdict.reason });
    }
    const body = keepableBody(request.body, request.headers['content-type'], source.strip);
    const headers = keptHeaders(request.headers, credentialHeaders(source, request.headers));
    const sent = { id: newId(), store: request.store, source: request.source, received_at: began, headers };
    const hook = body && markVerified({ ...sent, body }, verdict);
    if (hook === undefined) return say(ANSWERS.badRequest, 'refused', { reason: 'body' });

    const { topic, delivery_id } = await identify(source, hook);
    const keys = dedupeKeys({ ...hook, body: request.body }, topic, delivery_id);
    const lease = worker.lease();
    const due = lease === undefined ? { due_at: began } : { due_at: lease.until, lease_id: lease.lease_id };
    let kept: 'kept' | 'duplicate' | undefined;
    try {
      kept = await keep({ hook, keys, ...due });
    } catch (error) {
      log.error({ store: hook.store, source: hook.source, error: describeError(error) }, 'hook.not_kept');
      return say(ANSWERS.unavailable, 'not_kept');
    } finally {
      if (lease !== undefined && kept !== 'kept') worker.giveBack(lease.lease_id);
    }
    if (kept === 'kept' && lease !== undefined) worker.give(hook, lease.lease_id);
    const told = await firstAnswer(source.answers, request, { body: {}, query: queryOf(request) });
    if (kept === 'duplicate') return say(told ?? ANSWERS.duplicate, 'duplicate', { topic });
    return say(told ?? ANSWERS.kept, 'kept', { hook: hook.id, topic });
  };
}

export type DigestParts = {
  stores: Stores;
  keep: Pick<Keep, 'findOrders' | 'recordDigests'>;
  deliverer: Pick<Deliverer, 'room' | 'offer'>;
  /** Asks for what thin hooks lack. */
  complete: Complete;
  /** Takes work that others must not wait for. */
  background: (work: Promise<void>) => void;
  now: Clock;
  newId: () => string;
  log: Log;
};

const stuck = (reason: string): MapResult => ({
  topic: undefined,
  verdict: 'stuck',
  reason,
  events: [],
  uncounted: [],
});
const gone = (hook: Hook): MapResult => stuck(`no store file names ${hook.store}/${hook.source} any more`);
const FAILED = 'the bridge failed on this hook; the log says why';

type Mapped = Completed & { hook: LeasedHook };

/** Kept hooks in, deliveries out: one transaction for many hooks, then straight on to the lanes that have room. */
export function createDigest({ stores, keep, deliverer, complete, background, now, newId, log }: DigestParts) {
  const failed = (hook: Hook, error: unknown): string => {
    log.error({ hook: hook.id, error: describeError(error) }, 'hook.failed');
    return FAILED;
  };
  const mapOne = async (hook: LeasedHook): Promise<MapResult> => {
    const source = stores.get(hook.store)?.sources.get(hook.source);
    try {
      return source === undefined ? gone(hook) : await mapHook(source, hook, knownOf(hook.answers));
    } catch (error) {
      return stuck(failed(hook, error));
    }
  };
  const completeOne = async (hook: LeasedHook, mapped: MapResult): Promise<Mapped> => {
    const source = stores.get(hook.store)?.sources.get(hook.source);
    try {
      if (source !== undefined) return { hook, ...(await complete(source, hook, mapped)) };
      return { hook, mapped: gone(hook), answers: {} };
    } catch (error) {
      return { hook, mapped: stuck(failed(hook, error)), answers: {} };
    }
  };
  const findOrders = async (store: string, mapped: MapResult): Promise<Map<string, LedgerEntry>> => {
    const wanted = ordersToFind(mapped);
    const found = wanted.length === 0 ? [] : await keep.findOrders(store, wanted);
    return new Map(found.map((entry) => [entry.order_id, entry]));
  };
  const planOne = async (hook: Hook, mapped: MapResult, at: number): Promise<Planned> => {
    const store = stores.get(hook.store);
    if (store === undefined) return { state: 'stuck', reason: gone(hook).reason ?? '', events: [], uncounted: [] };
    try {
      return await digestMapped(mapped, store, await findOrders(hook.store, mapped), {
        now: at,
        age: at - hook.received_at,
      });
    } catch (error) {
      return { state: 'stuck', reason: failed(hook, error), events: [], uncounted: [] };
    }
  };

  const record = async (mappedHooks: readonly Mapped[], lease_id: string): Promise<void> => {
    const at = now();
    const lease_until = at + LEASE_MS;
    const taken = new Map<string, number>();
    const born: Delivery[] = [];
    const deliver = (hook: Hook, { routes, wait: _, ...planned }: Planned['events'][number]): NewEvent => {
      const id = newId();
      const deliveries = routes.map(({ name, account }) => {
        const count = taken.get(account) ?? 0;
        if (count >= deliverer.room(account)) return { destination: name, account, due_at: at };
        taken.set(account, count + 1);
        born.push({
          event_id: id,
          destination: name,
          copy: 0,
          store: hook.store,
          account,
          attempts: 0,
          created_at: at,
          lease_id,
          event: planned.event,
        });
        return { destination: name, account, due_at: lease_until, lease_id };
      });
      return { ...planned, id, deliveries };
    };
    const digests = await Promise.all(
      mappedHooks.map(async ({ hook, mapped, answers, waits }): Promise<Digest> => {
        const { state, reason, waits_for, patience, events, uncounted } = await planOne(hook, mapped, at);
        return {
          hook_id: hook.id,
          store: hook.store,
          lease_id,
          state,
          uncounted,
          ...(Object.keys(answers).length > 0 && { answers }),
          ...(reason !== undefined && { reason }),
          ...(waits_for !== undefined && { waits_for }),
          ...(patience !== undefined && { due_at: hook.received_at + patience }),
          ...(waits !== undefined && { ...waits, state: 'waiting' }),
          events: events.map((event) => deliver(hook, event)),
        };
      }),
    );
    const fresh = await keep.recordDigests(digests, at);
    deliverer.offer(
      born.filter(({ event_id }) => fresh.has(event_id)),
      lease_until,
    );
  };

  /** Resolves when all hooks are recorded but those that are being looked up, which are recorded later one by one. */
  return async function digest(hooks: readonly LeasedHook[], lease_id: string): Promise<void> {
    const ready: Mapped[] = [];
    const first = await Promise.all(hooks.map(async (hook) => ({ hook, mapped: await mapOne(hook) })));
    for (const { hook, mapped } of first) {
      if (mapped.pending === undefined) ready.push({ hook, mapped, answers: {} });
      else background(completeOne(hook, mapped).then((one) => record([one], lease_id)));
    }
    if (ready.length > 0) await record(ready, lease_id);
  };
}
