// The kernel's FUSE protocol, version 7.31, as far as one flat folder of files needs it (linux/fuse.h).

/** What the kernel asks for; those that are not here are answered with "no such call". */
export const OP = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  UNLINK: 10,
  RENAME: 12,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  BATCH_FORGET: 42,
  RENAME2: 45,
} as const;

export const ERRNO = { ENOENT: 2, EIO: 5, ENOSPC: 28, EROFS: 30, ENOSYS: 38 } as const;
export type Errno = keyof typeof ERRNO;

export const ROOT = 1n;
/** The largest write the kernel may send at once, and room for its head. */
export const MAX_WRITE = 1 << 17;
export const REQUEST_BYTES = MAX_WRITE + 8192;
const HEAD = 40;

export type Request = { op: number; unique: bigint; node: bigint; body: Buffer };
export const parseRequest = (bytes: Buffer): Request => ({
  op: bytes.readUInt32LE(4),
  unique: bytes.readBigUInt64LE(8),
  node: bytes.readBigUInt64LE(16),
  body: bytes.subarray(HEAD),
});

/** An answer of bytes, or the error a call failed with. */
export function reply(unique: bigint, answer: Buffer | Errno): Buffer {
  const body = typeof answer === 'string' ? Buffer.alloc(0) : answer;
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeInt32LE(typeof answer === 'string' ? -ERRNO[answer] : 0, 4);
  head.writeBigUInt64LE(unique, 8);
  return Buffer.concat([head, body]);
}

/** Up to the first zero byte. */
export const nameAt = (body: Buffer, at: number): string => body.toString('utf8', at, body.indexOf(0, at));

export function initAnswer(): Buffer {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(7, 0);
  body.writeUInt32LE(31, 4);
  body.writeUInt32LE(1 << 17, 8); // max_readahead
  body.writeUInt32LE(1 << 5, 12); // FUSE_BIG_WRITES
  body.writeUInt16LE(16, 16); // max_background
  body.writeUInt16LE(12, 18); // congestion_threshold
  body.writeUInt32LE(MAX_WRITE, 20);
  body.writeUInt32LE(1, 24); // time_gran
  return body;
}

export type Attributes = { node: bigint; size: number; folder?: boolean };

function attr({ node, size, folder = false }: Attributes): Buffer {
  const body = Buffer.alloc(88);
  body.writeBigUInt64LE(node, 0);
  body.writeBigUInt64LE(BigInt(size), 8);
  body.writeBigUInt64LE(BigInt(Math.ceil(size / 512)), 16);
  body.writeUInt32LE(folder ? 0o40700 : 0o100600, 60);
  body.writeUInt32LE(1, 64); // nlink
  body.writeUInt32LE(4096, 80); // blksize
  return body;
}

/** Nothing of it may be remembered by the kernel: a power cut changes it. */
export const attrAnswer = (attributes: Attributes): Buffer => Buffer.concat([Buffer.alloc(16), attr(attributes)]);

export function entryAnswer(attributes: Attributes): Buffer {
  const head = Buffer.alloc(40);
  head.writeBigUInt64LE(attributes.node, 0);
  return Buffer.concat([head, attr(attributes)]);
}

export function openAnswer(handle: bigint): Buffer {
  const body = Buffer.alloc(16);
  body.writeBigUInt64LE(handle, 0);
  return body;
}

export function writtenAnswer(bytes: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32LE(bytes, 0);
  return body;
}

export function statfsAnswer({ blocks, free }: { blocks: number; free: number }): Buffer {
  const body = Buffer.alloc(80);
  body.writeBigUInt64LE(BigInt(blocks), 0);
  body.writeBigUInt64LE(BigInt(free), 8);
  body.writeBigUInt64LE(BigInt(free), 16);
  body.writeBigUInt64LE(1_000_000n, 24);
  body.writeBigUInt64LE(1_000_000n, 32);
  body.writeUInt32LE(4096, 40);
  body.writeUInt32LE(255, 44);
  body.writeUInt32LE(4096, 48);
  return body;
}

/** Entries from `offset` on, as many as fit into `room` bytes. */
export function folderAnswer(entries: readonly { node: bigint; name: string }[], offset: number, room: number): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (const [index, { node, name }] of entries.slice(offset).entries()) {
    const text = Buffer.from(name);
    const entry = Buffer.alloc(Math.ceil((24 + text.length) / 8) * 8);
    entry.writeBigUInt64LE(node, 0);
    entry.writeBigUInt64LE(BigInt(offset + index + 1), 8);
    entry.writeUInt32LE(text.length, 16);
    entry.writeUInt32LE(8, 20); // a regular file
    text.copy(entry, 24);
    if (size + entry.length > room) break;
    size += entry.length;
    parts.push(entry);
  }
  return Buffer.concat(parts);
}
