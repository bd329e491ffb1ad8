// The order of the test files. vitest begins with the largest ones, and the slowest one is small: it would run last and alone.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SLOWEST = /\/test\/faults\.test\.ts$/;

/** A class, because vitest makes it with `new`. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlowest = ({ moduleId }: TestSpecification) => SLOWEST.test(moduleId);
    return [...sorted.filter(isSlowest), ...sorted.filter((file) => !isSlowest(file))];
  }
}
