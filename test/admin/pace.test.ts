// How often one program may ask.
import { expect, test } from 'vitest';
import { createPace } from '../../src/admin/api/pace.ts';

test('a token may ask a hundred times at once and then at its pace, also after the clock was set back', () => {
  let at = 3_600_000;
  const waitOf = createPace(() => at);
  const takeAll = () => Array.from({ length: 101 }, () => waitOf('a token')).filter((wait) => wait === 0).length;
  expect(takeAll()).toBe(100);
  at += 50;
  expect([waitOf('a token'), waitOf('a token')]).toEqual([0, 50]);
  at = 0;
  expect(takeAll()).toBe(100);
});
