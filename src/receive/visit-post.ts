// What the script posts of a visit, as it may look; anything else is refused.
import { z } from 'zod';
import { HASH_OF_NOTHING } from '../lib/hash.ts';

const CLICKS = ['gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'ttclid', 'msclkid', 'li_fat_id', 'epik', 'ScCid'];
/** Milliseconds ago. */
const ago = z.number().int().min(0);
const DAYS_400 = 34_560_000_000;
const line = (most: number) => z.string().max(most);
const state = z.enum(['granted', 'denied']).optional();
const hash = z.string().regex(/^[a-f0-9]{64}$/);
const token = z.string().min(1).max(200);
const personHash = hash.refine((text) => text !== HASH_OF_NOTHING, 'is the hash of nothing');

export const VisitPost = z.strictObject({
  visitor: z.string().regex(/^[\w-]{8,64}$/),
  visit: z.string().regex(/^[a-z0-9]{1,20}$/),
  /** Milliseconds since the visit began, by the browser's own clock. */
  age: ago.max(DAYS_400),
  consent: z.strictObject({
    ad_storage: state,
    analytics_storage: state,
    ad_user_data: state,
    ad_personalization: state,
  }),
  cookies: z.record(z.string().regex(/^\w{1,60}$/), line(1_000)).refine((table) => Object.keys(table).length <= 30),
  /** Click ids, and how many milliseconds ago each was seen first. */
  clicks: z.partialRecord(z.enum(CLICKS), z.tuple([z.string().min(1).max(500), ago])),
  utm: z.record(z.string().regex(/^utm_[\w-]{1,40}$/), line(300)),
  page: line(2_000),
  referrer: line(2_000).optional(),
  cart: token.optional(),
  checkout: token.optional(),
  order: token.optional(),
  email: personHash.optional(),
  phone: personHash.optional(),
  /** Asks for a reference code. */
  code: z.literal(true).optional(),
  /** From a place that sees only a part, such as a checkout: what is known already stays. */
  partial: z.literal(true).optional(),
});
export type VisitPost = z.infer<typeof VisitPost>;
