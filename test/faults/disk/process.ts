// Run as a process: a file system in memory that can lose power, fill up, fail to flush or flush slowly. Needs root and /dev/fuse.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, read as readFd, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveHelper } from '../helper.ts';
import { cutPower, type File, flush, newFile, read, taken, truncate, write } from './files.ts';
import {
  attrAnswer,
  type Errno,
  entryAnswer,
  folderAnswer,
  initAnswer,
  nameAt,
  OP,
  openAnswer,
  parseRequest,
  REQUEST_BYTES,
  type Request,
  ROOT,
  reply,
  statfsAnswer,
  writtenAnswer,
} from './protocol.ts';

export type DiskAsk =
  /** `survives`: the share of unflushed blocks that reach the platter all the same. */
  | { kind: 'cut_power'; survives: number }
  | { kind: 'set'; capacity?: number; flushError?: boolean; flushMs?: number }
  | { kind: 'state' };
export type DiskAnswer = { lostBlocks: number; taken: number; flushes: number };

const BLOCK = 4096;
const [folder = ''] = process.argv.slice(2);
let capacity = 1 << 30;
let flushError = false;
let flushMs = 0;
let flushes = 0;

const files = new Map<bigint, File>();
const names = new Map<string, bigint>();
let lastNode = ROOT;

const fileOf = (node: bigint): File => {
  const file = files.get(node);
  if (file === undefined) throw new Error(`the kernel asks for file ${node}, which is not there`);
  return file;
};
const attributes = (node: bigint) =>
  node === ROOT ? { node, size: 0, folder: true } : { node, size: fileOf(node).size };

/** An unlinked file lives on while it is open; the kernel tells us when it forgets it. */
const isFull = (file: File, end: number) => end > file.size && taken(files.values()) + (end - file.size) > capacity;

const later = async (): Promise<Errno | Buffer> => {
  if (flushMs > 0) await sleep(flushMs);
  return flushError ? 'EIO' : Buffer.alloc(0);
};

function rename(body: Buffer, at: number): Buffer | Errno {
  const from = nameAt(body, at);
  const to = nameAt(body, at + Buffer.byteLength(from) + 1);
  const node = names.get(from);
  if (node === undefined) return 'ENOENT';
  names.delete(from);
  names.set(to, node);
  return Buffer.alloc(0);
}

function create(body: Buffer): Buffer {
  const name = nameAt(body, 16);
  lastNode += 1n;
  names.set(name, lastNode);
  files.set(lastNode, newFile());
  return Buffer.concat([entryAnswer(attributes(lastNode)), openAnswer(lastNode)]);
}

function setAttributes(node: bigint, body: Buffer): Buffer | Errno {
  const SIZE = 1 << 3;
  if (node !== ROOT && (body.readUInt32LE(0) & SIZE) !== 0) {
    const size = Number(body.readBigUInt64LE(16));
    if (isFull(fileOf(node), size)) return 'ENOSPC';
    truncate(fileOf(node), size);
  }
  return attrAnswer(attributes(node));
}

function writeTo(node: bigint, body: Buffer): Buffer | Errno {
  const offset = Number(body.readBigUInt64LE(8));
  const size = body.readUInt32LE(16);
  const file = fileOf(node);
  if (isFull(file, offset + size)) return 'ENOSPC';
  write(file, body.subarray(40, 40 + size), offset);
  return writtenAnswer(size);
}

async function fsync(node: bigint): Promise<Buffer | Errno> {
  const answer = await later();
  if (typeof answer === 'string') return answer;
  flushes += 1;
  flush(fileOf(node));
  return answer;
}

/** Undefined for what the kernel wants no answer to. */
function answer({ op, node, body }: Request): Buffer | Errno | Promise<Buffer | Errno> | undefined {
  const none = Buffer.alloc(0);
  switch (op) {
    case OP.INIT:
      return initAnswer();
    case OP.LOOKUP: {
      const found = names.get(nameAt(body, 0));
      return found === undefined ? 'ENOENT' : entryAnswer(attributes(found));
    }
    case OP.GETATTR:
      return attrAnswer(attributes(node));
    case OP.SETATTR:
      return setAttributes(node, body);
    case OP.CREATE:
      return create(body);
    case OP.OPEN:
    case OP.OPENDIR:
      return openAnswer(node);
    case OP.READ:
      return read(fileOf(node), Number(body.readBigUInt64LE(8)), body.readUInt32LE(16));
    case OP.WRITE:
      return writeTo(node, body);
    case OP.FSYNC:
      return fsync(node);
    case OP.UNLINK:
      return names.delete(nameAt(body, 0)) ? none : 'ENOENT';
    case OP.RENAME:
      return rename(body, 8);
    case OP.RENAME2:
      return rename(body, 16);
    case OP.STATFS: {
      const free = Math.max(0, capacity - taken(files.values()));
      return statfsAnswer({ blocks: Math.floor(capacity / BLOCK), free: Math.floor(free / BLOCK) });
    }
    case OP.READDIR: {
      const entries = [...names].map(([name, inner]) => ({ name, node: inner }));
      return folderAnswer(entries, Number(body.readBigUInt64LE(8)), body.readUInt32LE(16));
    }
    case OP.FLUSH:
    case OP.RELEASE:
    case OP.RELEASEDIR:
    case OP.FSYNCDIR:
    case OP.ACCESS:
      return none;
    case OP.FORGET:
      forget(node);
      return undefined;
    case OP.BATCH_FORGET:
      for (let at = 8; at + 16 <= body.length; at += 16) forget(body.readBigUInt64LE(at));
      return undefined;
    case OP.INTERRUPT:
      return undefined;
    default:
      return 'ENOSYS';
  }
}

function forget(node: bigint): void {
  if (![...names.values()].includes(node)) files.delete(node);
}

function hear(ask: DiskAsk): DiskAnswer {
  let lostBlocks = 0;
  if (ask.kind === 'cut_power')
    for (const file of files.values()) lostBlocks += cutPower(file, ask.survives, Math.random);
  if (ask.kind === 'set') {
    capacity = ask.capacity ?? capacity;
    flushError = ask.flushError ?? flushError;
    flushMs = ask.flushMs ?? flushMs;
  }
  return { lostBlocks, taken: taken(files.values()), flushes };
}

const device = openSync('/dev/fuse', 'r+');
const mounted = spawnSync(
  'mount',
  ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other', 'faults', folder],
  { stdio: ['ignore', 'ignore', 'inherit', device] },
);
if (mounted.status !== 0) process.exit(1);

const loop = (): void => {
  const bytes = Buffer.allocUnsafe(REQUEST_BYTES);
  readFd(device, bytes, 0, bytes.length, null, (error, length) => {
    // The kernel closes the device when the folder is unmounted.
    if (error !== null) {
      closeSync(device);
      process.disconnect?.();
      return;
    }
    const request = parseRequest(bytes.subarray(0, length));
    loop();
    void Promise.resolve(answer(request)).then((said) => {
      if (said !== undefined) writeSync(device, reply(request.unique, said));
    });
  });
};
loop();
serveHelper<DiskAsk, DiskAnswer>(hear);
