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
      webhooks: z
        .object({
          asked_at: Time.optional(),
          problem: text.optional().describe('Why the sender could not be asked the last time'),
          listed: z
            .object({
              at: Time,
              here: z.array(
                z.object({
                  id: text,
                  address: text.describe('Without what stands behind a question mark'),
                  topics: z.array(text),
                  on: z.boolean(),
                  state: text.optional().describe('What the sender calls it'),
                  off_since: Time.optional().describe('When it was first seen to be off'),
                  mended_at: Time.optional().describe('When it was last switched on again from here'),
                  unmended: text.optional().describe('Why it could not be switched on again from here'),
                }),
              ),
              gone: z.array(text).describe('Topics of which a webhook told before, and none does any more'),
              lost: z
                .array(z.object({ path: text, topics: z.array(text), since: Time }))
                .describe('What is sent to paths of this service where no source is'),
              others: whole.describe('Webhooks that send elsewhere'),
            })
            .optional(),
        })
        .optional()
        .describe('What the sender lists of its webhooks, where it is asked'),
    }),
  ),
});
const percent = z.number().optional().describe('Percent; not there where it was not told');
const Quality = z.object({
  asked_at: Time.optional(),
  problem: text.optional().describe('Why it could not be asked the last time'),
  ends: z
    .array(
      z.object({
        names: z.array(z.object({ store: text, destination: text })).describe('Who sends by it'),
        told_at: Time.optional().describe('When this was told; not there where it was not told yet'),
        at: Time.optional().describe('Not there where it never ends, or that is not told'),
        soon: z.boolean().describe('It ends within 14 days, or has ended'),
        words: text.optional().describe('The same in words'),
        todo: text.optional().describe('What to do about an end'),
        problem: text.optional().describe('Why it could not be asked the last time'),
      }),
    )
    .describe('When the access tokens end by which events are sent'),
  said: z
    .object({
      at: Time,
      events: z.array(
        z.object({
          event: text.describe('As the destination calls it'),
          counts: z.boolean().describe('A purchase or a lead'),
          told_at: Time.optional().describe('When it was told, where later answers leave it out or a part of it'),
          score: z.number().optional().describe('How well people are found behind it, of 10'),
          low: z.boolean().describe('The score is one that is told in alerts'),
          keys: z.array(z.object({ key: text, share: z.number() })).describe('What people are found by, in percent'),
          lacks: z.array(text).describe('Keys that are on less than half of the events'),
          coverage: percent,
          goal: percent,
          doubles: z
            .array(z.object({ key: text, browser: percent, server: percent, known: percent }))
            .describe('By what doubles are known: how many events carry it, and how many were known again'),
          doubled: z.enum(['no key', 'never known']).optional().describe('Why events may count twice'),
          pace: text.optional().describe('How soon events come, in its own word'),
          issues: z.array(z.object({ name: text, todo: text.optional(), share: percent })),
        }),
      ),
    })
    .optional(),
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
      quality: Quality.optional().describe(
        'What it says of the events that it got from all who send there, where it is asked',
      ),
    }),
  ),
});
