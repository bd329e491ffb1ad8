// Loaded before the bridge, in each of its threads: the wall clock runs as far ahead as a file says, so that hours pass at once.
import { openSync, readSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

const { FAULTS_CLOCK = '', FAULTS_SKEW_MS = '0' } = process.env;
const POLL_MS = 5;
const file = openSync(FAULTS_CLOCK, 'r');
const RealDate = Date;
/** Threads of odd number may live in another time than the others. */
const skew = threadId % 2 === 1 ? Number(FAULTS_SKEW_MS) : 0;
const bytes = Buffer.alloc(8);
let offset = 0;

function look(): void {
  if (readSync(file, bytes, 0, 8, 0) === 8) offset = bytes.readDoubleLE();
}
look();
setInterval(look, POLL_MS).unref();

const now = () => Math.round(RealDate.now() + offset + skew);
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: []) => Reflect.construct(target, args.length === 0 ? [now()] : args),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
