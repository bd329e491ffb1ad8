// What a look around finds: facts go in, findings come out. A finding that may open an incident says all that is told of it.
import type { Pause } from '../keep/questions/pauses.ts';
import { DAY_MS } from '../lib/time.ts';
import type { Problem } from '../map/files/files.ts';
import type { End, QualityTodo } from '../types.ts';
import type { Kind } from './kinds.ts';
import type { Usual } from './usual.ts';

/**
 * `opens`: enough to open an incident. `shown`: wrong, but nobody is told, or not yet. `holds`: too little for either; an
 * incident of the same subject that is open stays open. `left`: still there, and told long enough; its incident ends.
 */
export type Weight = 'opens' | 'shown' | 'holds' | 'left';
export type Finding = {
  subject: string;
  kind: Kind;
  stores: readonly string[];
  title: string;
  detail: string;
  todo: string;
  path: string;
  since: number;
  weight: Weight;
  /** Worth a look, and can wait. */
  later?: boolean;
};

/** Hooks of a source under one topic; the last one came at `last`. */
export type TopicFacts = { topic: string; last: number; usual: Usual | undefined };
/** What its sender says of the webhooks that send here: topics of those that are off, and of those that are gone. */
export type WebhookTrouble = {
  title: string;
  /** Where people see them at the sender, in words. */
  todo: string;
  off: readonly string[];
  gone: readonly string[];
  /** What goes to the path of a source that is not there. */
  lost: readonly { place: string; topics: readonly string[] }[];
  /** None is on. */
  all: boolean;
  since: number;
  /** It was asked too long ago to say so anew. */
  stale: boolean;
};
export type SourceFacts = {
  store: string;
  source: string;
  known_since: number;
  last: number | undefined;
  usual: Usual | undefined;
  /** Of this hour and the one before. */
  lately: { hooks: number; refused: number };
  /** The last one was refused no later than this, as far as that is known. */
  refused_at: number | undefined;
  topics: readonly TopicFacts[];
  /** The sender said that no more hooks will come, and none came since. */
  farewell: { topic: string; at: number; reason: string } | undefined;
  /** Of the last 24 hours: hooks that had to be fetched, and those that came by themselves. */
  lost: { fetched: number; sent: number };
  /** What it has the keys for: to compare its orders with what the shop lists, and to ask for its webhooks. */
  asks: { lists: boolean; webhooks: boolean };
  /** Why its orders cannot be compared, and when they last were; `stale` where nobody has tried for long. */
  uncompared: { problem: string; done_at: number | undefined; stale: boolean } | undefined;
  webhooks: WebhookTrouble | undefined;
};
/**
 * Purchases of a store, whichever source told of them; the last one was made no later than `last`. Where all are `entered` by
 * people, nothing is wrong when none is made.
 */
export type PurchaseFacts = { store: string; last: number; usual: Usual | undefined; entered: boolean };
export type PlaceFacts = {
  store: string;
  destination: string;
  account: string;
  /** Of this hour and the one before. */
  delivered: number;
  failed: number;
  waiting: number;
  oldest: number | undefined;
  /** Deliveries that ended without arriving not long ago, by when; `more` where there are more than were counted. */
  dead: readonly number[];
  more: boolean;
};
/** Hooks of a source: those that are stuck by when they came, and those not mapped yet. */
export type MappingFacts = {
  store: string;
  source: string;
  stuck: readonly number[];
  kept: number;
  oldest: number | undefined;
  /** Those that wait for what its API does not answer, by when they came, as far as that is not just now; and why. */
  unanswered: { came: readonly number[]; reason: string } | undefined;
};
/** Events of the last 24 hours and of the seven days before, with how many of each carry a key. */
export type MatchFacts = {
  store: string;
  name: string;
  now: { events: number; keys: Readonly<Record<WatchedKey, number>> };
  before: { events: number; keys: Readonly<Record<WatchedKey, number>> };
};
/**
 * Events of a store and how many of them a destination did not leave out, of the last 24 hours and of the seven days before.
 * `alike` of those of now can be compared: a kind of which there are more may be one that never went there.
 */
export type ReachFacts = {
  store: string;
  destination: string;
  now: { events: number; taken: number; alike: number };
  before: { events: number; taken: number };
};
/** So many events and what they are worth together; `most` is what those of one hour are worth at most. */
export type Worth = { events: number; value: number; most: number };
export const averageOf = ({ value, events }: Pick<Worth, 'value' | 'events'>): number => value / events;
/** Purchases of a store by currency, of the last 24 hours and of the seven days before. */
export type WorthFacts = { store: string; now: ReadonlyMap<string, Worth>; before: ReadonlyMap<string, Worth> };
/** What the report of a destination counted of the purchases sent. */
export type DayCounts = { sent: number; counted: number; repeated: number };
/** The latest `day` of which a report told; `since` is the first of the days before that are added where it alone had few. */
export type RecountFacts = DayCounts & {
  store: string;
  destination: string;
  title: string;
  day: string;
  asked_at: number;
  partial: boolean;
  together: DayCounts & { since: string };
};
/**
 * Who is asked what it counted or says: when it answered last, as far as that is not long ago, and since when and why it could not
 * on several days in a row.
 */
