// The GA4 client id: the browser's own, or one derived from the customer so that repeat orders stay one user.
import type { Event } from '../event.ts';
import { sha256 } from '../lib/hash.ts';
import { GOOGLE, plain } from './normalise.ts';

const FIRST_SECOND = 1_500_000_000;
const SECONDS = 200_000_000;

/** The id from the `_ga` cookie, undefined when none is known or it is not fit to be sent. */
export function knownClientId(event: Event): string | undefined {
  return event.client_id !== undefined && /^[^\s@]{1,200}$/.test(event.client_id) ? event.client_id : undefined;
}

/**
 * A made-up `<uint32>.<unix seconds>` that is the same for every event of a customer. Google shows such users as
 * unattributed. Without a customer it is the same for every event of an order or a lead.
 */
export function derivedClientId(event: Event): string {
  const person =
    event.external_id ??
    event.user_id ??
    plain(GOOGLE.email, event.user_data?.email_address) ??
    plain(GOOGLE.phone, event.user_data?.phone_number) ??
    event.order_id ??
    event.transaction_id ??
    event.lead_id ??
    `${event.name} ${event.event_time}`;
  const digest = sha256(`client id of ${person}`);
  const random = Number.parseInt(digest.slice(0, 8), 16);
  const seconds = FIRST_SECOND + (Number.parseInt(digest.slice(8, 16), 16) % SECONDS);
  return `${random}.${seconds}`;
}
