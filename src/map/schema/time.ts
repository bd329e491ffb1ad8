// How files say for how long and how often, as zod schemas.
import { z } from 'zod';
import { DURATION, durationMs, UNIT_MS } from '../../lib/duration.ts';

const HOW_LONG = 'write a number and s, m, h or d, such as 7d';
export const Duration = z.string(HOW_LONG).regex(DURATION, HOW_LONG).transform(durationMs);
/** Of an age of nothing nothing would ever count. */
export const Age = z
  .string(HOW_LONG)
  .regex(DURATION, HOW_LONG)
  .regex(/[1-9]/, 'must be more than 0')
  .transform(durationMs);
const HOW_OFTEN = 'write a number per s, m or h, such as 50/s';
export const Rate = z
  .string(HOW_OFTEN)
  .regex(/^\d+\/(s|m|h)$/, HOW_OFTEN)
  .regex(/[1-9]/, 'must be more than 0')
  .transform((text) => (Number.parseInt(text, 10) * 1000) / UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS]);
