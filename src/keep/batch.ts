// Group commit without a timer: what arrives while two batches are in flight is the next batch.
import { blamesRow } from './error.ts';

type Entry<Row, Answer> = { row: Row; resolve: (answer: Answer) => void; reject: (error: unknown) => void };

/** One is committed while the next is gathered and sent: with only one the thread that commits and this one take turns. */
const IN_FLIGHT = 2;
/** So many need not wait for more. */
const ENOUGH = 32;

/**
 * Makes a function that commits one row together with those that arrive at the same time. `commit` is given up to `max` rows
 * and answers one value for each. Rows of a batch that fails are committed once more one by one, so that a bad row fails alone.
 */
export function createBatcher<Row, Answer>(
  commit: (rows: Row[]) => Promise<Answer[]>,
  { max = 512 } = {},
): (row: Row) => Promise<Answer> {
  const waiting: Entry<Row, Answer>[] = [];
  let inFlight = 0;
  let isGathering = false;

  const commitAll = async (entries: Entry<Row, Answer>[]): Promise<void> => {
    const answers = await commit(entries.map(({ row }) => row));
    if (answers.length !== entries.length) throw new Error(`${answers.length} answers for ${entries.length} rows`);
    for (const [index, answer] of answers.entries()) entries[index]?.resolve(answer);
  };
  const commitAlone = (entry: Entry<Row, Answer>): Promise<void> => commitAll([entry]).catch(entry.reject);
  const commitBatch = async (entries: Entry<Row, Answer>[]): Promise<void> => {
    try {
      await commitAll(entries);
    } catch (error) {
      if (entries.length > 1 && blamesRow(error)) await Promise.all(entries.map(commitAlone));
      else for (const { reject } of entries) reject(error);
    }
  };
  /** Half of what waits, so that the other half can follow at once; a few are not worth two commits. */
  const next = () => waiting.splice(0, Math.min(max, Math.max(ENOUGH, Math.ceil(waiting.length / 2))));
  const send = async (): Promise<void> => {
    inFlight += 1;
    while (waiting.length > 0) await commitBatch(next());
    inFlight -= 1;
  };
  const sendGathered = (): void => {
    isGathering = false;
    while (inFlight < IN_FLIGHT && waiting.length > 0) void send();
  };

  return (row) =>
    new Promise((resolve, reject) => {
      waiting.push({ row, resolve, reject });
      if (inFlight >= IN_FLIGHT) return;
      if (waiting.length >= ENOUGH) void send();
      else if (!isGathering) {
        isGathering = true;
        // After the requests that came in the same turn of the event loop, so that they share a commit.
        setImmediate(sendGathered);
      }
    });
}
