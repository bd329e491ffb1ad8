// The state of things for the first page: sums by hour, what waits, and what is wrong.
import type { DestinationFacts, Overview, StoreFacts } from '../admin/overview/facts.ts';
import { groupByCause, type Item } from '../admin/problems/causes.ts';
import type { Keep } from '../keep/keep.ts';
import type { Store } from '../map/files/load.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Clock } from '../types.ts';
import type { Alerting } from './alerting.ts';
import { readWeeks, storeSums, timesAt } from './by-hour.ts';
import { attemptsOf, deadAt, waitingAt } from './places.ts';
import { troublesOf } from './troubles.ts';

export type OverviewParts = {
  keep: Pick<Keep, 'sumEvents' | 'sumAttempts' | 'sumHooksTillNow' | 'countOpen' | 'listPauses'>;
  mappings: Pick<Mappings, 'all'>;
  troubled: () => Promise<{ items: Item[]; limit: number }>;
  /** What alerts are about, by the same findings. */
  seen: Alerting['seen'];
  /** Hooks that this process could not keep lately; not told to those who see some stores only. */
  notKept?: () => number;
  now: Clock;
};

export function createOverview({
  keep,
  mappings,
  troubled,
  seen,
  notKept = () => 0,
  now,
}: OverviewParts): () => Promise<Overview> {
  return async () => {
    const times = timesAt(now());
    const [events, hooks, attempts, open, pauses, { items, limit }, { facts, findings }] = await Promise.all([
      readWeeks(times, keep.sumEvents),
      readWeeks(times, keep.sumHooksTillNow),
      keep.sumAttempts(times.first, times.last),
      keep.countOpen(),
      keep.listPauses(),
      troubled(),
      seen(),
    ]);
    const destination = (store: string, name: string, account: string): DestinationFacts => {
      const dead = deadAt(items, store, name).length;
      return {
        name,
        delivered: attemptsOf(attempts, store, name, ['delivered']),
        dead,
        more: dead >= limit,
        paused: pauses.find((pause) => pause.account === account)?.reason,
        ...waitingAt(open.deliveries, store, name),
      };
    };
    const storeFacts = ({ name: store, routes }: Store): StoreFacts => ({
      store,
      ...storeSums(
        events.filter((row) => row.store === store),
        hooks.filter((row) => row.store === store),
        times,
      ),
      destinations: routes.map(({ name, account }) => destination(store, name, account)),
    });
    const causes = groupByCause(items);
    const troubles = troublesOf({ causes, findings, open: facts.open, notKept: notKept() });
    return { at: times.at, stores: mappings.all().map(storeFacts), troubles };
  };
}
