// Tells phone numbers that could be dialled and that no country gives to anybody, too short or too long: most are typed wrong.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** `shown` is the number as people write it. */
export type OddPhone = { e164: string; shown: string };

/** Undefined for a number that looks right. Plans of numbering change, so a person is asked and nothing is refused. */
export function oddPhone(e164: string): OddPhone | undefined {
  const number = parsePhoneNumberFromString(e164);
  return number === undefined || number.isValid() ? undefined : { e164, shown: number.formatInternational() };
}
