// The steps of the road's first half, from a request to its answer; `pipeline.ts` puts them in order.

import type { Keep } from '../keep/keep.ts';
import type { NewHook } from '../keep/questions/hooks.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { shownTopic } from '../lib/topic.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { asHandshake, dataOf, holdsCheck, identify, queryOf, takes } from '../map/identify.ts';
import type { Handshake } from '../map/reception.ts';
import { evaluateIn, untilSettled } from '../map/run.ts';
import { ANSWERS, type Answer } from '../receive/answer.ts';
import { type Asked, shakeHands } from '../receive/handshake.ts';
import { withPlainForm } from '../receive/multipart.ts';
import type { HookRequest } from '../receive/server.ts';
import type { Clock, Hook, VerifiedHook } from '../types.ts';
import { credentialHeaders, markVerified, type VerifyParts, verify } from '../verify/verify.ts';
import { dedupeKeys } from './hook-keys.ts';
import { keepable } from './keepable.ts';

export type Stores = { get: (name: string) => Store | undefined };

export type AcceptParts = {
  stores: Stores;
  /** Durable when it resolves. */
  keep: (hook: NewHook) => Promise<Awaited<ReturnType<Keep['keepHooks']>>[number]>;
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

/** An answer, and what the log calls it. */
export type Said = { answer: Answer; outcome: string; fields?: object };
/** What may be kept of a request whose sender is proven, and the whole body, by which it is known again. */
type Proven = { hook: VerifiedHook; whole: Uint8Array };
const refused = (answer: Answer, reason: string): Said => ({ answer, outcome: 'refused', fields: { reason } });

/** A larger body waits on disk until a worker fetches it, so that few of them are in memory at one time. */
const HANDED_BYTES = 100_000;

/** The first of the answers whose tests hold. */
const firstAnswer = (answers: readonly Handshake[], request: HookRequest, asked: Asked) =>
  untilSettled((results) => shakeHands(answers, request, asked, evaluateIn(results)));

export function createAcceptSteps({ stores, keep, worker, publicUrl, fetchKey, now, newId, log }: AcceptParts) {
  /** Handshakes, and requests that no hook can be. */
  const greet = async (source: Source, request: HookRequest): Promise<Said | undefined> => {
    const asked = asHandshake(source, credentialHeaders(source), request);
    const handshake = asked && (await firstAnswer(source.handshakes, request, asked));
    if (handshake !== undefined) return { answer: handshake, outcome: 'handshake' };
    if (request.method !== 'POST') return refused(ANSWERS.methodNotAllowed, 'method');
    return takes(source, request.headers) ? undefined : refused(ANSWERS.unsupportedType, 'content type');
  };

  /** Signature first, then the check that the platform file makes of the body; the hook is only what may be kept. */
  const prove = async (source: Source, request: HookRequest, at: number): Promise<Proven | Said> => {
    let read: ReturnType<typeof withPlainForm<HookRequest>> | undefined;
    const readForm = () => {
      read ??= withPlainForm(request);
      return read;
    };
    const readBody = async () => {
      const form = await readForm();
      return form && dataOf(form);
    };
    const check = async (entry: number) => holdsCheck(source, entry, request, await readBody());
    const verdict = await verify(source, request, { now: at, publicUrl, fetchKey, readBody, check });
    if (!verdict.ok)
      return refused(verdict.later === true ? ANSWERS.unavailable : ANSWERS.unauthorized, verdict.reason);
    const form = await readForm();
    const sent = form && keepable(source, form);
    if (form === undefined || sent === undefined) return refused(ANSWERS.badRequest, 'body');
    const from = { id: newId(), store: request.store, source: request.source, received_at: at };
    const hook = markVerified({ ...from, ...sent }, verdict);
    return hook === undefined ? refused(ANSWERS.badRequest, 'body') : { hook, whole: form.body };
  };

  /** On disk, once; a worker that has room gets the hook in memory too. */
  const store = async (source: Source, request: HookRequest, { hook, whole }: Proven): Promise<Said> => {
    const { topic, delivery_id } = await identify(source, hook);
    const keys = dedupeKeys({ ...hook, body: whole }, topic, delivery_id);
    const lease = hook.body.length > HANDED_BYTES ? undefined : worker.lease();
    const due = lease === undefined ? { due_at: hook.received_at } : { due_at: lease.until, lease_id: lease.lease_id };
    let kept: 'kept' | 'duplicate' | undefined;
    try {
      kept = await keep({ hook, keys, ...due });
    } catch (error) {
      log.error({ store: hook.store, source: hook.source, error: describeError(error) }, 'hook.not_kept');
      return { answer: ANSWERS.unavailable, outcome: 'not_kept' };
    } finally {
      if (lease !== undefined && kept !== 'kept') worker.giveBack(lease.lease_id);
    }
    if (kept === 'kept' && lease !== undefined) worker.give(hook, lease.lease_id);
    const { answers } = source;
    const told =
      answers.length === 0 ? undefined : await firstAnswer(answers, request, { body: {}, query: queryOf(request) });
    if (kept === 'duplicate')
      return { answer: told ?? ANSWERS.duplicate, outcome: 'duplicate', fields: { topic: shownTopic(topic) } };
    return { answer: told ?? ANSWERS.kept, outcome: 'kept', fields: { hook: hook.id, topic: shownTopic(topic) } };
  };

  /** One line per request, and its answer. */
  const say = (
    { store: name, source, body }: HookRequest,
    began: number,
    { answer, outcome, fields }: Said,
  ): Answer => {
    const { status } = answer;
    log.info(
      { store: name, source, outcome, status, bytes: body.length, ms: now() - began, ...fields },
      'hook.received',
    );
    return answer;
  };

  /** None for those whose hooks are entered here. */
  const find = (request: HookRequest): Source | undefined => {
    const source = stores.get(request.store)?.sources.get(request.source);
    return source?.entered === true ? undefined : source;
  };
  return { find, greet, prove, store, say };
}
