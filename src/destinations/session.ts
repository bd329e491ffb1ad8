// When a GA4 session id may go along: only that of the receiving stream, and only while it can still be true.
import type { Event } from '../event.ts';
import { readSessions } from '../lib/sessions.ts';
import { DAY_MS } from '../lib/time.ts';
import { happenedAt } from './facts.ts';

/**
 * Where the event tells of several streams, the session of the receiving one and no other; where that stream is not
 * known, the latest. What a store's own mapping puts into session_id goes before.
 */
function ofStream({ session_id, session_ids }: Event, measurementId: string | undefined): string | undefined {
  if (session_ids === undefined) return session_id;
  const sessions = readSessions(session_ids);
  const isOneOfThem = session_id !== undefined && [...sessions.values()].includes(session_id);
  if (!isOneOfThem || measurementId === undefined) return session_id;
  return sessions.get(measurementId.slice('G-'.length).toUpperCase());
}

/**
 * The session id is the session's start in unix seconds. Google joins an event to its session when it happened inside
 * the session and arrives within 24 hours of the start; later it would open a second session with the old number.
 * https://developers.google.com/analytics/devguides/collection/protocol/ga4/use-cases
 */
export function sessionId(event: Event, measurementId: string | undefined, now: number): string | undefined {
  const id = ofStream(event, measurementId);
  if (id === undefined || !/^\d{9,11}$/.test(id)) return undefined;
  const start = Number(id) * 1000;
  const happened = happenedAt(event, now);
  return start <= happened && now <= start + DAY_MS ? id : undefined;
}
