// One try: deliveries of one route → request → answer → how each of them ended.
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Clock, Delivery, Outcome, Reply } from '../types.ts';
import type { Begin } from './begin.ts';
import type { End, Finisher } from './finish.ts';
import type { Route } from './questions.ts';
import { createRedact } from './redact.ts';
import { expiryOf, mayRepeat, unknownEnd } from './refuse.ts';
import { nextDue } from './schedule.ts';
import type { Send } from './sender.ts';

export type AttemptParts = {
  send: Send;
  begin: Begin;
  finisher: Pick<Finisher, 'end'>;
  now: Clock;
  random: () => number;
  log: Log;
  /** Ends requests that are under way. */
  signal: AbortSignal;
};

/**
 * What a try taught about the account. `answered` is undefined when no request was made. `split` is a batch that was
 * refused as a whole: nothing of it has ended, its halves are to be sent.
 */
export type Lesson = { answered?: boolean; after?: number; pause?: string; split?: readonly Delivery[] };

export type TryOnce = (route: Route, deliveries: readonly Delivery[]) => Promise<Lesson>;

type Exchange = { reply?: Reply; outcome: Outcome };
type Tried = { at: number; ms: number; status?: number };

/** Makes the function that sends deliveries, all of one route, as one request and records their ends. */
export const createAttempt = ({ send, begin, finisher, now, random, log, signal }: AttemptParts): TryOnce => {
  const redact = createRedact();

  /** Those that may be sent, once it is on disk that the unrepeatable ones among them are. */
  const hold = async (route: Route, deliveries: readonly Delivery[]): Promise<readonly Delivery[]> => {
    const once = new Set(deliveries.filter((delivery) => !mayRepeat(route, delivery, now())));
    if (once.size === 0) return deliveries;
    const held = new Set(await begin([...once]));
    return deliveries.filter((delivery) => held.has(delivery) || !once.has(delivery));
  };

  /** The destination's code failing is a bug: one event is then refused, and a batch is searched for it. */
  const exchange = async (route: Route, deliveries: readonly Delivery[]): Promise<Exchange> => {
    const { destination, settings } = route;
    const events = deliveries.map(({ event }) => event);
    let reply: Reply | undefined;
    try {
      const sent = await send(route, destination.build(events, settings, now()), { signal });
      if ('unsent' in sent) return { outcome: sent.unsent };
      reply = sent;
      return { reply, outcome: destination.judge(reply, events) };
    } catch (error) {
      log.error({ destination: destination.name, error: redact(describeError(error)) }, 'destination.failed');
      if (reply === undefined) return { outcome: { kind: 'rejected', reason: 'no request can be made of this event' } };
      return { reply, outcome: { kind: 'retry', reason: 'the answer was not understood', ambiguous: true } };
    }
  };

  const endRetried = (route: Route, deliveries: readonly Delivery[], tried: Tried, { reply, outcome }: Exchange) => {
    if (outcome.kind !== 'retry') return;
    const reason = redact(outcome.reason);
    const unknown = outcome.ambiguous === true || (reply !== undefined && 'failure' in reply && reply.sent);
    for (const delivery of deliveries) {
      if (unknown && !mayRepeat(route, delivery, now())) {
        finisher.end(delivery, { ...tried, ...unknownEnd(reason) });
        continue;
      }
      const due_at = nextDue({
        schedule: route.schedule ?? route.destination.schedule,
        attempts: delivery.attempts + 1,
        now: now(),
        after: outcome.after,
        // A paused account waits for people, not for the schedule. The rest of a batch parts, so that what fails again
        // and again by the fault of one of them takes the others along no longer.
        random: outcome.pause ? 0 : random(),
        expires: expiryOf(route, delivery),
      });
      const end: End = due_at === undefined ? { ...tried, kind: 'expired' } : { ...tried, kind: 'retry', due_at };
      const noted = unknown ? { ...delivery, sending_since: delivery.sending_since ?? tried.at } : delivery;
      finisher.end(noted, { ...end, reason, ...(unknown && { ambiguous: true }) });
    }
  };

  return async (route, deliveries) => {
    const held = await hold(route, deliveries);
    if (held.length === 0) return {};
    const at = now();
    const { reply, outcome } = await exchange(route, held);
    const status = reply !== undefined && 'status' in reply ? reply.status : undefined;
    const tried: Tried = { at, ms: now() - at, ...(status !== undefined && { status }) };

    if (outcome.kind === 'retry') {
      endRetried(route, held, tried, { ...(reply && { reply }), outcome });
      const { after, pause, reason } = outcome;
      return { answered: false, ...(after !== undefined && { after }), ...(pause && { pause: redact(reason) }) };
    }
    const text = outcome.kind === 'delivered' ? outcome.note : outcome.reason;
    const reason = text === undefined ? {} : { reason: redact(text) };
    if (outcome.kind === 'rejected' && held.length > 1) {
      const { account, name } = route;
      log.warn({ account, destination: name, events: held.length, ...reason }, 'delivery.batch_refused');
      return { answered: true, split: held };
    }
    const receipt = outcome.kind === 'delivered' && outcome.receipt !== undefined ? { receipt: outcome.receipt } : {};
    for (const delivery of held) finisher.end(delivery, { ...tried, kind: outcome.kind, ...reason, ...receipt });
    return { answered: true };
  };
};
