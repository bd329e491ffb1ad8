// What the body of an entry says, read back from what is kept of it, and in what another entry differs from it.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { KeptHook } from '../keep/questions/kept-hook.ts';
import { STAGES } from './order.ts';
import type { Entry } from './read.ts';

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

const MONEY = ['amount', 'tax', 'shipping', 'price'];
const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
/** 349 is 349.00, and an empty name, list or table says as much as none. */
const comparable = (entry: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(entry), (name, value) => {
    if (isEmpty(value)) return undefined;
    return MONEY.includes(name) ? Number(value) : value;
  });

/** The fields in which an entry differs from one that is kept; those of `open` were not given, but made for it. */
export function differences(kept: EntryBody, entry: Entry, open: readonly string[]): string[] {
  const [before, now] = [comparable(kept), comparable(entry)];
  const left = ['id', 'by', 'idempotency_key', ...open];
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((name) => !left.includes(name) && !isDeepStrictEqual(now[name], before[name]));
}
