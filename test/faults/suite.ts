// What a case is and what it reports; helpers that turn a comparison into a row of the table.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Comparison } from './compare.ts';
import { createPatience } from './time.ts';
import type { World } from './world.ts';

export type Scale = {
  /** Kills of the long case; other cases scale with it. */
  kills: number;
  /** So many rounds where the long form (300 kills) has `long`. */
  rounds: (long: number) => number;
};
export type Result = Pick<Comparison, 'sent' | 'acknowledged' | 'delivered' | 'duplicates' | 'worstMs'> & {
  rounds: number;
  lost: number;
  /** Figures worth a line under the table. */
  notes: string[];
  /** Why the case failed; none when it passed. */
  problems: string[];
};
export type Case = {
  id: string;
  title: string;
  /** A negative control: it passes when the suite sees loss, or something counted twice. */
  control?: boolean;
  /** What it needs of the machine; without it the case is skipped, loudly. */
  needs?: 'disk';
  run: (scale: Scale) => Promise<Result>;
};

export const createScale = (kills: number): Scale => ({
  kills,
  rounds: (long) => Math.max(1, Math.round((long * kills) / 300)),
});

const some = (list: readonly string[]): string => list.slice(0, 5).join(', ') + (list.length > 5 ? ', …' : '');

/** The row of a case: fails on any loss and on anything counted twice, and on what else the case found. */
export function report(
  comparison: Comparison,
  { rounds = 1, notes = [], problems = [] }: { rounds?: number; notes?: string[]; problems?: (string | false)[] } = {},
): Result {
  const { sent, acknowledged, lost, delivered, duplicates, countedTwice, shown, worstMs } = comparison;
  return {
    rounds,
    sent,
    acknowledged,
    lost: lost.length,
    delivered,
    duplicates,
    worstMs,
    notes: [...notes, ...(shown > 0 ? [`${shown} deliveries did not arrive and say why`] : [])],
    problems: [
      ...(sent === acknowledged ? [] : [`${sent - acknowledged} hooks were never acknowledged`]),
      ...(lost.length === 0 ? [] : [`lost: ${some(lost)}`]),
      ...(countedTwice.length === 0 ? [] : [`counted twice: ${some(countedTwice)}`]),
      ...problems.filter((problem) => problem !== false),
    ],
  };
}

/** Turned around for a control: seeing the damage is what it must do. */
export function mustFail(result: Result): Result {
  const seen = result.problems.filter((problem) => /^(lost|counted twice): /.test(problem));
  return seen.length > 0
    ? { ...result, notes: [...result.notes, ...seen.map((problem) => `seen, as it must be: ${problem}`)], problems: [] }
    : { ...result, problems: ['the control went well, so this suite would not see the damage', ...result.problems] };
}

export const between = (least: number, most: number): number => least + Math.random() * (most - least);

/** The value below which the share `q` of them lies; they are sorted. */
export const quantile = (sorted: readonly number[], q: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0);

/** Asks again every 20 ms; rejects after `ms`. */
export async function until(what: string, done: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  for (const isOver = createPatience(ms); !(await done()); await sleep(20)) {
    if (isOver()) throw new Error(`gave up waiting until ${what}`);
  }
}

/** Runs a case in a world of its own, which ends with it. */
export async function within<T>(making: Promise<World>, work: (world: World) => Promise<T>): Promise<T> {
  const world = await making;
  let ended = false;
  try {
    const result = await work(world);
    ended = true;
    return result;
  } finally {
    await world.close({ keepFolder: !ended });
  }
}
