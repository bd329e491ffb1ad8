// What the gauges tell of sources that are compared with what their shops list.
import type { ComparedSource } from '../admin/metrics.ts';
import type { Keep } from '../keep/keep.ts';
import { DAY_MS } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Source } from '../map/files/source.ts';
import type { Clock } from '../types.ts';
import { listsOf } from './places.ts';

export type ComparedParts = {
  keep: Pick<Keep, 'listComparisons' | 'countFound'>;
  mappings: Pick<Mappings, 'all'>;
  now: Clock;
};

/** Sources without the settings for it are left out; of several lists of a source the one that was compared least tells, and none where one never was. */
export function createReadCompared({ keep, mappings, now }: ComparedParts) {
  return async (): Promise<ComparedSource[]> => {
    const comparisons = await keep.listComparisons();
    const read = async (source: Source): Promise<ComparedSource[]> => {
      const lists = await listsOf(source, comparisons);
      if (lists.length === 0) return [];
      const place = { store: source.store, source: source.name };
      const ends = lists.flatMap((one) => one.done_at ?? []);
      const done_at = ends.length === lists.length ? Math.min(...ends) : undefined;
      const failed = lists.some(({ problem }) => problem !== undefined);
      return [{ ...place, done_at, failed, fetched: await keep.countFound(place, now() - DAY_MS) }];
    };
    const sources = mappings.all().flatMap((store) => [...store.sources.values()]);
    return (await Promise.all(sources.map(read))).flat();
  };
}
