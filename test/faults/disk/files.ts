// The files of a disk that remembers what would survive a power cut: only what was flushed, or a random part of the rest.

export const BLOCK = 4096;
export type Failure = 'ENOSPC' | 'EIO' | 'EROFS';

export type File = {
  size: number;
  data: Buffer;
  /** What is on the platter. */
  flushed: { size: number; data: Buffer };
  /** Blocks written since the last flush. */
  dirty: Set<number>;
};

const grown = (data: Buffer, size: number): Buffer => {
  if (size <= data.length) return data;
  const larger = Buffer.alloc(Math.max(size, data.length * 2, 1 << 16));
  data.copy(larger);
  return larger;
};

export const newFile = (): File => ({
  size: 0,
  data: Buffer.alloc(0),
  flushed: { size: 0, data: Buffer.alloc(0) },
  dirty: new Set(),
});

export function write(file: File, bytes: Uint8Array, offset: number): void {
  const end = offset + bytes.length;
  file.data = grown(file.data, end);
  file.data.set(bytes, offset);
  file.size = Math.max(file.size, end);
  for (let block = Math.floor(offset / BLOCK); block * BLOCK < end; block++) file.dirty.add(block);
}

export const read = ({ data, size }: File, offset: number, length: number): Buffer =>
  data.subarray(Math.min(offset, size), Math.min(offset + length, size));

export function truncate(file: File, size: number): void {
  if (size < file.size) file.data.fill(0, size, file.size);
  file.data = grown(file.data, size);
  file.size = size;
}

/** Copies blocks to the platter; all of them on a flush, some of them when the power goes. */
function settle(file: File, blocks: Iterable<number>): void {
  for (const block of blocks) {
    const from = block * BLOCK;
    const to = Math.min(from + BLOCK, file.size);
    if (to <= from) continue;
    file.flushed.data = grown(file.flushed.data, to);
    file.data.copy(file.flushed.data, from, from, to);
    file.flushed.size = Math.max(file.flushed.size, to);
  }
}

/** What fsync does. */
export function flush(file: File): void {
  settle(file, file.dirty);
  file.flushed.data = grown(file.flushed.data, file.size);
  if (file.size < file.flushed.size) file.flushed.data.fill(0, file.size, file.flushed.size);
  file.flushed.size = file.size;
  file.dirty.clear();
}

/**
 * What a power cut leaves: everything flushed, and each block written since then with the chance `survives`, in no order,
 * as the cache of a disk may have written it. Answers how many blocks were lost.
 */
export function cutPower(file: File, survives: number, random: () => number): number {
  const lucky = [...file.dirty].filter(() => random() < survives);
  const lost = file.dirty.size - lucky.length;
  settle(file, lucky);
  file.data = Buffer.from(file.flushed.data);
  file.size = file.flushed.size;
  file.dirty.clear();
  return lost;
}

/** Bytes taken on the disk, in whole blocks. */
export const taken = (files: Iterable<File>): number => {
  let sum = 0;
  for (const { size } of files) sum += Math.ceil(size / BLOCK) * BLOCK;
  return sum;
};
