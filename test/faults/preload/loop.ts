// Measures in each thread the longest turn of its event loop: its processor time in ms, which other processes cannot add to.
import { openSync, readSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

const { FAULTS_LOOP = '' } = process.env;
const TICK_MS = 5;
const file = openSync(FAULTS_LOOP, 'r+');
const place = threadId * 8;
const bytes = Buffer.alloc(8);
const spent = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let last = spent();

setInterval(() => {
  const now = spent();
  const turn = now - last;
  last = now;
  const known = readSync(file, bytes, 0, 8, place) === 8 ? bytes.readDoubleLE() : 0;
  if (turn <= known) return;
  bytes.writeDoubleLE(turn);
  writeSync(file, bytes, 0, 8, place);
}, TICK_MS).unref();
