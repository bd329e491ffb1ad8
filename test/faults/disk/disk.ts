// A folder on a disk of its own, for stores that must live through power cuts, full disks and disks that fail.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHelper } from '../helper.ts';
import type { DiskAnswer, DiskAsk } from './process.ts';

export type Disk = Awaited<ReturnType<typeof mountDisk>>;

export async function mountDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-disk-'));
  const { ask, stop } = await startHelper<DiskAsk, DiskAnswer>('disk/process.ts', [folder]);
  return {
    folder,
    /** Everything that was not flushed is gone, but for the share `survives` of its blocks. Answers how many were lost. */
    cutPower: async (survives: number): Promise<number> => (await ask({ kind: 'cut_power', survives })).lostBlocks,
    set: (settings: Omit<Extract<DiskAsk, { kind: 'set' }>, 'kind'>) => ask({ kind: 'set', ...settings }),
    state: () => ask({ kind: 'state' }),
    unmount: async (): Promise<void> => {
      spawnSync('umount', ['-l', folder]);
      await stop();
      await rmdir(folder);
    },
  };
}

/** Runs work on a disk of its own. */
export async function onDisk<T>(work: (disk: Disk) => Promise<T>): Promise<T> {
  const disk = await mountDisk();
  try {
    return await work(disk);
  } finally {
    await disk.unmount();
  }
}
