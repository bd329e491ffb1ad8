// The watch over the room on the disk.
import { afterEach, expect, test } from 'vitest';
import { RESERVE_BYTES, watchRoom } from '../../src/keep/room.ts';
import { eventually } from '../support/service.ts';

const ending = new AbortController();
afterEach(() => ending.abort());

test('hooks are refused while less than the reserve is free, and taken again by itself', async () => {
  let free = RESERVE_BYTES + 1;
  const said: string[] = [];
  const log = {
    info: (_: object, message: string) => said.push(message),
    error: (_: object, message: string) => said.push(message),
  };
  const freeBytes = async () => {
    if (free < 0) throw new Error('no such folder');
    return free;
  };
  const { check, watching } = await watchRoom({
    freeBytes,
    isThere: async () => true,
    log,
    signal: ending.signal,
    lookMs: 1,
  });
  expect(check).not.toThrow();

  free = RESERVE_BYTES - 1;
  await eventually(() => said.includes('disk.full'), 'the full disk was seen');
  expect(check).toThrow(expect.objectContaining({ failure: 'full' }));

  free = -1;
  await new Promise((resolve) => setImmediate(resolve));
  expect(check).toThrow();

  free = RESERVE_BYTES;
  await eventually(() => said.includes('disk.has_room'), 'the room was seen');
  expect(check).not.toThrow();
  ending.abort();
  await watching;
  expect(said).toEqual(['disk.full', 'disk.has_room']);
});
