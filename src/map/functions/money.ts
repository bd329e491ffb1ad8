// Functions over money: exact decimals, where JSONata's own + - * / calculate 0.1 + 0.2 = 0.30000000000000004.
import {
  type Decimal,
  divide,
  isCurrency,
  isZero,
  minorUnits,
  minus,
  parseDecimal,
  plus,
  round,
  roundMoney,
  times,
  toNumber,
  toText,
} from '../../lib/money.ts';
import { ExpressionError } from '../expression/error.ts';
import type { FunctionTable } from './functions.ts';

/** Missing stays missing; what is no number stops the hook, because a wrong amount must not be sent. */
function read(name: string, value: unknown): Decimal | undefined {
  if (value === undefined || value === null) return undefined;
  const decimal = typeof value === 'string' || typeof value === 'number' ? parseDecimal(value) : undefined;
  if (decimal !== undefined) return decimal;
  throw new ExpressionError('NOT_A_NUMBER', `$${name} was given something that is no decimal number such as 12.50`);
}

/** Numbers give back any 15 digits as they were. */
const EXACT = 1e15;

/** Decimals that money may have. What a division leaves behind them is no part of an amount. */
const DECIMALS = 4;

/** A number, or its digits as text where a number would lose some that money may have. */
function write(amount: Decimal | undefined): number | string | undefined {
  if (amount === undefined) return undefined;
  return amount.units < EXACT && amount.units > -EXACT ? toNumber(amount) : writeLong(amount);
}

function writeLong(amount: Decimal): number | string {
  const number = toNumber(amount);
  const back = parseDecimal(number);
  return back !== undefined && isZero(minus(round(back, DECIMALS), round(amount, DECIMALS))) ? number : toText(amount);
}

function currencyOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const code = String(value).toUpperCase();
  if (isCurrency(code)) return code;
  throw new ExpressionError('NOT_A_CURRENCY', `$${name} was given something that is no ISO 4217 currency such as EUR`);
}

/** A function of two amounts that is missing when one of them is. */
const ofBoth =
  (name: string, calculate: (a: Decimal, b: Decimal) => Decimal | undefined) => (a: unknown, b: unknown) => {
    const left = read(name, a);
    const right = read(name, b);
    return left === undefined || right === undefined ? undefined : write(calculate(left, right));
  };

/** The exact sum; missing amounts count as nothing, and none at all is missing. Throws for what is no number. */
export function total(name: string, given: unknown[]): number | string | undefined {
  let known: Decimal | undefined;
  for (const one of given) {
    const amount = read(name, one);
    if (amount !== undefined) known = known === undefined ? amount : plus(known, amount);
  }
  return write(known);
}

/** `ISK=2 MGA=0`: senders whose minor units are not those of ISO 4217. */
function decimalsOf(code: string, exceptions: unknown): number {
  const [, digits] = (typeof exceptions === 'string' ? new RegExp(`\\b${code}=(\\d)`).exec(exceptions) : null) ?? [];
  return digits === undefined ? minorUnits(code) : Number(digits);
}

function minor(amount: unknown, currency: unknown, exceptions: unknown): number | string | undefined {
  const given = read('minor', amount);
  const code = currencyOf('minor', currency);
  if (given === undefined || code === undefined) return undefined;
  return write({ units: given.units, scale: given.scale + decimalsOf(code, exceptions) });
}

function roundedMoney(amount: unknown, currency: unknown): number | string | undefined {
  const given = read('round_money', amount);
  const code = currencyOf('round_money', currency);
  return given === undefined || code === undefined ? undefined : write(roundMoney(given, code));
}

/** What is whole comes back as it was, also where nobody says how much the whole is. */
function share(amount: unknown, part: unknown, whole: unknown): number | string | undefined {
  const all = read('share', amount);
  if (part === whole) return write(all);
  const taken = read('share', part);
  const of = read('share', whole);
  if (all === undefined || taken === undefined || of === undefined || isZero(of)) return undefined;
  return write(divide(times(all, taken), of));
}

