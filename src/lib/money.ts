// Exact decimal arithmetic for money, and how many decimals each currency has.

/** An exact decimal: `units` divided by 10 to the power of `scale`. */
export type Decimal = { readonly units: bigint; readonly scale: number };

export const ZERO: Decimal = { units: 0n, scale: 0 };
export const ONE: Decimal = { units: 1n, scale: 0 };

const MOST_DIGITS = 30;
const TEXT = /^-?\d+(?:\.\d+)?$/;
const POWERS = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));
const powerOfTen = (exponent: number): bigint => POWERS[exponent] ?? 10n ** BigInt(exponent);

/**
 * Reads `12.50`, `-3` or a JSON number (by its shortest text). Everything else is undefined: grouping (`1,234.56`),
 * decimal commas, exponents in text, other scripts' digits, spaces, NaN, Infinity and more than 30 digits.
 */
export function parseDecimal(value: string | number): Decimal | undefined {
  if (typeof value === 'string') return fromDigits(value, 0);
  if (Number.isSafeInteger(value)) return { units: BigInt(value), scale: 0 };
  const [digits = '', exponent] = String(value).split('e');
  return fromDigits(digits, exponent === undefined ? 0 : Number(exponent));
}

function fromDigits(text: string, exponent: number): Decimal | undefined {
  if (text.length > MOST_DIGITS + 2 || Math.abs(exponent) > MOST_DIGITS || !TEXT.test(text)) return undefined;
  const point = text.indexOf('.');
  const digits = point === -1 ? text : text.slice(0, point) + text.slice(point + 1);
  if (digits.length - (digits.startsWith('-') ? 1 : 0) > MOST_DIGITS) return undefined;
  const scale = (point === -1 ? 0 : text.length - point - 1) - exponent;
  return scale < 0 ? { units: BigInt(digits) * powerOfTen(-scale), scale: 0 } : { units: BigInt(digits), scale };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  if (a.scale === b.scale) return { units: a.units + b.units, scale: a.scale };
  if (a.scale < b.scale) return plus(b, a);
  return { units: a.units + b.units * powerOfTen(a.scale - b.scale), scale: a.scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, scale: b.scale });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** The quotient to `decimals` places, half away from zero. Dividing by 0 throws: ask `isZero` first. */
export function divide(a: Decimal, b: Decimal, decimals = 12): Decimal {
  const shift = decimals + b.scale - a.scale;
  const top = shift < 0 ? a.units : a.units * powerOfTen(shift);
  const bottom = shift < 0 ? b.units * powerOfTen(-shift) : b.units;
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

function quotient(top: bigint, bottom: bigint): bigint {
  const whole = top / bottom;
  const rest = top % bottom;
  const distance = rest < 0n ? -rest : rest;
  if (distance * 2n < (bottom < 0n ? -bottom : bottom)) return whole;
  return top < 0n === bottom < 0n ? whole + 1n : whole - 1n;
}

export function isZero(amount: Decimal): boolean {
  return amount.units === 0n;
}

/** The nearest JavaScript number. Exact for up to 15 digits; whoever needs more wants `toText`. */
export function toNumber({ units, scale }: Decimal): number {
  const whole = Number(units);
  // Both are exact, so the one rounding is that of the division.
  if (Number.isSafeInteger(whole) && scale <= 22) return whole / 10 ** scale;
  return Number(toText({ units, scale }));
}

/** Plain decimal digits: `12.50`, never an exponent. */
export function toText({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
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
