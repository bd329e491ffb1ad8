// What will become of an entry, told before it is kept: whether its visit is known, where it goes, and why not elsewhere.

import type { JoinedVisit } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { mapHook } from '../map/map.ts';
import { digestMapped } from '../road/digest.ts';
import { createRecall } from '../road/visits.ts';
import type { Clock } from '../types.ts';
import { bodyOf } from './phone-orders.ts';
import type { Entry } from './read.ts';
import { titleOf } from './words.ts';

export type Forecast = {
  visit: JoinedVisit | undefined;
  /** Destinations by the names people know. */
  goes: string[];
  skipped: { destination: string; reason: string }[];
  /** Why it makes no event at all. */
  ignored: string | undefined;
};
export type ForecastParts = { keep: Pick<Keep, 'findVisits'>; now: Clock };

/** Goes the road of the entry up to its deliveries, as it would be gone `wait` milliseconds from now, and changes nothing. */
export const createForecast =
  ({ keep, now }: ForecastParts) =>
  async (store: Store, source: Source, entry: Entry, wait: number): Promise<Forecast> => {
    const at = now();
    const { body, headers } = bodyOf(entry, { id: 'not kept yet', number: 'not kept yet', by: '' });
    const mapped = await mapHook(source, { headers, body, received_at: at });
    const recall = createRecall(keep, { get: () => store }, now);
    const visits = await recall([{ hook: { store: store.name }, mapped }]);
    const planned = await digestMapped(
      mapped,
      store,
      new Map(),
      { now: at + wait, age: Number.POSITIVE_INFINITY },
      visits,
    );
    const [made] = planned.events;
    return {
      visit: made?.event.visit,
      goes: made?.routes.map(({ name }) => titleOf(name, store)) ?? [],
      skipped:
        made?.skipped.map(({ destination, reason }) => ({ destination: titleOf(destination, store), reason })) ?? [],
      ignored: made === undefined ? planned.reason : undefined,
    };
  };
