// The change of a file as a unified diff, as `git apply` takes it.
import { createTwoFilesPatch } from 'diff';
import type { Patch } from '../admin/mappings/facts.ts';

/** Texts that differ more than can be told in this time are given up. */
const TIMEOUT_MS = 150;

/** Undefined where nothing changed, or too much. */
export function patchOf(path: string, before: string, after: string): Patch | undefined {
  if (before === after) return undefined;
  const made = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    timeout: TIMEOUT_MS,
  });
  if (made === undefined) return undefined;
  const text = made.replace(/^=+\n/, '');
  const count = (mark: string) =>
    text.split('\n').filter((line) => line.startsWith(mark) && !line.startsWith(mark.repeat(3))).length;
  return { text, added: count('+'), removed: count('-') };
}
