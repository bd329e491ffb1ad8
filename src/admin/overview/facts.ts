// What the overview shows, as whoever joins the stages tells it.
import type { MatchKey } from '../../keep/questions/hours.ts';

/** A number of some hours, and of the same hours a week before. */
export type Compared = { now: number; before: number };
export type DestinationFacts = {
  name: string;
  delivered: number;
  waiting: number;
  /** Ended without arriving, and nobody has seen to it; `more` when there are more than were counted. */
  dead: number;
  more: boolean;
  paused: string | undefined;
  /** When the oldest that waits was made. */
  oldest: number | undefined;
};
/** One hour, counted from 1970, and the same hour a week before, which may have been longer than the one that runs. */
export type HourFacts = {
  hour: number;
  hooks: Compared;
  events: Compared;
  /** Of purchases, by currency. */
  revenue: ReadonlyMap<string, Compared>;
};
export type StoreFacts = {
  store: string;
  hooks: Compared;
  events: Compared;
  revenue: ({ currency: string } & Compared)[];
  /** The last 24 hours, the one that runs included. */
  hours: HourFacts[];
  /** Events of the last 24 hours that carry each key. */
  keys: Record<MatchKey, number>;
  destinations: DestinationFacts[];
};
/** `later` is worth a look and can wait. */
export type Trouble = { later: boolean; store: string | undefined; what: string; todo: string; href: string };
export type Overview = { at: number; stores: StoreFacts[]; troubles: Trouble[] };
