// What a phone order or a phone lead is: one shape for the page, the API and files, with a clear word for each mistake.
import { z } from 'zod';
import { CONSENT_KEYS } from '../event.ts';
import { isCurrency, parseDecimal, toNumber, toText } from '../lib/money.ts';
import { PLAIN_LINE } from '../lib/plain.ts';

/** The stages of a phone lead are GA4's lead events, in the order in which a lead goes through them. */
export const STAGES = [
  'generate_lead',
  'working_lead',
  'qualify_lead',
  'disqualify_lead',
  'close_convert_lead',
  'close_unconvert_lead',
] as const;
export type Stage = (typeof STAGES)[number];

const short = (most: number) => z.string().trim().min(1, 'is empty').max(most, `has more than ${most} characters`);
const Name = z
  .string()
  .trim()
  .regex(PLAIN_LINE, 'has characters that cannot be seen')
  .max(200, 'has more than 200 characters');
const Id = short(100).regex(PLAIN_LINE, 'has characters that cannot be seen');

/** Up to 12 digits before the point: more than any order, and exact. */
const Amount = z
  .union([z.number(), z.string().trim()], 'is no amount; write it like 1234.50')
  .transform((given, ctx) => {
    const decimal = parseDecimal(given);
    const isAmount = decimal !== undefined && toNumber(decimal) >= 0 && toNumber(decimal) < 1e12;
    if (isAmount) return toText(decimal);
    ctx.addIssue({ code: 'custom', message: 'is no amount; write it like 1234.50, without marks between thousands' });
    return z.NEVER;
  });
const Currency = z.string().trim().toUpperCase().refine(isCurrency, 'is no currency; write three letters, such as EUR');
const Consent = z
  .strictObject(Object.fromEntries(CONSENT_KEYS.map((key) => [key, z.enum(['granted', 'denied']).optional()])))
  .optional()
  .describe('What the customer agreed to, where that was asked on the phone; else the consent of the visit counts');

const common = {
  phone: short(40)
    .optional()
    .describe('The customer’s phone number; without a country code that of the store is taken'),
  email: short(254)
    .regex(/^[^\s@<>()[\],;:"\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, 'is no e-mail address')
    .optional()
    .describe('The customer’s e-mail address'),
  code: short(12)
    .regex(/^[0-9A-Za-z]{4,8}$/, 'is no reference code, such as 7K4P')
    .toUpperCase()
    .optional()
    .describe('The reference code that the page showed and the customer said, such as 7K4P'),
  name: Name.optional().describe('The customer’s name'),
  currency: Currency.optional().describe('ISO 4217; that of the store unless given'),
  agreed_at: z.string().trim().optional().describe('When it was agreed, ISO 8601 with a zone; now unless given'),
  consent: Consent,
  idempotency_key: short(200)
    .regex(/^[\x21-\x7e]+$/, 'has spaces or other characters than plain ones')
    .optional()
    .describe('What is sent again under the same key is kept once; what says something else under it is refused'),
};

const PhoneItem = z.strictObject({
  name: Name.min(1, 'is empty').describe('What it is called'),
  id: Id.optional().describe('The article’s id as the shop’s pages send it'),
  quantity: z.number().positive('must be more than 0').max(1_000_000, 'is too much').default(1),
  price: Amount.optional().describe('Of one piece, after discounts, taxed as the store’s value policy says'),
});
export const PhoneOrder = z
  .strictObject({
    number: Id.optional().describe(
      'The order number; one is made unless given. An order is counted once by its number',
    ),
    amount: Amount.refine((amount) => Number(amount) > 0, 'must be more than 0').describe(
      'What the customer pays, such as 1234.50',
    ),
    tax: Amount.optional().describe('Tax contained in the amount'),
    shipping: Amount.optional().describe('Shipping contained in the amount, without tax'),
    items: z.array(PhoneItem).max(200, 'has more than 200 items').optional(),
    ...common,
  })
  .describe('Spaces around its texts are taken away');
export const PhoneLead = z
  .strictObject({
    number: Id.optional().describe(
      'The number of the lead; one is made unless given. Give it again for its next stage',
    ),
    stage: z.enum(STAGES, `is no stage; known are ${STAGES.join(', ')}`).default('generate_lead'),
    amount: Amount.optional().describe('What it is or may be worth'),
    reason: Name.optional().describe('Why it was lost or does not fit'),
    ...common,
  })
  .describe('Spaces around its texts are taken away');