type AskedFacts = {
  title: string;
  answered_at: number | undefined;
  silent: { problem: string; since: number } | undefined;
};
/** A destination whose report is asked. */
export type ReportFacts = AskedFacts & { store: string; destination: string };
/** Scores below the one are low, and what was low is well from the other on: they differ from day to day. */
export const LOW_SCORE = 5;
export const WELL_SCORE = 6;
/** So long before what lets us in ends people are told, and so long before it cannot wait any more. */
export const ENDS_SOON_MS = 14 * DAY_MS;
export const ENDS_NOW_MS = 2 * DAY_MS;
/** What a destination says of its purchases or leads; `surely` where the answer of a day before said so too. */
export type QualityFacts = {
  account: string;
  title: string;
  todo: QualityTodo;
  /** Where store files ask for it. */
  names: readonly { store: string; destination: string }[];
  event: string;
  at: number;
  score: number | undefined;
  low: 'surely' | 'perhaps' | 'nearly' | 'no';
  doubled: 'no key' | 'never known' | undefined;
  isDoubledSurely: boolean;
  tellsDoubles: boolean;
};
/** When what lets us in there ends: what is told of it last, where it was told; `problem` is of the last question. */
export type AskedEnd = {
  /** What people call what ends. */
  name: string;
  names: readonly { store: string; destination: string }[];
  told: { at: number; ends: End; words: string; soon: boolean } | undefined;
  todo: string;
  problem: string | undefined;
};
/** An account that is asked what it says, for stores that want it. */
export type AccountFacts = AskedFacts & Pick<QualityFacts, 'account' | 'names'> & { ends: readonly AskedEnd[] };
export const WATCHED_KEYS = ['client_id', 'email', 'click_id'] as const;
export type WatchedKey = (typeof WATCHED_KEYS)[number];

export type Facts = {
  now: number;
  /** Since when somebody is there to take hooks. */
  watchedSince: number;
  sources: readonly SourceFacts[];
  purchases: readonly PurchaseFacts[];
  places: readonly PlaceFacts[];
  mapped: readonly MappingFacts[];
  matches: readonly MatchFacts[];
  reaches: readonly ReachFacts[];
  worths: readonly WorthFacts[];
  recounts: readonly RecountFacts[];
  reports: readonly ReportFacts[];
  qualities: readonly QualityFacts[];
  accounts: readonly AccountFacts[];
  pauses: readonly Pause[];
  problems: readonly Problem[];
  disk: { free: number; size: number } | undefined;
  /** What holds the database up; a name stays the same as long as the worry does. */
  worries: readonly { name: string; detail: string; todo: string }[];
  /** Open incidents by their subjects. */
  open: ReadonlyMap<string, { kind: string; since: number; opened_at: number }>;
};

/** Is it told that it cannot say anything? Once that is open only an answer ends it: that nobody asked for days says nothing. */
export function unansweredOf(
  { title, answered_at = 0, silent }: AskedFacts,
  { open }: Pick<Facts, 'open'>,
  subject: string,
): { problem: string; since: number; weight: Weight } | undefined {
  if (silent !== undefined) return { ...silent, weight: 'opens' };
  const incident = open.get(subject);
  if (incident === undefined || answered_at >= incident.opened_at) return undefined;
  return { problem: `${title} has not answered since`, since: incident.since, weight: 'holds' };
}

/**
 * What is compared with the week before; with the one before its incident while one is open, or all would soon be as usual, and
 * for a week after it, or what is as it was would be unusual.
 */
export const COMPARED: ReadonlySet<string> = new Set<Kind>(['match', 'skipped', 'value']);
/** From then on nothing of what was before an incident is left in the week before. */
export const USUAL_MS = 8 * DAY_MS;

/** The weight of what is compared: an incident ends when all of the week before was as it is now. */
export function comparedWeight({ open, now }: Pick<Facts, 'open' | 'now'>, subject: string, weight: Weight): Weight {
  const { opened_at = now } = open.get(subject) ?? {};
  return now - opened_at > USUAL_MS ? 'left' : weight;
}

const QUIET_MS = 7 * DAY_MS;

/**
 * Of what neither goes on nor is seen to be mended, `last` as far as somebody knows when it was seen last: nobody hears of it for
 * ever. Where it goes on after that, it is told anew.
 */
export const quietWeight = ({ open, now }: Pick<Facts, 'open' | 'now'>, subject: string, last = 0): Weight =>
  now - Math.max(last, open.get(subject)?.opened_at ?? now) > QUIET_MS ? 'left' : 'holds';

/** A path with a query, as pages take it. */
export const pathOf = (path: string, query: Record<string, string>): string => `${path}?${new URLSearchParams(query)}`;
