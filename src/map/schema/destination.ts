// The shape of what every destination of a store takes, whatever its kind.
import { z } from 'zod';
import { EventName } from '../files/settings.ts';
import { Age, Duration, Rate } from './time.ts';
import { When } from './when.ts';

const Breaker = z.strictObject({
  failures: z.number().int().min(1).optional().describe('Failed requests in a row'),
  first: Duration.optional().describe('The first rest, doubled each time it fails again'),
  most: Duration.optional().describe('The longest rest'),
});

/** The settings of its own kind stand beside these and are checked by that kind. */
export const createDestinationSchema = (Name: z.ZodString) =>
  z.looseObject({
    type: Name.optional().describe('The kind of destination, where the name is another'),
    send: z.array(EventName).optional().describe('Only these events'),
    when: When.optional().describe('Only events for which this holds'),
    max_age: Age.optional().describe('What is older is not sent'),
    rate: Rate.optional().describe('Most requests in a time, such as 50/s'),
    retry: z
      .array(Duration)
      .min(1)
      .optional()
      .describe('Longest waits after the first, second … failed try, such as [10s, 1m, 10m, 1h]; the last one repeats'),
    breaker: Breaker.optional().describe('When to stop asking a receiver that keeps failing, and for how long'),
    retry_ambiguous: z.boolean().optional().describe('Send again when it is unknown whether the last try arrived'),
  });
