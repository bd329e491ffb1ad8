// What the body of an entry says, read back from what is kept of it.
import { z } from 'zod';
import type { KeptHook } from '../keep/kept-hook.ts';
import { STAGES } from './order.ts';

const text = z.string().optional();
const Body = z.looseObject({
  kind: z.enum(['order', 'lead']),
  /** Its idempotency key. */
  id: z.string(),
  number: z.string(),
  agreed_at: z.string(),
  amount: text,
  currency: text,
  phone: text,
  email: text,
  code: text,
  name: text,
  stage: z.enum(STAGES).optional(),
  reason: text,
  items: z.array(z.looseObject({ name: z.string(), quantity: z.number() })).optional(),
  consent: z.record(z.string(), z.string()).optional(),
});
export type EntryBody = z.infer<typeof Body>;

/** Undefined once it is forgotten or taken back. */
export function readBody(hook: KeptHook | undefined): EntryBody | undefined {
  if (hook?.content === undefined) return undefined;
  return Body.safeParse(JSON.parse(Buffer.from(hook.content.body).toString())).data;
}
