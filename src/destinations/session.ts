// When a GA4 session id may go along: only while it can still be true.
import type { Event } from '../event.ts';
import { DAY, happenedAt } from './facts.ts';

/**
 * The session id is the session's start in unix seconds. Google joins an event to its session when it happened inside
 * the session and arrives within 24 hours of the start; later it would open a second session with the old number.
 * https://developers.google.com/analytics/devguides/collection/protocol/ga4/use-cases
 */
export function sessionId(event: Event, now: number): string | undefined {
  if (event.session_id === undefined || !/^\d{9,11}$/.test(event.session_id)) return undefined;
  const start = Number(event.session_id) * 1000;
  const happened = happenedAt(event, now);
  return start <= happened && now <= start + DAY ? event.session_id : undefined;
}
