// The progress bar of long commands.
import { expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';

function draw(isTTY: boolean): string {
  let drawn = '';
  const write = (text: string) => {
    drawn += text;
    return true;
  };
  const progress = createProgress('replayed', 4, { isTTY, write });
  progress.step(1);
  progress.step(3);
  progress.end();
  return drawn;
}

test('a terminal sees how far the work is', () => {
  const [, quarter, whole] = draw(true).trimEnd().split('\r');
  expect(quarter).toBe(`replayed [${'#'.repeat(8)}${'-'.repeat(22)}] 1 of 4`);
  expect(whole).toBe(`replayed [${'#'.repeat(30)}] 4 of 4`);
});

test('a file or a pipe gets nothing', () => {
  expect(draw(false)).toBe('');
});
