// Ids sort by time, and a moment can be compared with them.
import { expect, test } from 'vitest';
import { firstIdAt, newId } from '../../src/lib/id.ts';

test('ids made one after the other are in order and all different', () => {
  const ids = Array.from({ length: 10_000 }, newId);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the first id of a moment lies between the ids made before and after it', () => {
  const id = newId();
  const now = Date.now();
  expect(firstIdAt(now - 60_000) < id).toBe(true);
  expect(firstIdAt(now + 1) > id).toBe(true);
  expect(firstIdAt(now)).toHaveLength(id.length);
});
