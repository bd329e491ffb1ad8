// Counts what the log says, so that metrics and log lines never disagree.
import type { Log } from './log.ts';

/** A line that was logged: its name and fields. */
export type Heard = (message: string, fields: Readonly<Record<string, unknown>>) => void;

/** The same log, whose info lines are also heard by `hear`. */
export const metered = (log: Log, hear: Heard): Log => ({
  info: (fields, message) => {
    hear(message, { ...fields });
    log.info(fields, message);
  },
  warn: log.warn.bind(log),
  error: log.error.bind(log),
});

/** Counts by key until they are taken; threads send each other such sums instead of single lines. */
export function createTally() {
  let counts = new Map<string, number>();
  return {
    add: (...key: readonly string[]) => {
      const name = key.join('\t');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    /** What was counted since the last call. */
    take: (): { key: string[]; count: number }[] => {
      const taken = [...counts].map(([name, count]) => ({ key: name.split('\t'), count }));
      counts = new Map();
      return taken;
    },
  };
}
export type Tallied = ReturnType<ReturnType<typeof createTally>['take']>;
