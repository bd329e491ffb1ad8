// Runs every test under test/; files run in parallel, one more than there are cores, because each waits now and then.
// The limits are wide: a busy machine makes a test slow, not wrong.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { tellSecondTries } from './test/support/second-try.ts';
import { SlowestFirst } from './test/support/slowest-first.ts';

// Tests start hundreds of threads and processes that load the whole of src: Node.js compiles each file once for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.compile-cache');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    maxWorkers: Math.min(availableParallelism() + 1, 8),
    sequence: { sequencer: SlowestFirst },
    reporters: ['default', tellSecondTries],
  },
});
