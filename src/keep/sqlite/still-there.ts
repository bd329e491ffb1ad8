// Whether a file is still where it was opened: what is written into one that was deleted or moved away is lost with this process.
import { stat } from 'node:fs/promises';
import { codeOf } from '../../lib/errors.ts';

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Remembers which file lies at `path` now; the answer is false while there is none, or another one. */
export async function createStillThere(path: string): Promise<() => Promise<boolean>> {
  const opened = await stat(path);
  return async () => {
    try {
      const { dev, ino } = await stat(path);
      return dev === opened.dev && ino === opened.ino;
    } catch (error) {
      // Where nobody can tell, the disk itself will say no.
      return !GONE.has(codeOf(error));
    }
  };
}
