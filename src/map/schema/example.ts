// The shape of `examples:` in platform and store files: a body and what must become of it.
import { z } from 'zod';

const ExpectedEvent = z
  .looseObject({ name: z.string().optional() })
  .describe(
    'Fields by their path, such as value: 42.5 or user_data.email_address: …; null for a field without a value',
  );
export const Example = z.strictObject({
  about: z.string().min(1).describe('What this example shows'),
  body: z.string().min(1).describe('The file with the body, beside this one or below the mappings folder'),
  source: z.string().optional().describe('In a store file: whose hook it is; needed where there are several sources'),
  topic: z.string().optional().describe('Sent in the header the platform names for it'),
  headers: z.record(z.string().min(1).toLowerCase(), z.string()).optional(),
  at: z.iso.datetime().optional().describe('When it arrives; without it no order is too old'),
  answers: z.record(z.string(), z.json()).optional().describe('What the look-ups answer, by their names'),
  expect: z.strictObject({
    verdict: z.literal(['mapped', 'ignored', 'stuck']).optional(),
    reason: z.string().optional().describe('Words that the reason must have'),
    events: z.array(ExpectedEvent).optional().describe('All events, in order, each with the fields that matter'),
  }),
});
export type Example = z.infer<typeof Example>;
