// How many files and connections the system lets this process have open.
import { readFile } from 'node:fs/promises';

/** The soft limit; undefined where the system does not say (proc(5), /proc/pid/limits). */
export async function openFilesLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
