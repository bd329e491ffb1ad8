// Processor time of processes, which tells more than rates do where others use the machine too. Only Linux tells it of others.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In microseconds; 0 for one that is gone. */
function timeOf(pid: string): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
      const [ns = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
      return sum + Number(ns) / 1_000;
    }, 0);
  } catch {
    return 0;
  }
}

/** The process whose child this one is. */
function parentOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1];
  } catch {
    return undefined;
  }
}

/** What the children of a process have used that have ended, in microseconds; Linux counts it in hundredths of a second. */
function timeOfEnded(pid: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * 10_000;
  } catch {
    return 0;
  }
}

/** What a process and its threads have used so far. */
export const usedBy = (pid: number | undefined): number => timeOf(String(pid));

/** What a server of PostgreSQL has used so far: its first process, and those that serve sessions and write or have done so. */
export function usedByServer({ folder }: { folder: string }): number {
  const [first = ''] = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n');
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  const own = pids.filter((pid) => pid === first || parentOf(pid) === first);
  return own.reduce((sum, pid) => sum + timeOf(pid), timeOfEnded(first));
}