export const MONEY_FUNCTIONS: FunctionTable = {
  plus: {
    args: 'a, b',
    help: 'The exact sum. A missing amount counts as nothing; missing when both are.',
    examples: [
      { expr: "$plus('0.1', 0.2)", result: 0.3 },
      { expr: "$plus('12.50', tip)", input: {}, result: 12.5 },
      { expr: '$plus(tax, tip)', input: {} },
    ],
    fn: (a, b) => total('plus', [a, b]),
  },
  minus: {
    args: 'a, b',
    help: 'The exact difference. A missing b counts as nothing; missing when a is.',
    examples: [
      { expr: "$minus('1.10', '0.90')", result: 0.2 },
      { expr: "$minus('1.10', discount)", input: {}, result: 1.1 },
      { expr: "$minus(total, '1.10')", input: {} },
    ],
    fn: (a, b) => {
      const from = read('minus', a);
      const take = read('minus', b);
      return write(from !== undefined && take !== undefined ? minus(from, take) : from);
    },
  },
  absolute: {
    args: 'amount',
    help: 'The amount without its sign, for senders that write what goes out as negative; missing stays missing.',
    examples: [
      { expr: "$absolute('-12.50')", result: 12.5 },
      { expr: '$absolute(3)', result: 3 },
      { expr: '$absolute(refunded)', input: {} },
    ],
    fn: (amount) => {
      const given = read('absolute', amount);
      return write(given && given.units < 0n ? { ...given, units: -given.units } : given);
    },
  },
  times: {
    args: 'a, b',
    help: 'The exact product; missing when one of them is.',
    examples: [
      { expr: "$times('19.99', 3)", result: 59.97 },
      { expr: "$times('19.99', quantity)", input: {} },
    ],
    fn: ofBoth('times', times),
  },
  divide: {
    args: 'a, b',
    help: 'The quotient to 12 decimals; missing when one of them is, or when b is 0.',
    examples: [{ expr: "$divide('59.97', 3)", result: 19.99 }, { expr: "$divide('10.00', 0)" }],
    fn: ofBoth('divide', (a, b) => (isZero(b) ? undefined : divide(a, b))),
  },
  share: {
    args: 'amount, part, whole',
    help: 'As much of the amount as the part is of the whole, to 12 decimals; missing when one of them is, or when the whole is 0. All of it where part and whole are the same.',
    examples: [
      { expr: "$share('59.97', 1, 3)", result: 19.99 },
      { expr: "$share('59.97', kept, ordered)", input: { kept: 0, ordered: 3 }, result: 0 },
      { expr: "$share('59.97', ordered, ordered)", input: {}, result: 59.97 },
      { expr: "$share('59.97', 1, 0)" },
    ],
    fn: share,
  },
  total: {
    args: 'list',
    help: 'The exact sum of a list. Missing amounts count as nothing; missing when there are none.',
    examples: [
      { expr: '$total(lines.tax)', input: { lines: [{ tax: '0.10' }, { tax: 0.2 }, {}] }, result: 0.3 },
      { expr: '$total(lines.tax)', input: { lines: [] } },
      { expr: "$total('12.50')", result: 12.5 },
    ],
    fn: (list) => total('total', Array.isArray(list) ? list.flat(Number.POSITIVE_INFINITY) : [list]),
  },
  minor: {
    args: 'amount, currency, exceptions?',
    help: 'An amount given in minor units (cents), with the decimals ISO 4217 gives the currency; the exceptions are currencies to which the sender gives others.',
    examples: [
      { expr: "$minor(1250, 'usd')", result: 12.5 },
      { expr: "$minor(1250, 'JPY')", result: 1250, why: 'yen have no cents' },
      { expr: "$minor(1250, 'KWD')", result: 1.25, why: 'a dinar has 1000 fils' },
      {
        expr: "$minor(125000, 'isk', 'ISK=2 MGA=0')",
        result: 1250,
        why: 'this sender counts in hundredths of a króna',
      },
    ],
    fn: minor,
  },
  round_money: {
    args: 'amount, currency',
    help: 'An amount rounded to what the currency can be paid in, half away from zero. Amounts of events are rounded anyway.',
    examples: [
      { expr: "$round_money('2.345', 'EUR')", result: 2.35 },
      { expr: "$round_money('1234.5', 'JPY')", result: 1235 },
    ],
    fn: roundedMoney,
  },
};
