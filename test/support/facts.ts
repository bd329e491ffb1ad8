// Facts in which nothing is there and nothing is wrong, but what a test says.
import type { Facts, PlaceFacts, SourceFacts } from '../../src/alert/finding.ts';

export const factsOf = (some: Partial<Facts> & Pick<Facts, 'now'>): Facts => ({
  watchedSince: 0,
  sources: [],
  purchases: [],
  places: [],
  mapped: [],
  matches: [],
  reaches: [],
  worths: [],
  recounts: [],
  reports: [],
  qualities: [],
  accounts: [],
  pauses: [],
  problems: [],
  disk: undefined,
  worries: [],
  open: new Map(),
  ...some,
});

/** A source of which nothing is known yet. */
export const sourceOf = (some: Partial<SourceFacts> & Pick<SourceFacts, 'source'>): SourceFacts => ({
  store: 'shop',
  known_since: 0,
  last: undefined,
  usual: undefined,
  lately: { hooks: 0, refused: 0 },
  refused_at: undefined,
  topics: [],
  farewell: undefined,
  lost: { fetched: 0, sent: 0 },
  asks: { lists: false, webhooks: false },
  uncompared: undefined,
  webhooks: undefined,
  ...some,
});

/** A destination of a store to which everything went. */
export const placeOf = (over: Partial<PlaceFacts> = {}): PlaceFacts => ({
  store: 'shop',
  destination: 'ga4',
  account: 'G-1',
  delivered: 100,
  failed: 0,
  waiting: 0,
  oldest: undefined,
  dead: [],
  more: false,
  ...over,
});
