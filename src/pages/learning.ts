// What came at some places by hour, and what is usual at each; learned anew once an hour in which something came.
import { learnUsual, type Usual } from '../alert/usual.ts';
import { hourOf } from '../keep/questions/hours.ts';
import type { Clock } from '../types.ts';

const LEARNED_HOURS = 9 * 7 * 24;

/** `sum` reads what came in the hours between two, both included. */
export function createLearning<Row extends { place: string; hour: number; came: number }>(
  sum: (from: number, until: number) => Promise<Row[]>,
  now: Clock,
) {
  const counts = new Map<string, Map<number, number>>();
  const learned = new Map<string, { end: number; usual: Usual | undefined }>();
  let readUntil: number | undefined;

  /** Reads the hours that may have changed; answers those of them that are this one and the one before. */
  const read = async (): Promise<Row[]> => {
    const hour = hourOf(now());
    const rows = await sum(readUntil === undefined ? hour - LEARNED_HOURS : Math.min(readUntil, hour) - 1, hour);
    readUntil = hour;
    for (const { place, hour: at, came } of rows) {
      const own = counts.get(place) ?? new Map<number, number>();
      if (came > 0) own.set(at, came);
      own.delete(hour - LEARNED_HOURS);
      counts.set(place, own);
    }
    return rows.filter((row) => row.hour >= hour - 1);
  };

  const usualOf = (place: string, last: number): Usual | undefined => {
    const end = hourOf(last) + 1;
    const known = learned.get(place);
    if (known?.end === end) return known.usual;
    const own = counts.get(place) ?? new Map<number, number>();
    const first = Math.min(...own.keys());
    const usual = Number.isFinite(first) ? learnUsual(own, first, end) : undefined;
    learned.set(place, { end, usual });
    return usual;
  };
  /** The last hour in which something came. */
  const lastOf = (place: string): number | undefined => {
    const hours = [...(counts.get(place)?.keys() ?? [])];
    return hours.length === 0 ? undefined : hours.reduce((most, one) => Math.max(most, one));
  };
  return { read, usualOf, lastOf };
}
