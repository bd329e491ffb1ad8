// Reads the form of the page into what an order or lead is given as, amounts and times as people type them, and fills it again.
import { MINUTE_MS } from '../lib/time.ts';
import { readAmount, withoutMark } from './amount.ts';
import type { EntryBody } from './body.ts';
import type { Mistake } from './read.ts';

/** The fields of the form, as they were typed. */
export const FIELDS = [
  'phone',
  'email',
  'code',
  'amount',
  'currency',
  'number',
  'name',
  'items',
  'agreed_at',
  'zone',
  'stage',
  'reason',
] as const;
export type Field = (typeof FIELDS)[number];
export type Typed = Partial<Record<Field, string>>;

/** What was typed, without empty fields. */
export const typedIn = (form: URLSearchParams): Typed =>
  Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = form.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );

const ITEM = /^(?:(\d{1,6})\s*[x×*]\s*)?(\S.*)$/i;
/** A line is an item: “2 x Oak table”, or “Oak table” for one. */
const itemsIn = (text: string) =>
  text.split(/\r?\n/).flatMap((line) => {
    const [, quantity = '1', name] = ITEM.exec(line.trim()) ?? [];
    return name === undefined ? [] : [{ name, quantity: Number(quantity) }];
  });

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/;
/** A time without a zone as browsers give it; `zone` are the minutes it is behind UTC, 0 where no script says so. */
function timeIn(text: string, zone: string | undefined): string {
  if (!LOCAL.test(text)) return text;
  const minutes = /^-?\d{1,3}$/.test(zone ?? '') ? Number(zone) : 0;
  const at = Date.parse(`${text}Z`) + minutes * 60_000;
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}

/** What to read the order or lead from, and what is wrong with amounts already. */
export function givenIn(typed: Typed): { given: Record<string, unknown>; mistakes: Mistake[] } {
  const { amount, items, agreed_at, zone, ...rest } = typed;
  const read = amount === undefined ? undefined : readAmount(withoutMark(amount, typed.currency));
  const given = {
    ...rest,
    ...(read !== undefined && 'amount' in read && { amount: read.amount }),
    ...(items !== undefined && { items: itemsIn(items) }),
    ...(agreed_at !== undefined && { agreed_at: timeIn(agreed_at, zone) }),
  };
  return {
    given,
    mistakes: read !== undefined && 'problem' in read ? [{ field: 'amount', message: read.problem }] : [],
  };
}

/** The form of what was entered at `at`, with `number` unless one was made for it. Times are in UTC. */
export function typedAgain(body: EntryBody, { at, number }: { at: number; number: string | undefined }): Typed {
  const { phone, email, code, amount, currency, name, items, agreed_at, stage, reason } = body;
  const isNow = Math.abs(Date.parse(agreed_at) - at) < MINUTE_MS;
  const typed = {
    ...{ phone, email, code, amount, currency, number, name, stage, reason },
    items: items?.map((one) => `${one.quantity} x ${one.name}`).join('\n'),
    ...(!isNow && { agreed_at: agreed_at.slice(0, 'YYYY-MM-DDTHH:MM'.length), zone: '0' }),
  };
  return Object.fromEntries(Object.entries(typed).filter(([, text]) => text !== undefined));
}
