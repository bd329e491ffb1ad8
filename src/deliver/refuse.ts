// Why a delivery that has its turn is not sent after all, and what becomes of it then.
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Clock, Delivery, Refusal } from '../types.ts';
import type { End } from './finish.ts';
import type { Route } from './questions.ts';
import { redact } from './redact.ts';
import { expiresAt } from './schedule.ts';

/** When this delivery expires on this route: by the destination's rules, or earlier by the store's. */
export const expiryOf = ({ destination, settings, max_age }: Route, delivery: Delivery): number => {
  const age = destination.maxAge(delivery.event, settings);
  return expiresAt(delivery, max_age === undefined ? age : Math.min(age, max_age));
};

/** May this be sent again although it may have arrived, first when `sending_since` says? */
export const mayRepeat = (
  { destination, retry_ambiguous }: Route,
  { event, sending_since }: Delivery,
  at: number,
): boolean => {
  if (retry_ambiguous === true) return true;
  const { deduplicatesFor = Number.POSITIVE_INFINITY } = destination;
  return destination.deduplicates(event) && at - (sending_since ?? at) < deduplicatesFor;
};

/** The end of a delivery that may have arrived and must not be sent again; `reason` says what happened. */
export const unknownEnd = (reason: string) =>
  ({
    kind: 'dead',
    ambiguous: true,
    reason: `${reason}; it may have arrived, and a second copy would count twice`,
  }) as const;

/** The end of a delivery that its destination does not want. */
export const refusedEnd = ({ expired, reason }: Refusal, at: number): End => ({
  at,
  ms: 0,
  kind: expired ? 'expired' : 'skipped',
  reason: redact(reason),
});

/** The end of a delivery on which a destination's code failed, which is a bug: the log says why. */
export function failedEnd({ event_id, destination }: Delivery, at: number, error: unknown, log: Log): End {
  log.error({ event_id, destination, error: redact(describeError(error)) }, 'destination.failed');
  return { at, ms: 0, kind: 'rejected', reason: 'the destination’s code failed on this event' };
}

/** Answers why it is not sent, or undefined to send it. Asked right before sending, because time has passed. */
export const createRefuse = ({ now, log }: { now: Clock; log: Log }) => {
  const byRoute = (route: Route, delivery: Delivery, at: number): End | undefined => {
    if (delivery.sending_since !== undefined && !mayRepeat(route, delivery, at)) {
      return { at, ms: 0, ...unknownEnd('no answer came when this was sent before') };
    }
    if (at >= expiryOf(route, delivery)) return { at, ms: 0, kind: 'expired', reason: 'too old to be sent' };
    const refused = route.destination.wants(delivery.event, route.settings, at);
    return refused && refusedEnd(refused, at);
  };

  return (route: Route, delivery: Delivery): End | undefined => {
    const at = now();
    try {
      return byRoute(route, delivery, at);
    } catch (error) {
      return failedEnd(delivery, at, error, log);
    }
  };
};
