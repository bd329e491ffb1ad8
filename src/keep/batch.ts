// Group commit without a timer: one batch is in flight, and whatever arrives meanwhile is the next batch.
import { blamesRow } from './error.ts';

type Entry<Row, Answer> = { row: Row; resolve: (answer: Answer) => void; reject: (error: unknown) => void };

/**
 * Makes a function that commits one row together with those that arrive at the same time. `commit` is given up to `max` rows
 * and answers one value for each. Rows of a batch that fails are committed once more one by one, so that a bad row fails alone.
 */
export function createBatcher<Row, Answer>(
  commit: (rows: Row[]) => Promise<Answer[]>,
  { max = 512 } = {},
): (row: Row) => Promise<Answer> {
  const waiting: Entry<Row, Answer>[] = [];
  let running = false;

  const commitAll = async (entries: Entry<Row, Answer>[]): Promise<void> => {
    const answers = await commit(entries.map(({ row }) => row));
    if (answers.length !== entries.length) throw new Error(`${answers.length} answers for ${entries.length} rows`);
    for (const [index, answer] of answers.entries()) entries[index]?.resolve(answer);
  };
  const commitAlone = (entry: Entry<Row, Answer>): Promise<void> => commitAll([entry]).catch(entry.reject);
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const entries = waiting.splice(0, max);
      try {
        await commitAll(entries);
      } catch (error) {
        if (entries.length > 1 && blamesRow(error)) await Promise.all(entries.map(commitAlone));
        else for (const { reject } of entries) reject(error);
      }
    }
    running = false;
  };

  return (row) =>
    new Promise((resolve, reject) => {
      waiting.push({ row, resolve, reject });
      if (running) return;
      running = true;
      // After the requests that came in the same turn of the event loop, so that they share the first commit too.
      setImmediate(run);
    });
}
