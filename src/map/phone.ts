// Phone numbers to E.164, by the country of the order or else of the store.
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';
import { LRUCache } from 'lru-cache';

const asCountry = (text: string | undefined): CountryCode | undefined =>
  text !== undefined && isSupportedCountry(text) ? text : undefined;

/** `+` and all digits, and the digits without the country code. */
export type Phone = { e164: string; national: string };

/** Shops tell of one order several times within minutes, and reading its number takes a tenth of the mapping. */
const RECENT = 2_000;
/** Longer texts hold more than a number. */
const SHORT = 32;
/** What many people type where a number is required and they give none: zeros, ones, or the digits as they are counted. */
const FILLER = /^(?:0+|1+|12345678(?:90?)?)$/;
/** Programs that take a column of numbers for amounts write 31612345678.0. */
const DECIMALS = /^(\s*\+?\d{7,15})[.,]0{1,2}\s*$/;
const recent = new LRUCache<string, { phone: Phone | undefined }>({ max: RECENT });

/**
 * Undefined when the text is no possible number, or only fills a field. Countries are ISO 3166-1 alpha-2; the first that
 * is one counts, and only for numbers without a country code of their own.
 */
export function readPhone(text: string, countries: readonly (string | undefined)[]): Phone | undefined {
  const country = countries.map(asCountry).find((code) => code !== undefined);
  const key = `${country ?? ''} ${text}`;
  const known = recent.get(key);
  if (known !== undefined) return known.phone;
  const phone = parsePhone(text, country);
  if (text.length <= SHORT) recent.set(key, { phone });
  return phone;
}

function parsePhone(text: string, country: CountryCode | undefined): Phone | undefined {
  const international = text.replace(DECIMALS, '$1').replace(/^[\s(]*00[\s()./-]*(?=[1-9])/, '+');
  const number = parsePhoneNumberFromString(international, country);
  if (number === undefined || FILLER.test(number.nationalNumber)) return undefined;
  return number.isPossible() ? { e164: number.number, national: number.nationalNumber } : undefined;
}

/** The number as `+` and digits; see `readPhone`. */
export const toE164 = (text: string, countries: readonly (string | undefined)[]): string | undefined =>
  readPhone(text, countries)?.e164;

/** The digits that a number written without a country code has before it; empty where the country is not known. */
export const callingCode = (country: string | undefined): string => {
  const code = asCountry(country);
  return code === undefined ? '' : getCountryCallingCode(code);
};
