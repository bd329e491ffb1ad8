// A thread that stands back, as the system sees it.
import { constants, getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const CODE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { readlinkSync } = require('node:fs');
  const { getPriority } = require('node:os');
  import(workerData).then(({ standBack }) => {
    const stoodBack = standBack();
    const thread = stoodBack ? Number(readlinkSync('/proc/thread-self').split('/').at(-1)) : 0;
    parentPort.postMessage({ stoodBack, own: getPriority(thread) });
  });`;

/** Where the whole run stands back as far already, as under `nice` alone, nothing can be seen. */
const stoodBackBefore = getPriority() >= constants.priority.PRIORITY_BELOW_NORMAL;

test.runIf(process.platform === 'linux' && !stoodBackBefore)(
  'a thread that stands back has a lower priority than its process',
  async () => {
    const before = getPriority();
    const worker = new Worker(CODE, {
      eval: true,
      workerData: new URL('../../src/lib/priority.ts', import.meta.url).href,
    });
    const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    // How far is the same where the whole run stands back a little.
    expect(said).toEqual({ stoodBack: true, own: constants.priority.PRIORITY_BELOW_NORMAL });
    expect(getPriority()).toBe(before);
  },
);
