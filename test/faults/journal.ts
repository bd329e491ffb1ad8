// A file of lines of which each is on the disk when its promise resolves; many lines share one flush.
import { open } from 'node:fs/promises';

export type Journal = { write: (line: string) => Promise<void>; close: () => Promise<void> };

export async function openJournal(path: string): Promise<Journal> {
  const file = await open(path, 'a');
  let waiting: { line: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let running = false;
  const flush = async () => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await file.write(group.map(({ line }) => `${line}\n`).join(''));
        await file.datasync();
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = false;
  };
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        waiting.push({ line, resolve, reject });
        if (running) return;
        running = true;
        setImmediate(flush);
      }),
    close: () => file.close(),
  };
}
