// The match report from the sums by day: which orders and leads found their visit, and what would raise the share.
import { adviceFor } from '../admin/match/advice.ts';
import {
  type AskedMatch,
  type GroupMatch,
  LACKING_DAYS,
  MATCH_GROUPS,
  type Matched,
  type MatchGroup,
  type MatchReport,
  type SourceMatch,
  type StoreMatch,
  USUAL_DAYS,
} from '../admin/match/facts.ts';
import type { Keep } from '../keep/keep.ts';
import { dayOf } from '../keep/questions/hours.ts';
import { JOIN_AGES, type JoinSum } from '../keep/questions/joins.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Clock } from '../types.ts';

export type MatchParts = {
  keep: Pick<Keep, 'sumJoins' | 'lastVisit'>;
  mappings: Pick<Mappings, 'all'>;
  now: Clock;
};
type Match = (asked: AskedMatch) => Promise<MatchReport>;

const groupOf = ({ name, channel }: JoinSum): MatchGroup => {
  if (name !== 'purchase') return 'leads';
  return channel === 'phone' ? 'phone_orders' : 'other_orders';
};
const isJoined = ({ by }: JoinSum) => by !== 'own' && by !== 'nothing';
const isLost = ({ by }: JoinSum) => by === 'nothing';
type Amount = 'events' | 'clicks' | 'codes' | 'persons';
const sum = (rows: readonly JoinSum[], amount: Amount): number => rows.reduce((all, row) => all + row[amount], 0);

const matched = (rows: readonly JoinSum[]): Matched => ({
  events: sum(rows, 'events'),
  joined: sum(rows.filter(isJoined), 'events'),
  own: sum(
    rows.filter(({ by }) => by === 'own'),
    'events',
  ),
  nothing: sum(rows.filter(isLost), 'events'),
  clicks: sum(rows, 'clicks'),
});

function groupMatch(group: MatchGroup, rows: readonly JoinSum[]): GroupMatch {
  const joined = rows.filter(isJoined);
  const lost = rows.filter(isLost);
  const keys = [...Map.groupBy(joined, ({ by }) => by)].map(([key, own]) => ({ key, events: sum(own, 'events') }));
  return {
    group,
    ...matched(rows),
    hints: {
      codes: sum(rows, 'codes'),
      persons: sum(rows, 'persons'),
      lostCodes: sum(lost, 'codes'),
      lostPersons: sum(lost, 'persons'),
      joinedWithoutClick: sum(joined, 'events') - sum(joined, 'clicks'),
    },
    keys: keys.toSorted((a, b) => b.events - a.events),
    ages: JOIN_AGES.map((age) => ({
      age,
      events: sum(
        joined.filter((row) => row.age === age),
        'events',
      ),
    })),
  };
}

const sourceMatches = (rows: readonly JoinSum[]): SourceMatch[] =>
  [...Map.groupBy(rows, ({ source, name, channel }) => `${source}\n${name}\n${channel}`).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { source, name, channel } = first;
    return [{ source, name, channel: channel === '' ? undefined : channel, ...matched(own) }];
  });

/** Days that nobody can choose are the usual ones. */
const daysOf = (days: string | undefined) => Number(LACKING_DAYS.find((one) => one === days) ?? USUAL_DAYS);

/** From which day of UTC to which, both included. */
export function daysAsked({ days, until, since }: AskedMatch, now: number): [from: number, to: number] {
  const end = until ?? now;
  return [dayOf(since ?? end - daysOf(days) * DAY_MS), dayOf(end)];
}

/** Answers from sums that are few, however many events there are. The days of `since` and `until` (UTC) count as a whole. */
export function createMatch({ keep, mappings, now }: MatchParts): Match {
  return async ({ store: wanted, ...asked }) => {
    const [from, to] = daysAsked(asked, now());
    const stores = mappings.all().filter(({ name }) => wanted === undefined || name === wanted);
    const [rows, last] = await Promise.all([
      keep.sumJoins(from, to),
      Promise.all(stores.map(({ name }) => keep.lastVisit(name))),
    ]);
    const byStore = Map.groupBy(rows, ({ store }) => store);
    const storeMatch = (name: string, keepsVisits: boolean, hour: number | undefined): StoreMatch => {
      const own = byStore.get(name) ?? [];
      const facts = {
        store: name,
        keepsVisits,
        lastVisit: hour === undefined ? undefined : hour * HOUR_MS,
        groups: MATCH_GROUPS.map((group) =>
          groupMatch(
            group,
            own.filter((row) => groupOf(row) === group),
          ),
        ),
        sources: sourceMatches(own),
        sums: own,
      };
      return { ...facts, advice: adviceFor(facts, now()) };
    };
    return {
      since: from * DAY_MS,
      until: (to + 1) * DAY_MS,
      stores: stores.map(({ name, settings }, index) => storeMatch(name, settings.visits !== undefined, last[index])),
    };
  };
}
