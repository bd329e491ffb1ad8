// The shape of `lookups:` and `reconcile:` in platform and store files: what to ask a sender's API, about a record or by itself.
import { z } from 'zod';
import { Duration, Rate } from './time.ts';
import { When } from './when.ts';

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
      token_header: Text.toLowerCase()
        .optional()
        .describe('The header that takes the token alone, instead of Authorization'),
    }),
  ])
  .describe('How to prove that we may ask, from settings of the source');
export type Auth = z.infer<typeof Auth>;

/** What every question to an API says. */
export const questionShape = {
  url: Text.describe(
    'https URL with expressions in braces; the host is literal, a setting of type host, or ends as one of hosts',
  ),
  hosts: z
    .array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write a domain such as api.example.com'))
    .min(1)
    .optional()
    .describe('Domains in or under which a host with expressions must be'),
  headers: z.record(Text.toLowerCase(), z.string()).optional().describe('Constant headers, no credentials'),
  auth: z
    .union([Auth, z.array(Auth).min(1)])
    .optional()
    .describe('Of a list the first whose settings the source has'),
  rate: Rate.optional().describe('Requests per host and token, such as 10/s, which holds unless given'),
  method: z.literal(['GET', 'POST']).optional().describe('GET unless given'),
  body: z.record(z.string(), z.json()).optional().describe('JSON body of a POST; texts may hold expressions in braces'),
};

export const Lookup = z.strictObject({
  about: Text.describe('What is missing without it, in words, such as "the e-mail and the click ids"'),
  topics: z.array(Text).optional().describe('Only for hooks of these topics; * stands for anything'),
  when: When.optional().describe('Only for records of which this holds'),
  for: z
    .record(Text, Text)
    .optional()
    .describe(
      'The events that it completes, by their names, with JSONata that gives their keys: nobody is asked where all of them are counted already',
    ),
  ...questionShape,
  take: Text.optional().describe('JSONata over the answer; all of it unless given'),
  as: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional()
    .describe('Another name for the result, which is $lookup.<name> in any case'),
  cache: Duration.optional().describe('How long an answer serves other hooks, such as 10m'),
});
export type LookupFile = z.infer<typeof Lookup>;

/** What a sender's API lists, to be compared with what its webhooks told. */
export const Listing = z.strictObject({
  about: Text.describe('What is listed, in words, such as "orders"'),
  enabled: z.boolean().optional().describe('false: it is compared only for stores that name it, as by deals: on'),
  unless: z
    .array(Text)
    .min(1)
    .optional()
    .describe(
      'Topics of hooks that tell the same under other ids, so that each would count twice: where some came in the last ten weeks, it is not compared',
    ),
  ...questionShape,
  each: z
    .record(Text, Text)
    .refine((each) => Object.keys(each).length > 0, 'name at least one topic')
    .describe(
      'By the topic that their hooks get: JSONata over the answer that gives the records; those of the first are counted. Where no header says the topic, each record must be what the body of its hook is, and says it; write * then for several topics',
    ),
  next: Text.optional().describe(
    'JSONata over the answer, with $headers, $page and the $url of this one: the URL or the number of the next page, or nothing after the last',
  ),
  id: Text.describe('JSONata over a record: the id that people know it by'),
  changed: Text.optional().describe(
    'JSONata over a record: when it was changed last, which tells its versions apart. Where the url or the body asks for $since and $until, it is asked for stretches of time so short that each fits on one page',
  ),
});
export type ListingFile = z.infer<typeof Listing>;
