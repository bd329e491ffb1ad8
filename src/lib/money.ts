// Exact decimal arithmetic for money, and how many decimals each currency has.

/** Whole numbers: JavaScript's own as long as they are exact, because they are many times faster, and big ones above. */
type Units = number | bigint;
/** An exact decimal: `units` divided by 10 to the power of `scale`. */
export type Decimal = { readonly units: Units; readonly scale: number };

export const ZERO: Decimal = { units: 0, scale: 0 };
export const ONE: Decimal = { units: 1, scale: 0 };

const MOST_DIGITS = 30;
/** Digits, sign and point that together are surely an exact number. */
const SHORT = 15;
const FEW = 1e15;
const TEXT = /^-?\d+(?:\.\d+)?$/;
const [POINT, MINUS, DIGIT_0, DIGIT_9] = [46, 45, 48, 57];

const narrow = (units: bigint): Units => (Number.isSafeInteger(Number(units)) ? Number(units) : units);

function add(a: Units, b: Units): Units {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  return narrow(BigInt(a) + BigInt(b));
}

function multiply(a: Units, b: Units): Units {
  // Adding 0 makes 0 of -0.
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a * b)) return a * b + 0;
  return narrow(BigInt(a) * BigInt(b));
}

const POWERS = Array.from({ length: 64 }, (_, exponent) => narrow(10n ** BigInt(exponent)));
const powerOfTen = (exponent: number): Units => POWERS[exponent] ?? 10n ** BigInt(exponent);

/**
 * Reads `12.50`, `-3`, with spaces around it or not, or a JSON number (by its shortest text). Everything else is undefined:
 * grouping (`1,234.56`), decimal commas, exponents in text, other scripts' digits, NaN, Infinity and more than 30 digits.
 */
export function parseDecimal(value: string | number): Decimal | undefined {
  if (typeof value === 'string') return fromText(value);
  if (Number.isSafeInteger(value)) return { units: value + 0, scale: 0 };
  // So few digits are the shortest text of a number, too; only that takes longer to write and to read.
  const hundredths = Math.round(value * 100);
  if (hundredths / 100 === value && Math.abs(hundredths) < FEW)
    return hundredths % 10 === 0 ? { units: hundredths / 10, scale: 1 } : { units: hundredths, scale: 2 };
  const text = String(value);
  const mark = text.indexOf('e');
  return mark === -1 ? fromText(text) : fromDigits(text.slice(0, mark), Number(text.slice(mark + 1)));
}

/** Forms and spreadsheets leave spaces around what was typed. */
function fromText(text: string): Decimal | undefined {
  const trimmed = text.trim();
  return trimmed.length <= SHORT ? fromShort(trimmed) : fromDigits(trimmed, 0);
}

/** What `fromDigits` does, digit by digit: nearly every amount is short. */
function fromShort(text: string): Decimal | undefined {
  const isNegative = text.charCodeAt(0) === MINUS;
  const first = isNegative ? 1 : 0;
  let units = 0;
  let point = text.length - 1;
  for (let at = first; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= DIGIT_0 && code <= DIGIT_9) units = units * 10 + code - DIGIT_0;
    else if (code === POINT && at > first && at < text.length - 1 && point === text.length - 1) point = at;
    else return undefined;
  }
  if (text.length === first) return undefined;
  return { units: isNegative ? 0 - units : units, scale: text.length - 1 - point };
}

function fromDigits(text: string, exponent: number): Decimal | undefined {
  if (text.length > MOST_DIGITS + 2 || Math.abs(exponent) > MOST_DIGITS || !TEXT.test(text)) return undefined;
  const point = text.indexOf('.');
  const digits = point === -1 ? text : text.slice(0, point) + text.slice(point + 1);
  if (digits.length - (digits.startsWith('-') ? 1 : 0) > MOST_DIGITS) return undefined;
  const scale = (point === -1 ? 0 : text.length - point - 1) - exponent;
  const units = narrow(BigInt(digits));
  return scale < 0 ? { units: multiply(units, powerOfTen(-scale)), scale: 0 } : { units, scale };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  if (a.scale === b.scale) return { units: add(a.units, b.units), scale: a.scale };
  if (a.scale < b.scale) return plus(b, a);
  return { units: add(a.units, multiply(b.units, powerOfTen(a.scale - b.scale))), scale: a.scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, scale: b.scale });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { units: multiply(a.units, b.units), scale: a.scale + b.scale };
}

/** The quotient to `decimals` places, half away from zero. Dividing by 0 throws: ask `isZero` first. */
export function divide(a: Decimal, b: Decimal, decimals = 12): Decimal {
  const shift = decimals + b.scale - a.scale;
  const top = shift < 0 ? a.units : multiply(a.units, powerOfTen(shift));
  const bottom = shift < 0 ? multiply(b.units, powerOfTen(-shift)) : b.units;
  return { units: quotient(top, bottom), scale: decimals };
}

export function sum(amounts: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = plus(total, amount);
  return total;
}

/** Rounds to `decimals` places, half away from zero, as invoices do: 2.345 becomes 2.35 and -2.345 becomes -2.35. */
export function round(amount: Decimal, decimals: number): Decimal {
  if (amount.scale <= decimals) return amount;
  return { units: quotient(amount.units, powerOfTen(amount.scale - decimals)), scale: decimals };
}

/** Rounds once to what the currency can be paid in; to 2 places while the currency is unknown. */
export function roundMoney(amount: Decimal, currency: string | undefined): Decimal {
  return round(amount, currency === undefined ? 2 : minorUnits(currency));
}

function quotient(top: Units, bottom: Units): Units {
  if (typeof top === 'number' && typeof bottom === 'number' && bottom !== 0) {
    const rest = top % bottom;
    const whole = (top - rest) / bottom + 0;
    if (Math.abs(rest) * 2 < Math.abs(bottom)) return whole;
    return top < 0 === bottom < 0 ? whole + 1 : whole - 1;
  }
  const dividend = BigInt(top);
  const divisor = BigInt(bottom);
  const whole = dividend / divisor;
  const rest = dividend % divisor;
  const distance = rest < 0n ? -rest : rest;
  if (distance * 2n < (divisor < 0n ? -divisor : divisor)) return narrow(whole);
  return narrow(dividend < 0n === divisor < 0n ? whole + 1n : whole - 1n);
}

export function isZero(amount: Decimal): boolean {
  return amount.units === 0;
}

/** The nearest JavaScript number. Exact for up to 15 digits; whoever needs more wants `toText`. */
export function toNumber({ units, scale }: Decimal): number {
  // Both are exact, so the one rounding is that of the division.
  if (typeof units === 'number' && scale <= 22) return units / 10 ** scale;
  return Number(toText({ units, scale }));
}

/** Plain decimal digits: `12.50`, never an exponent. */
export function toText({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0 ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

// ISO 4217. `Intl` is no help: it knows how people write prices (HUF and IDR without decimals), not how they are counted.
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ...'CLF UYW'.split(' ').map((code) => [code, 4] as const),
]);
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Decimals of an amount in this ISO 4217 currency, given in capitals: JPY 0, USD 2, KWD 3. */
export function minorUnits(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/** Is this an ISO 4217 code, in capitals? */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}
