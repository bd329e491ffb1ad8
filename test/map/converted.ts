// What a value becomes as a field of one kind.
import type { Kind } from '../../src/event.ts';
import { convert } from '../../src/map/convert.ts';

export const as = (kind: Kind, given: unknown, choices?: string[]) =>
  convert({ kind, help: '', ...(choices !== undefined && { choices }) }, given);
