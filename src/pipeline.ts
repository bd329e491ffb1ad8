// The whole road on one screen: receive, verify, keep (`accept`), then map, enrich, deliver (`digest`).

import type { LeasedHook } from './keep/questions/hooks.ts';
import { ANSWERS, type Answer } from './receive/answer.ts';
import type { HookRequest } from './receive/server.ts';
import { type AcceptParts, createAcceptSteps } from './road/accept.ts';
import { createDigestSteps, type DigestParts, type Mapped } from './road/record.ts';

/** Bytes in, answer out. No 2xx before the hook is on disk, and nothing slow before the answer. */
export function createAccept(parts: AcceptParts) {
  const { find, greet, prove, store, say } = createAcceptSteps(parts);

  return async function accept(request: HookRequest): Promise<Answer> {
    const began = parts.now();

    // receive: is it for us, and is it a hook at all?
    const source = find(request);
    if (source === undefined) return ANSWERS.notFound;
    const greeted = await greet(source, request);
    if (greeted !== undefined) return say(request, began, greeted);

    // verify: is it really them?
    const proven = await prove(source, request, began);
    if (!('hook' in proven)) return say(request, began, proven);

    // keep: onto disk, then the answer; a hook seen before is a duplicate
    return say(request, began, await store(source, request, proven));
  };
}

/** Kept hooks in, deliveries out: many hooks in one transaction, then straight on to the lanes that have room. */
export function createDigest(parts: DigestParts) {
  const { map, finish, recall, enrich, deliver } = createDigestSteps(parts);

  /** The road from there on. Hooks that the database fails on are given back. */
  const goOn = (batch: readonly Mapped[], lease_id: string): Promise<void> => {
    const hooks = batch.map(({ hook }) => hook);
    return parts.giveBack.minding(hooks, lease_id, async () => {
      // still map: with what the sender has to be asked for; or what the hook itself asks for is carried out
      const finished = await Promise.all(batch.map((one) => finish(one, lease_id)));

      // enrich: what do we know about this order and person, and the visit they came from; what may be sent?
      const visits = await recall(finished);
      const planned = await Promise.all(finished.map((one) => enrich(one, visits)));

      // deliver: recorded with their deliveries, which the lanes send, and send again
      await deliver(planned, lease_id);
    });
  };

  /** Resolves when all hooks are recorded but those that take time, which nobody waits for. */
  return async function digest(hooks: readonly LeasedHook[], lease_id: string): Promise<void> {
    // map: their words to our words
    const mapped = await Promise.all(hooks.map(map));
    const { slow = [], quick = [] } = Object.groupBy(mapped, paceOf);
    for (const one of slow) parts.background(goOn([one], lease_id));
    if (quick.length > 0) await goOn(quick, lease_id);
  };
}

/** Slow is what the sender must be asked about, and what asks for something itself. */
const paceOf = ({ mapped }: Mapped): 'slow' | 'quick' =>
  mapped.pending === undefined && mapped.request === undefined ? 'quick' : 'slow';
