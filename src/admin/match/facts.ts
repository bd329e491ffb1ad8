// What the match report says: how many orders and leads found the visit they came from, by what, and how long after it.
import type { JoinAge, JoinSum } from '../../keep/questions/joins.ts';
import type { Lack, LackingEvent } from '../../keep/questions/lacking.ts';

export const MATCH_GROUPS = ['phone_orders', 'leads', 'other_orders'] as const;
export type MatchGroup = (typeof MATCH_GROUPS)[number];

/** Of `events`: found a visit, brought ids themselves, and found nothing; the three add up. */
export type Matched = {
  events: number;
  joined: number;
  own: number;
  nothing: number;
  /** Have the id of a click, found or brought. */
  clicks: number;
};
/** What there was to find a visit by. */
export type Hints = {
  codes: number;
  persons: number;
  /** The same of those that found nothing. */
  lostCodes: number;
  lostPersons: number;
  /** Joined to a visit, and have no click all the same. */
  joinedWithoutClick: number;
};
export type GroupMatch = Matched & {
  group: MatchGroup;
  hints: Hints;
  keys: { key: string; events: number }[];
  ages: { age: JoinAge; events: number }[];
};
/** Orders or leads of one kind that one source told of. */
export type SourceMatch = Matched & { source: string; name: string; channel: string | undefined };
/** Something that would raise the share, and how many events it is about. */
export type Advice = { text: string; todo: string; events: number };
export type StoreMatch = {
  store: string;
  /** Without `visits:` in its file nothing can be found. */
  keepsVisits: boolean;
  /** The hour in which its script told something last, by its beginning. */
  lastVisit: number | undefined;
  groups: GroupMatch[];
  sources: SourceMatch[];
  /** What all of it is made of. */
  sums: readonly JoinSum[];
  advice: Advice[];
};
/** Times are milliseconds since 1970, of whole days of UTC. */
export type MatchReport = { since: number; until: number; stores: StoreMatch[] };
/** The days before `until`, which is now unless said, or since a time. */
export type AskedMatch = {
  store?: string | undefined;
  days?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
};
export const MATCH_DAYS = ['7', '28', '90'] as const;
/** The last day, too, for what is not counted by whole days elsewhere. */
export const LACKING_DAYS = ['1', ...MATCH_DAYS] as const;
/** The rows behind the report: those that lack it, of the same days. */
export type AskedLacking = AskedMatch & {
  lack: Lack;
  source?: string | undefined;
  name?: string | undefined;
  channel?: string | undefined;
};
export type Lacking = (asked: AskedLacking, before: string, limit: number) => Promise<LackingEvent[]>;
export const USUAL_DAYS = '28';
