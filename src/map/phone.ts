// Phone numbers to E.164, by the country of the order or else of the store.
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

const asCountry = (text: string | undefined): CountryCode | undefined =>
  text !== undefined && isSupportedCountry(text) ? text : undefined;

/**
 * `+` and digits, or undefined when the text is no possible number. Countries are ISO 3166-1 alpha-2; the first that
 * is one counts, and only for numbers without a country code of their own.
 */
export function toE164(text: string, countries: readonly (string | undefined)[]): string | undefined {
  const country = countries.map(asCountry).find((code) => code !== undefined);
  const international = text.replace(/^\s*00(?=[1-9])/, '+');
  const number = parsePhoneNumberFromString(international, country);
  return number?.isPossible() ? number.number : undefined;
}
