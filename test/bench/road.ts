// How many orders a second go the whole road, from the hook to all three stand-ins, without falling behind.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadAsk, LoadResult } from './load.ts';
import type { Helper } from './processes.ts';
import type { StandinsAnswer, StandinsAsk } from './standins.ts';

export type RoadResult = {
  perSecond: number;
  acknowledged: number;
  /** Orders that all three stand-ins have counted. */
  everywhere: number;
  /** Events that one of them counted more than once. */
  twice: number;
  p50: number;
  p99: number;
  /** From the first hook until the last order was counted everywhere. */
  seconds: number;
};

const CONNECTIONS = 64;
const WARM_UP_MS = 3_000;
/** Orders under way at most: a sender that runs ahead would only fill the disk. */
const AHEAD = 2_000;
const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** Sends orders for `ms`, only as fast as they come out; the time until the last one has come out counts too. */
export async function measureRoad(
  load: Helper<LoadAsk, LoadResult>,
  standins: Helper<StandinsAsk, StandinsAnswer>,
  port: number,
  ms: number,
): Promise<RoadResult> {
  const send = async (duration: number): Promise<RoadResult> => {
    const before = await standins.ask('all');
    const began = performance.now();
    const sending = load.ask({ run: { port, ms: duration, connections: CONNECTIONS, ahead: AHEAD } });
    let result: LoadResult | undefined;
    void sending.then((answer) => {
      result = answer;
    });
    let confirmed = 0;
    for (const end = began + duration + PATIENCE_MS; performance.now() < end; await sleep(POLL_MS)) {
      confirmed = (await standins.ask('fewest')).everywhere - before.everywhere;
      load.tell({ confirmed });
      if (result !== undefined && confirmed >= result.acknowledged) break;
    }
    const seconds = (performance.now() - began) / 1_000;
    const { acknowledged, p50, p99 } = await sending;
    const after = await standins.ask('all');
    const everywhere = after.everywhere - before.everywhere;
    return { perSecond: everywhere / seconds, acknowledged, everywhere, twice: after.twice, p50, p99, seconds };
  };
  await send(WARM_UP_MS);
  return send(ms);
}
