// Names the tests that failed and held when tried again: CI tries once more, and each of these is a fault to find.
import type { Reporter } from 'vitest/node';

/** Follows https://vitest.dev/guide/advanced/reporters: a test that needed a retry is told as `flaky`, with its errors. */
export const tellSecondTries: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules)
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky !== true) continue;
        const why = test.result().errors?.map(({ message, stack }) => stack ?? message) ?? [];
        const lines = [`WARNING: held only when tried again: ${module.relativeModuleId} ${test.fullName}`, ...why];
        process.stderr.write(`${lines.join('\n')}\n`);
      }
  },
};
