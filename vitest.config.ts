// Runs every test under test/; files run in parallel, two at a time, because each may start servers and threads.
// The limits are wide: a busy machine makes a test slow, not wrong.
import { defineConfig } from 'vitest/config';
import { tellSecondTries } from './test/support/second-try.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
    reporters: ['default', tellSecondTries],
  },
});
