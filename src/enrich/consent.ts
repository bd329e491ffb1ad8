// What the buyer agreed to, and what a destination needs for it.
import { CONSENT_KEYS, type ConsentKey, type Event } from '../event.ts';
import { copyOf } from '../lib/table.ts';

export type ConsentPolicy = {
  default?: 'granted' | 'denied' | undefined;
  require?: Record<string, ConsentKey[]> | undefined;
};

/** The event with the store's default in the place of what is not known. */
export function settleConsent(event: Event, policy: ConsentPolicy): Event {
  if (policy.default === undefined) return event;
  const consent: NonNullable<Event['consent']> = {};
  for (const key of CONSENT_KEYS) {
    const own = event.consent?.[key];
    consent[key] = own === undefined || own === 'unknown' ? policy.default : own;
  }
  const settled = copyOf(event);
  settled.consent = consent;
  return settled;
}

/**
 * Why consent keeps this event from a destination. What the store requires must be granted; what the kind of
 * destination needs by nature must not be denied.
 */
export function consentRefuses(
  event: Event,
  name: string,
  needs: readonly ConsentKey[],
  policy: ConsentPolicy,
): string | undefined {
  const lacking = policy.require?.[name]?.find((key) => event.consent?.[key] !== 'granted');
  if (lacking !== undefined)
    return `no consent: ${lacking} is ${event.consent?.[lacking] ?? 'unknown'}, and the store requires it for ${name}`;
  const denied = needs.find((key) => event.consent?.[key] === 'denied');
  return denied === undefined ? undefined : `no consent: ${denied} is denied`;
}
