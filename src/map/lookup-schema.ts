// The shape of `lookups:` in platform and store files: what to ask a sender's API about a record that says too little.
import { z } from 'zod';
import type { WhenTable } from './when-schema.ts';

const Text = z.string().min(1);
const SettingName = Text.describe('The name of a setting of the source that holds the value, such as api_token');

/** How a request proves that it may ask. Every value comes from the source's settings, by name. */
const Auth = z
  .union([
    z.strictObject({ bearer: SettingName, prefix: Text.optional().describe('Instead of Bearer') }),
    z.strictObject({ header: Text.toLowerCase().describe('The name of the header'), value: SettingName }),
    z.strictObject({ query: Text.describe('The name of the parameter'), value: SettingName.optional() }),
    z.strictObject({ basic: z.tuple([SettingName, SettingName]).describe('User and password') }),
    z.strictObject({
      oauth: z.strictObject({
        url: Text.describe('Where tokens are given out, a template as the url of the look-up'),
        client_id: SettingName,
        client_secret: SettingName,
        refresh_token: SettingName.optional().describe('With it the grant is refresh_token, else client_credentials'),
        credentials: z
          .literal(['basic', 'body'])
          .default('basic')
          .describe('Where the client proves itself (RFC 6749, section 2.3.1)'),
      }),
      prefix: Text.optional().describe('Instead of Bearer'),
    }),
  ])
  .describe('How to prove that we may ask, from settings of the source');
export type Auth = z.infer<typeof Auth>;

/** One look-up; `when` is the schema of `when` tables, `duration` and `rate` those of times and rates. */
export function createLookupSchema(parts: {
  when: z.ZodType<WhenTable>;
  duration: z.ZodType<number>;
  rate: z.ZodType<number>;
}) {
  return z.strictObject({
    about: Text.describe('What is missing without it, in words, such as "the e-mail and the click ids"'),
    topics: z.array(Text).optional().describe('Only for hooks of these topics; * stands for anything'),
    when: parts.when.optional().describe('Only for records of which this holds'),
    url: Text.describe('https URL with expressions in braces; the host is literal or ends as one of hosts'),
    hosts: z
      .array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write a domain such as api.example.com'))
      .min(1)
      .optional()
      .describe('Domains in or under which a host with expressions must be'),
    method: z.literal(['GET', 'POST']).optional().describe('GET unless given'),
    headers: z.record(Text.toLowerCase(), z.string()).optional().describe('Constant headers, no credentials'),
    body: z
      .record(z.string(), z.json())
      .optional()
      .describe('JSON body of a POST; texts may hold expressions in braces'),
    auth: z
      .union([Auth, z.array(Auth).min(1)])
      .optional()
      .describe('Of a list the first whose settings the source has'),
    take: Text.optional().describe('JSONata over the answer; all of it unless given'),
    as: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/i)
      .optional()
      .describe('Another name for the result, which is $lookup.<name> in any case'),
    cache: parts.duration.optional().describe('How long an answer serves other hooks, such as 10m'),
    rate: parts.rate.optional().describe('Requests per host and token, such as 10/s, which holds unless given'),
  });
}
export type LookupFile = z.infer<ReturnType<typeof createLookupSchema>>;
