// What the API answers of sources and destinations, as schemas.
import { z } from 'zod';
import { Time, text, whole } from './schema-words.ts';

export const SourceList = z.object({
  items: z.array(
    z.object({
      store: text,
      source: text,
      platform: text,
      url: text.describe('What to paste; only the path where PUBLIC_URL is not set'),
      last_hook_at: Time.optional(),
      hooks: z.record(text, whole).describe('Of the last 24 hours, by state'),
      fetched: whole.describe('Hooks of the last 7 days that had to be fetched, because no webhook told of them'),
      topics: z
        .array(z.object({ topic: text, last_hook_at: Time, hooks_24h: whole, hooks_7d: whole }))
        .describe('What the sender calls its hooks, of those that came in the last ten weeks'),
      farewell: z
        .object({ topic: text, at: Time, reason: text })
        .optional()
        .describe('The sender said that no more hooks will come, and none came since'),
      untold: z
        .array(z.object({ event: text, topics: z.array(text) }))
        .describe('Events of which no hook told in that time, and the topics that would'),
    }),
  ),
});
export const DestinationList = z.object({
  items: z.array(
    z.object({
      account: text,
      kind: text,
      names: z.array(z.object({ store: text, destination: text })),
      paused: z.object({ reason: text, since: Time }).optional(),
      delivered: whole.describe('In the last two hours'),
      failed: whole.describe('Tries in the last two hours'),
      waiting: whole,
      oldest: Time.optional(),
    }),
  ),
});
