// What an event takes over from its visit: only what it lacks, only what was agreed to, each with where and when it was seen.
import { CONSENT_KEYS, type ConsentKey, type Event, type JoinKey } from '../event.ts';
import { CLICKS } from '../lib/click-ids.ts';
import { readSessions } from '../lib/sessions.ts';
import { copyOf } from '../lib/table.ts';
import { DAY_MS } from '../lib/time.ts';
import { CAMPAIGN, DEVICE, hasClick, PAGE, seenAt, type Visit, type VisitField } from './visit.ts';

type Taking = {
  by: JoinKey;
  /** When the event happened. */
  at: number;
  lookback: number;
  /** Visits with clicks, the winner first. */
  clicks: readonly Visit[];
  /** The latest visit of the browser. */
  browser: Visit;
};

const lacksAll = (event: Event, fields: readonly VisitField[]): boolean =>
  fields.every((field) => event[field] === undefined);
const denies = ({ consent }: Visit, key: ConsentKey): boolean => consent?.[key] === 'denied';

/** The visit's answers where the event has none. */
function consentOf(event: Event, visit: Visit): Event['consent'] {
  if (visit.consent === undefined) return event.consent;
  const consent: NonNullable<Event['consent']> = { ...event.consent };
  for (const key of CONSENT_KEYS) {
    const own = event.consent?.[key];
    const told = visit.consent[key];
    if ((own === undefined || own === 'unknown') && told !== undefined) consent[key] = told;
  }
  return consent;
}

/** A session id can be true for 24 hours; a destination asks once more when it sends. */
function isOfSession({ fields }: Visit, at: number): boolean {
  const ids = [fields.session_id, ...readSessions(fields.session_ids).values()];
  return ids.map((id) => Number(id) * 1000).some((start) => start <= at && at <= start + DAY_MS);
}

/** The event completed; nothing in it is replaced. */
export function takeOver(event: Event, { by, at, lookback, clicks, browser }: Taking): Event {
  const taken = copyOf(event);
  const provenance = { ...event.provenance };
  const take = (visit: Visit, fields: readonly VisitField[]): void => {
    for (const field of fields) {
      const value = visit.fields[field];
      if (value === undefined || taken[field] !== undefined) continue;
      taken[field] = value;
      provenance[field] = { from: `visit by ${by}`, seen_at: new Date(seenAt(visit, field)).toISOString() };
    }
  };

  for (const ids of CLICKS) {
    const isThere = (visit: Visit) =>
      !denies(visit, 'ad_storage') && ids.some((id) => hasClick(visit, id, at, lookback));
    const visit = clicks.find(isThere);
    if (visit !== undefined && lacksAll(event, ids)) take(visit, ids);
  }
  const { fbclid } = event;
  const same = clicks.find((visit) => fbclid !== undefined && visit.fields.fbclid === fbclid);
  if (same !== undefined && !denies(same, 'ad_storage')) take(same, ['fbc']);
  const [winner] = clicks;
  if (winner !== undefined && lacksAll(event, CAMPAIGN)) take(winner, CAMPAIGN);

  if (!denies(browser, 'analytics_storage')) {
    const { client_id = browser.fields.client_id } = event;
    take(browser, ['client_id']);
    if (client_id === browser.fields.client_id && isOfSession(browser, at))
      take(browser, ['session_id', 'session_ids']);
  }
  if (!denies(browser, 'ad_storage')) take(browser, ['fbp', 'ttp']);
  if (event.channel === 'online' && at - browser.seen_at <= DAY_MS && lacksAll(event, DEVICE)) take(browser, DEVICE);
  if (event.channel === 'online') take(browser, PAGE);
  const consent = consentOf(event, browser);
  return {
    ...taken,
    ...(consent !== undefined && { consent }),
    ...(Object.keys(provenance).length > 0 && { provenance }),
  };
}
