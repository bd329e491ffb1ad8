// Runs every test under test/; files run in parallel, two at a time, because each may start servers and threads.
// The limits are wide: a busy machine makes a test slow, not wrong.
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { tellSecondTries } from './test/support/second-try.ts';

// Tests start hundreds of threads and processes that load the whole of src: Node.js compiles each file once for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.compile-cache');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
    reporters: ['default', tellSecondTries],
  },
});
