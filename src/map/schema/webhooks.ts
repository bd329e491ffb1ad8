// The shape of `webhooks:` in platform and store files: how to ask the sender which webhooks it has, and how to switch one on again.
import { z } from 'zod';
import { questionShape } from './lookup.ts';
import { When } from './when.ts';

const Text = z.string().min(1);

export const Webhooks = z.strictObject({
  ...questionShape,
  each: Text.describe('JSONata over the answer: its webhooks'),
  next: Text.optional().describe(
    'JSONata over the answer, with $headers, $page and the $url of this one: the URL or the number of the next page, or nothing after the last',
  ),
  id: Text.describe('JSONata over a webhook: its id'),
  address: Text.describe('JSONata over a webhook: where it sends'),
  topics: Text.describe('JSONata over a webhook: its topic, or a list of them; * stands for anything'),
  active: When.optional().describe('Holds of webhooks that are on; without it all are that are listed'),
  state: Text.optional().describe('JSONata over a webhook: what the sender calls its state'),
  needs: Text.describe('What the key must be allowed to do, in words'),
  todo: Text.describe('Where people see the webhooks at the sender and switch them on, in words'),
  mend: z
    .strictObject({
      when: When.optional().describe('Only of webhooks that were switched off by the sender itself'),
      url: Text.describe('https URL, with {id} for the id of the webhook'),
      body: z.record(z.string(), z.json()).describe('JSON body of the POST'),
      needs: Text.describe('What the key must be allowed to do for it, in words'),
    })
    .optional()
    .describe('How to switch one on again, for stores that say webhooks: mend'),
  mends: z.boolean().optional().describe('true: those that the sender switched off are switched on again'),
});
export type WebhooksFile = z.infer<typeof Webhooks>;
