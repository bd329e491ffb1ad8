// Why a delivery that has its turn is not sent after all, and what becomes of it then.
import { describeError } from '../lib/errors.ts';
import type { Clock, Delivery } from '../types.ts';
import type { End } from './finish.ts';
import type { Log, Route } from './questions.ts';
import { redact } from './redact.ts';
import { expiresAt } from './schedule.ts';

/** When this delivery expires on this route: by the destination's rules, or earlier by the store's. */
export const expiryOf = ({ destination, settings, max_age }: Route, delivery: Delivery): number => {
  const age = destination.maxAge(delivery.event, settings);
  return expiresAt(delivery, max_age === undefined ? age : Math.min(age, max_age));
};

/** May this be sent again although it may have arrived? */
export const mayRepeat = ({ destination, retry_ambiguous }: Route, { event }: Delivery): boolean =>
  retry_ambiguous === true || destination.deduplicates(event);

/** The end of a delivery that may have arrived and must not be sent again; `reason` says what happened. */
export const unknownEnd = (reason: string) =>
  ({
    kind: 'dead',
    ambiguous: true,
    reason: `${reason}; it may have arrived, and a second copy would count twice`,
  }) as const;

export const CODE_FAILED = { kind: 'rejected', reason: 'the destination’s code failed on this event' } as const;

/** Answers why it is not sent, or undefined to send it. Asked right before sending, because time has passed. */
export const createRefuse = ({ now, log }: { now: Clock; log: Log }) => {
  const byRoute = (route: Route, delivery: Delivery, at: number): End | undefined => {
    if (delivery.sending_since !== undefined && !mayRepeat(route, delivery)) {
      return { at, ms: 0, ...unknownEnd('an earlier process stopped while it sent this') };
    }
    if (at >= expiryOf(route, delivery)) return { at, ms: 0, kind: 'expired', reason: 'too old to be sent' };
    const refused = route.destination.wants(delivery.event, route.settings, at);
    return refused && { at, ms: 0, kind: refused.expired ? 'expired' : 'skipped', reason: redact(refused.reason) };
  };

  return (route: Route, delivery: Delivery): End | undefined => {
    const at = now();
    try {
      return byRoute(route, delivery, at);
    } catch (error) {
      const { event_id, destination } = delivery;
      log.error({ event_id, destination, error: redact(describeError(error)) }, 'destination.failed');
      return { at, ms: 0, ...CODE_FAILED };
    }
  };
};
