// How fast hooks are acknowledged, against bare Express and with a million deliveries waiting; the contenders take turns.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadAsk, LoadResult } from './load.ts';
import type { Helper } from './processes.ts';
import { databaseOf } from './service.ts';

/** A server that takes hooks. One with a folder keeps them there, and its turn is over when they are mapped, too. */
export type Contender = { name: string; port: number; folder?: string };
export type Round = { perSecond: number; p50: number; p99: number };
type Load = Helper<LoadAsk, LoadResult>;

const CONNECTIONS = 64;
const WARM_UP_MS = 2_000;
const PATIENCE_MS = 60_000;

/** Resolves when every kept hook has been mapped, so that the next contender has the machine for itself. */
async function settled(folder: string): Promise<void> {
  const database = new DatabaseSync(databaseOf(folder), { readOnly: true });
  try {
    const left = database.prepare('select exists (select 1 from hooks where due_at is not null) as some');
    for (const end = Date.now() + PATIENCE_MS; left.get()?.some !== 0; await sleep(50)) {
      if (Date.now() > end) throw new Error(`hooks in ${folder} are not mapped after ${PATIENCE_MS} ms`);
    }
  } finally {
    database.close();
  }
}

async function turn(load: Load, { name, port, folder }: Contender, ms: number): Promise<Round> {
  const { acknowledged, statuses, seconds, p50, p99 } = await load.ask({ run: { port, ms, connections: CONNECTIONS } });
  if (folder !== undefined) await settled(folder);
  const other = Object.keys(statuses).filter((status) => status !== '200');
  if (other.length > 0) throw new Error(`${name} answered with ${JSON.stringify(statuses)}`);
  return { perSecond: acknowledged / seconds, p50, p99 };
}

/**
 * The rounds of each contender, by its place in the list. Each round gives every contender a turn of `ms`; every other round
 * goes backwards, because what a turn leaves to the disk slows the next one.
 */
export async function measureIngest(
  load: Load,
  contenders: readonly Contender[],
  { rounds, ms }: { rounds: number; ms: number },
): Promise<Round[][]> {
  const results: Round[][] = contenders.map(() => []);
  for (const contender of contenders) await turn(load, contender, WARM_UP_MS);
  for (let round = 0; round < rounds; round++) {
    const entries = [...contenders.entries()];
    for (const [index, contender] of round % 2 === 0 ? entries : entries.reverse())
      results[index]?.push(await turn(load, contender, ms));
  }
  return results;
}
