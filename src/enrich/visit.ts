// A visit as it is kept, and the ids it has: what the script on a shop's pages told of one stay of one browser.
import type { Event, JoinedVisit, JoinKey } from '../event.ts';
import { CLICK_IDS, type ClickId } from '../lib/click-ids.ts';

export const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'] as const;
export const DEVICE = ['ip_override', 'user_agent'] as const;
export const PAGE = ['page_location', 'page_referrer', 'language'] as const;

export type VisitField =
  | ClickId
  | 'client_id'
  | 'session_id'
  | 'session_ids'
  | 'fbp'
  | 'ttp'
  | (typeof CAMPAIGN)[number]
  | (typeof DEVICE)[number]
  | (typeof PAGE)[number];
/** Times are milliseconds since 1970. */
export type Visit = {
  /** Who came: a hash of the id that the script gave the browser, in hex. */
  visitor: string;
  started_at: number;
  seen_at: number;
  fields: { [Field in VisitField]?: string };
  /** When ids were seen first, where that was not at the start of the visit. */
  seen: { [Field in VisitField]?: number };
  consent?: Event['consent'];
  /** These are the ids that a lead came in with, kept until it is won. */
  of_lead?: boolean;
};
/** What one key found. */
export type Found = { by: JoinKey; visits: readonly Visit[] };

export const seenAt = ({ seen, started_at }: Visit, field: VisitField): number => seen[field] ?? started_at;

/** Clocks of shops and people differ by minutes. */
export const CLOCKS_MS = 300_000;

/** Has the visit this click, from before `at` and not older than the look-back? A lead's clicks do not age. */
export const hasClick = (visit: Visit, id: ClickId, at: number, lookback: number): boolean => {
  if (visit.fields[id] === undefined) return false;
  const age = at - seenAt(visit, id);
  return age >= -CLOCKS_MS && (age <= lookback || visit.of_lead === true);
};

export const clickOf = (visit: Visit, at: number, lookback: number): ClickId | undefined =>
  CLICK_IDS.find((id) => hasClick(visit, id, at, lookback));

/** What came of a join: for the event, for counting, and the browser that made the event where that is known. */
export type JoinResult = { event: Event; visit?: JoinedVisit; visitor?: string };
