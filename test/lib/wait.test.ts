// Work that comes again, and waiting that ends.
import { describe, expect, test } from 'vitest';
import { every, waitAtMost } from '../../src/lib/wait.ts';

const HOUR_MS = 3_600_000;

describe('work that comes again', () => {
  test('is done until the signal, one after the other, and not after it', async () => {
    const ending = new AbortController();
    const said: string[] = [];
    await every(0, ending.signal, async () => {
      said.push('begun');
      await new Promise(setImmediate);
      said.push('done');
      if (said.length === 6) ending.abort();
    });
    expect(said).toEqual(['begun', 'done', 'begun', 'done', 'begun', 'done']);
  });

  test('is not waited for when the signal comes before its turn', async () => {
    const ending = new AbortController();
    let done = 0;
    const ended = every(HOUR_MS, ending.signal, () => void done++);
    ending.abort();
    await ended;
    expect(done).toBe(0);
  });
});

test('what ends in time is not waited for any longer, and what does not end is left', async () => {
  await waitAtMost(HOUR_MS, Promise.resolve());
  await waitAtMost(0, new Promise(() => undefined));
});
