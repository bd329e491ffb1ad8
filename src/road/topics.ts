// Counts in memory which topics came, by source and hour, until they are taken. A process that is killed loses those of a minute.
import { hourOf } from '../keep/questions/hours.ts';
import type { TopicSum } from '../keep/questions/topic-hours.ts';
import type { Clock } from '../types.ts';

/** Of one source no more are told apart: where a sender writes ids into them, each would be a topic of its own. */
const MOST = 50;

export function createTopics(now: Clock) {
  const known = new Map<string, Set<string>>();
  let sums = new Map<string, TopicSum>();

  const isKnown = (store: string, source: string, topic: string): boolean => {
    const place = `${store}/${source}`;
    const own = known.get(place) ?? new Set();
    if (own.size < MOST) own.add(topic);
    known.set(place, own);
    return own.has(topic);
  };

  return {
    /** A hook of this topic came now. */
    add: (store: string, source: string, topic: string): void => {
      if (!isKnown(store, source, topic)) return;
      const last_at = now();
      const hour = hourOf(last_at);
      const key = [store, source, topic, hour].join('\n');
      const { hooks = 0 } = sums.get(key) ?? {};
      sums.set(key, { store, source, topic, hour, hooks: hooks + 1, last_at });
    },
    /** What came since the last call. */
    take: (): TopicSum[] => {
      const taken = [...sums.values()];
      sums = new Map();
      return taken;
    },
  };
}
