// What the API may look at for one token: everything, or only what is of the token's stores.

import type { Event } from '../../event.ts';
import type { ListedAttempt } from '../../keep/questions/attempts.ts';
import type { AuditPage, AuditRow } from '../../keep/questions/audit.ts';
import type { ListedDelivery } from '../../keep/questions/ends.ts';
import type { Incident } from '../../keep/questions/incidents.ts';
import type { ListedEvent, ListedHook } from '../../keep/questions/lists.ts';
import type { Match, Uncounted } from '../../keep/questions/search.ts';
import type { Token } from '../../keep/questions/tokens.ts';
import type { TracedHook } from '../../keep/questions/trace.ts';
import type { Chosen } from '../lists/list-view.ts';
import type { AskedMatch, Lacking, MatchReport } from '../match/facts.ts';
import type { Overview } from '../overview/facts.ts';
import type { AccountFacts } from '../places/destination-pages.ts';
import type { PlaceRecounts } from '../places/recount-pages.ts';
import type { SourceFacts } from '../places/source-pages.ts';
import type { Item } from '../problems/causes.ts';
import type { PageOf } from '../problems/each.ts';
import type { EventTrace, HookTrace } from '../trace/facts.ts';

/** A row of a list with what to ask for the rows after it by. */
export type Marked<T> = T & { mark: string };
type List<T> = (chosen: Chosen, after: string, limit: number) => Promise<T[]>;
export type View = {
  has: (store: string) => boolean;
  /** Is an account of these stores alone? What is done to it is done to every store that shares it. */
  owns: (account: string) => boolean;
  hooks: List<ListedHook>;
  events: List<ListedEvent>;
  deliveries: List<Marked<ListedDelivery>>;
  attempts: List<Marked<ListedAttempt>>;
  /** Those that can be opened. */
  openEvents: (ids: readonly string[]) => Promise<Map<string, Event>>;
  find: (text: string) => Promise<{ matches: Match[]; uncounted: Uncounted[] }>;
  hook: (id: string) => Promise<HookTrace | undefined>;
  order: (store: string, order_id: string) => Promise<{ hooks: TracedHook[]; events: EventTrace[] }>;
  troubled: (store?: string) => Promise<{ items: Item[]; limit: number }>;
  troubledOf: PageOf;
  overview: () => Promise<Overview>;
  lacking: Lacking;
  match: (asked: AskedMatch) => Promise<MatchReport>;
  sources: () => Promise<SourceFacts[]>;
  accounts: () => Promise<AccountFacts[]>;
  recounts: () => Promise<PlaceRecounts[]>;
  openAlerts: () => Promise<Incident[]>;
  endedAlerts: (before: string, limit: number) => Promise<Incident[]>;
  audit: (page: AuditPage) => Promise<AuditRow[]>;
};
export type ViewOf = (token: Pick<Token, 'stores'>) => View;
