// Looks for texts in the raw bytes of a folder's files, as `strings` and `grep` would.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the files that hold any of the texts, as UTF-8 or UTF-16. */
export async function filesWith(folder: string, ...texts: string[]): Promise<string[]> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      return texts.some((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'))) ? [name] : [];
    }),
  );
  return found.flat();
}
