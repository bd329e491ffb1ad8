// What schemas of the API's answers are made of.
import { z } from 'zod';

export const Time = z.string().meta({ format: 'date-time', description: 'UTC' });
export const text = z.string();
export const maybe = text.optional();
export const whole = z.int();
/** A page of a list. */
export const listOf = <T extends z.ZodType>(row: T) =>
  z.object({
    items: z.array(row),
    next: maybe.describe('The cursor of the next page; absent on the last one'),
  });
