// The time of the database, which all replicas share: measured now and then, told in between by a clock that nobody sets.
import { every } from '../../lib/wait.ts';
import type { Clock, Db } from '../../types.ts';
import { number } from '../row.ts';

const EVERY_MS = 10_000;
const SAMPLES = 5;
const NOW = 'select cast(extract(epoch from clock_timestamp()) * 1000 as double precision) as ms';

/** A clock in milliseconds since 1970, UTC; right to half of the fastest answer. Resolves when it was measured once. */
export async function followClock(
  db: Pick<Db, 'query'>,
  signal: AbortSignal,
): Promise<{ now: Clock; ended: Promise<void> }> {
  const measure = async (): Promise<{ offset: number; took: number }> => {
    const before = performance.now();
    const [row] = await db.query(NOW);
    const after = performance.now();
    return {
      offset: (row === undefined ? Date.now() : number(row, 'ms')) - (before + after) / 2,
      took: after - before,
    };
  };
  const best = async (): Promise<number> => {
    let fastest = await measure();
    for (let sample = 1; sample < SAMPLES; sample++) {
      const another = await measure();
      if (another.took < fastest.took) fastest = another;
    }
    return fastest.offset;
  };
  let offset = await best();
  const ended = every(EVERY_MS, signal, async () => {
    // While the database is away the last measure holds.
    offset = await best().catch(() => offset);
  });
  return { now: () => Math.round(performance.now() + offset), ended };
}
