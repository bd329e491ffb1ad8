// Reads a phone order or lead as it was given: completed by what the store says, or every mistake in words by its field.
import type { z } from 'zod';
import { minorUnits, minus, parseDecimal, plus, times, toNumber, ZERO } from '../lib/money.ts';
import { DAY_MS } from '../lib/time.ts';
import { parseInstant } from '../map/convert.ts';
import { toE164 } from '../map/phone.ts';
import { PhoneLead, PhoneOrder } from './order.ts';

type GivenOrder = z.output<typeof PhoneOrder>;
type GivenLead = z.output<typeof PhoneLead>;
type Given = GivenOrder | GivenLead;
/** Complete: the phone as E.164, the time in UTC, amounts as plain decimals with their currency. */
export type Order = GivenOrder & { kind: 'order'; agreed_at: string; currency: string };
export type Lead = GivenLead & { kind: 'lead'; agreed_at: string };
export type Entry = Order | Lead;
/** `field` is the path of the field, such as `amount` or `items.0.price`; empty for what is about all of it. */
export type Mistake = { field: string; message: string };
/** What the store says where an order says nothing; `now` is milliseconds since 1970. */
export type Around = { country: string | undefined; currency: string | undefined; now: number };

const CLOCKS_MS = 300_000;
const LONGEST_AGO_MS = 400 * DAY_MS;

function timeOf(given: string | undefined, now: number): { at: string } | { wrong: string } {
  if (given === undefined) return { at: new Date(now).toISOString() };
  const at = parseInstant(given);
  if (at === undefined) return { wrong: 'is no time, or not of these years; write it like 2026-11-20T14:30:00+01:00' };
  if (at > now + CLOCKS_MS) return { wrong: 'lies in the future' };
  return at < now - LONGEST_AGO_MS ? { wrong: 'is longer ago than 400 days' } : { at: new Date(at).toISOString() };
}

/** Can this be paid in the currency, or has it more decimals? */
const isPayable = (amount: string, currency: string): boolean =>
  (amount.split('.')[1] ?? '').replace(/0+$/, '').length <= minorUnits(currency);

function mistakesOfMoney(given: Given, currency: string | undefined): Mistake[] {
  const { amount } = given;
  const tax = 'tax' in given ? given.tax : undefined;
  const shipping = 'shipping' in given ? given.shipping : undefined;
  const known = Object.entries({ amount, tax, shipping }).flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, value }],
  );
  if (currency === undefined)
    return known.length === 0 ? [] : [{ field: 'currency', message: 'is missing, and the store has none of its own' }];
  return known.flatMap(({ field, value }) =>
    isPayable(value, currency) ? [] : [{ field, message: `has more decimals than ${currency} has` }],
  );
}

const decimal = (text: string) => parseDecimal(text) ?? ZERO;

/** What the amount contains cannot be more than it. */
function mistakesOfParts({ amount, tax = '0', shipping = '0' }: GivenOrder): Mistake[] {
  const rest = minus(decimal(amount), plus(decimal(tax), decimal(shipping)));
  return toNumber(rest) < 0 ? [{ field: 'amount', message: 'is less than the tax and shipping in it' }] : [];
}

/** The worth of an order is the sum of its items where they have prices: these must be all of them, and not more. */
function mistakesOfItems({ items = [], amount }: GivenOrder): Mistake[] {
  const prices = items.flatMap(({ price, quantity }) => (price === undefined ? [] : [{ price, quantity }]));
  if (prices.length === 0) return [];
  if (prices.length < items.length)
    return [{ field: 'items', message: 'have prices in part; give all of them or none' }];
  const worth = prices.reduce((sum, one) => plus(sum, times(decimal(one.price), decimal(String(one.quantity)))), ZERO);
  return toNumber(minus(worth, decimal(amount))) > 0
    ? [{ field: 'items', message: 'are worth more than the amount' }]
    : [];
}

/** A lead that is known by its number brings its customer along. */
function mistakesOfCustomer(given: object): Mistake[] {
  const has = (name: string): boolean => Reflect.get(given, name) !== undefined;
  return ['phone', 'email', 'code'].some(has) || (has('stage') && has('number'))
    ? []
    : [{ field: '', message: 'give the customer’s phone number, e-mail address or reference code' }];
}

/** What can only be told with the store at hand, or of several fields together. */
function complete(given: Given, { country, currency: own, now }: Around) {
  const { phone } = given;
  const time = timeOf(given.agreed_at, now);
  const e164 = phone === undefined ? undefined : toE164(phone, [country]);
  const currency = given.currency ?? own;
  const mistakes: Mistake[] = mistakesOfMoney(given, currency);
  mistakes.push(...mistakesOfCustomer(given));
  if (phone !== undefined && e164 === undefined)
    mistakes.push({
      field: 'phone',
      message: 'is no possible phone number; write it with its country code, such as +31 6 12345678',
    });
  if ('wrong' in time) mistakes.push({ field: 'agreed_at', message: time.wrong });
  const agreed_at = 'at' in time ? time.at : '';
  return { mistakes, completed: { agreed_at, ...(e164 !== undefined && { phone: e164 }) }, currency };
}

/** What the schema refuses, by field. */
const mistakesOf = ({ issues }: z.ZodError): Mistake[] =>
  issues.map(({ path, message, input }) => ({
    field: path.join('.'),
    message: input === undefined ? 'is missing' : message,
  }));

export type Read<T> = { entry: T } | { mistakes: Mistake[] };

/** An order as it is kept, or what of it does not fit its store. */
export function completeOrder(given: GivenOrder, around: Around): Read<Order> {
  const { mistakes, completed, currency = '' } = complete(given, around);
  mistakes.push(...mistakesOfParts(given), ...mistakesOfItems(given));
  return mistakes.length > 0 ? { mistakes } : { entry: { kind: 'order', ...given, ...completed, currency } };
}

/** A lead as it is kept, or what of it does not fit its store. */
export function completeLead(given: GivenLead, around: Around): Read<Lead> {
  const { mistakes, completed, currency } = complete(given, around);
  if (mistakes.length > 0) return { mistakes };
  const money = given.amount === undefined || currency === undefined ? {} : { currency };
  return { entry: { kind: 'lead', ...given, ...completed, ...money } };
}

function read<G, T>(schema: z.ZodType<G>, given: unknown, finish: (data: G) => Read<T>): Read<T> {
  const { success, data, error } = schema.safeParse(given, { reportInput: true });
  if (success) return finish(data);
  const customer = typeof given === 'object' && given !== null ? mistakesOfCustomer(given) : [];
  return { mistakes: [...mistakesOf(error), ...customer] };
}

/** An order as it is kept, or every mistake in it. */
export const readOrder = (given: unknown, around: Around): Read<Order> =>
  read(PhoneOrder, given, (data) => completeOrder(data, around));
/** A lead as it is kept, or every mistake in it. */
export const readLead = (given: unknown, around: Around): Read<Lead> =>
  read(PhoneLead, given, (data) => completeLead(data, around));
