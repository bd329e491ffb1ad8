// Reads amounts as people type them: 1.234,50 and 1,234.50 are understood, what could be read in two ways is refused.

import { isCurrency } from '../lib/money.ts';

export type TypedAmount = { amount: string } | { problem: string };

/** Of each the whole part, with marks between its thousands, and the decimals. No text fits two that differ. */
const FORMS = [
  /^(\d+)$/,
  /^(\d+)[.,](\d{1,2}|\d{4,})$/,
  /^(\d{4,})[.,](\d{3})$/,
  /^(\d{1,3}(?:,\d{3})+)\.(\d+)$/,
  /^(\d{1,3}(?:\.\d{3})+),(\d+)$/,
  /^(\d{1,3}(?:[\s'’]\d{3})+)(?:[.,](\d+))?$/u,
  /^(\d{1,3}(?:,\d{3}){2,})$/,
  /^(\d{1,3}(?:\.\d{3}){2,})$/,
];
/** One mark and three digits: thousands to one, decimals to another. */
const TWO_WAYS = /^\d{1,3}[.,]\d{3}$/;
const LONGEST = 30;

const BARE = /^[\d.,\s'’]*$/u;

/** How a currency is written beside an amount: its code, and its sign where it has one. */
function marksOf(currency: string): string[] {
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
  return [currency, ...parts.formatToParts(0).flatMap(({ type, value }) => (type === 'currency' ? [value] : []))];
}

/** The text without the mark of its own currency, as spreadsheets write it; that of any other currency stays. */
export function withoutMark(typed: string, currency: string | undefined): string {
  const code = currency?.trim().toUpperCase() ?? '';
  const text = typed.trim();
  if (BARE.test(text) || !isCurrency(code)) return text;
  const [low, marks] = [text.toLowerCase(), marksOf(code).map((mark) => mark.toLowerCase())];
  const before = marks.find((mark) => low.startsWith(mark));
  if (before !== undefined) return text.slice(before.length).trim();
  const behind = marks.find((mark) => low.endsWith(mark));
  return behind === undefined ? text : text.slice(0, -behind.length).trim();
}

/** The typed amount as a plain decimal, such as 1234.50, or why it cannot be told what it is. */
export function readAmount(typed: string): TypedAmount {
  const text = typed.trim().slice(0, LONGEST);
  const [, whole, decimals] = FORMS.map((form) => form.exec(text)).find((match) => match !== null) ?? [];
  if (whole !== undefined) {
    const digits = whole.replace(/\D/g, '');
    return { amount: decimals === undefined ? digits : `${digits}.${decimals}` };
  }
  if (TWO_WAYS.test(text)) {
    const digits = text.replace(/\D/g, '');
    return { problem: `${text} can be read in two ways: write ${digits} or ${digits}.00` };
  }
  return { problem: 'is no amount; write it like 1234.50 or 1.234,50, without a currency' };
}
