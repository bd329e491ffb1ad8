// How each vendor wants personal data written before it is hashed: one table per vendor, one rule per field.
import { countryCode } from '../lib/country.ts';
import { HASH_OF_NOTHING, sha256 } from '../lib/hash.ts';
import { withoutUnseen } from '../lib/unseen.ts';
import { usState } from './places.ts';

/** Gets trimmed text and, for addresses, the country; gives the vendor's form, or "" when there is none. */
export type Rule = (text: string, country: string | undefined) => string;

const HASHED = /^[a-f0-9]{64}$/i;
const PLAIN_WORD = /^[a-z]+$/;
/** What is longer is nobody's name or address; buyers can write what they like, and the rules take their time on it. */
const LONGEST = 1_000;
const ADDRESS = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[^\s@.]+\.)+[^\s@.]{2,}$/;
const NO_DOTS_IN_LOCAL_PART = /^(?:gmail|googlemail)\.com$/;

/** Lower case in composed form, so that the same name typed on two systems has one hash. */
const lower = (text: string) => text.normalize('NFC').toLowerCase();
const lowerWords = (text: string) => lower(withoutUnseen(text));
const address = (text: string) => (text.length <= 254 && ADDRESS.test(text) ? text : '');
const country = (text: string) => countryCode(text) ?? '';
/** Digits with the country code, without zeros in front; "" when no E.164 number has that length. */
const digits = (text: string) => {
  const found = text.replace(/\D+/g, '').replace(/^0+/, '');
  return found.length >= 7 && found.length <= 15 ? found : '';
};

/** Goes out as it is, so an e-mail address that somebody put there must not. */
const postalCode = (text: string) => (text.includes('@') ? '' : text);

const googleMail = (text: string) => {
  const mail = text.toLowerCase().replace(/\s+/g, '');
  const at = mail.lastIndexOf('@');
  if (!NO_DOTS_IN_LOCAL_PART.test(mail.slice(at + 1))) return address(mail);
  return address(mail.slice(0, at).replaceAll('.', '') + mail.slice(at));
};
const googleWords = (text: string) => {
  const words = lowerWords(text);
  return PLAIN_WORD.test(words) ? words : words.replace(/[\p{N}\p{P}\p{S}]+/gu, '').trim();
};
/** https://developers.google.com/analytics/devguides/collection/protocol/ga4/uid-data */
export const GOOGLE = {
  email: googleMail,
  phone: (text) => {
    const number = digits(text);
    return number === '' ? '' : `+${number}`;
  },
  given_name: googleWords,
  family_name: googleWords,
  street: (text) =>
    lowerWords(text)
      .replace(/[\p{P}\p{S}]+/gu, '')
      .trim(),
  city: googleWords,
  region: googleWords,
  postal_code: (text) => postalCode(text).replace(/[.~]+/g, '').trim(),
  country,
} as const satisfies Record<string, Rule>;

/** No country's codes have other characters or are longer; Google refuses every event of a request for one that is none. */
const POSTAL_CODE = /^[\p{L}\p{N}][\p{L}\p{N} -]{0,14}$/u;
/** Titles and what is put behind a name, as the vendor's own formatter knows them. */
const TITLE = /^(?:mr|mrs|ms|dr)\.(?:\s|$)/;
const SUFFIX = /(?:,\s*|\s+)(?:jr\.?|sr\.?|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\s?$/;
const withoutSuffix = (name: string): string => (SUFFIX.test(name) ? withoutSuffix(name.replace(SUFFIX, '')) : name);
const adsMail = (text: string) =>
  /\s/.test(text) ? '' : googleMail(text).replace(/\+.*(?=@g(?:oogle)?mail\.com$)/, '');
/**
 * https://developers.google.com/data-manager/api/devguides/concepts/formatting, and where that leaves a doubt the vendor's
 * formatter (googleads/data-manager-node): an e-mail with a space in it is none, names keep hyphens and accents.
 */
export const GOOGLE_ADS = {
  email: (text) => address(adsMail(text)),
  phone: GOOGLE.phone,
  given_name: (text) => lowerWords(text).replace(TITLE, '').trim(),
  family_name: (text) => withoutSuffix(lowerWords(text).trim()),
  postal_code: (text) => (POSTAL_CODE.test(text) ? text : ''),
  country,
} as const satisfies Record<string, Rule>;

const metaWord = (text: string) => {
  const word = lowerWords(text);
  return PLAIN_WORD.test(word) ? word : word.replace(/[\p{P}\p{S}\s]+/gu, '');
};
const inUsa = (given: string | undefined) => given === undefined || countryCode(given) === 'US';
const metaState = (text: string, given: string | undefined) => {
  const state = metaWord(text.replace(/^us-/i, ''));
  return inUsa(given) ? (usState(state) ?? state) : state;
};
const metaZip = (text: string, given: string | undefined) => {
  const zip = text.toLowerCase().replace(/\s+/g, '');
  const fiveAndFour = /^(\d{5})-?\d{4}$/.exec(zip);
  return inUsa(given) && fiveAndFour?.[1] !== undefined ? fiveAndFour[1] : zip.replaceAll('-', '');
};
/** https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters */
export const META = {
  em: (text) => address(text.toLowerCase()),
  ph: digits,
  fn: metaWord,
  ln: metaWord,
  ct: metaWord,
  st: metaState,
  zp: metaZip,
  country: (text) => country(text).toLowerCase(),
  external_id: (text) => lower(text).replace(/\s+/g, ''),
} as const satisfies Record<string, Rule>;

/** Goes out as it is, in letters and digits alone: no e-mail address or phone number that somebody put there. */
const tiktokPlace = (text: string) => {
  const place = text.includes('@') || /\d{6}/.test(text.replace(/\D+/g, '')) ? '' : metaWord(text);
  return place.length <= 100 ? place : '';
};
/**
 * TikTok's own page (https://business-api.tiktok.com/portal/docs?id=1771101027431425) is not to be read without an account:
 * these are the forms that its connectors of Segment and Stape make. Phones are hashed with their plus.
 */
export const TIKTOK = {
  email: META.em,
  phone: GOOGLE.phone,
  first_name: metaWord,
  last_name: metaWord,
  zip_code: metaZip,
  external_id: lower,
  city: tiktokPlace,
  state: (text, given) => tiktokPlace(text) && metaState(text, given),
  country: META.country,
} as const satisfies Record<string, Rule>;

const givenIn = (value: string | undefined): string | undefined => {
  const text = value?.trim();
  return text !== undefined && text.length <= LONGEST ? text : undefined;
};

/** The vendor's form of a value, undefined when nothing is left of it or it was hashed before it came here. */
export function plain(rule: Rule, value: string | undefined, ofCountry?: string): string | undefined {
  const given = givenIn(value);
  if (given === undefined || HASHED.test(given)) return undefined;
  const text = rule(given, ofCountry);
  return text === '' ? undefined : text;
}

/** SHA-256 in hex of the vendor's form. A value that is such a hash already passes; nothing never becomes a hash. */
export function hashed(rule: Rule, value: string | undefined, ofCountry?: string): string | undefined {
  const given = givenIn(value);
  if (given === undefined) return undefined;
  if (HASHED.test(given)) return given.toLowerCase() === HASH_OF_NOTHING ? undefined : given.toLowerCase();
  const text = rule(given, ofCountry);
  return text === '' ? undefined : sha256(text);
}
