// The shape of `requests:` in platform and store files: topics by which a platform asks for what the law asks of it.
import { z } from 'zod';
import { When } from './when.ts';

/** One request; `value` is the schema of fields. */
export function createRequestSchema<Value extends z.ZodType>(value: Value) {
  return z.strictObject({
    do: z
      .literal(['erase', 'report', 'erase_source'])
      .describe('erase a person, report what is held of a person, or erase everything of this source'),
    when: When.describe('What the body must look like: headers such as the topic are often not signed'),
    email: value.optional().describe('The e-mail of the person'),
    phone: value.optional().describe('The phone number of the person'),
    customer: value.optional().describe('The id of the customer'),
    orders: value.optional().describe('The ids of orders of the person'),
  });
}
export type RequestFile = z.infer<
  ReturnType<typeof createRequestSchema<z.ZodType<string | number | boolean | string[]>>>
>;
