// Turns what an expression gave into the field's type: money exact, times to UTC, texts trimmed, nonsense refused.
import { domainToASCII } from 'node:url';
import type { Field, Kind } from '../event.ts';
import { countryCode } from '../lib/country.ts';
import { isCurrency, parseDecimal, toNumber } from '../lib/money.ts';
import { withoutSecrets } from '../lib/page-address.ts';
import { isSaid } from '../lib/said.ts';
import { withoutUnseen } from '../lib/unseen.ts';
import { bareAddress, isAddress, isBuyerAddress } from './buyer-address.ts';

/**
 * `value` is ready; `absent` means nothing was given; `dropped` was given but is no such thing and is left out (a
 * mistyped e-mail, or a table where a text is wanted, must not stop a purchase); `problem` stops the hook, because a
 * wrong amount or time must not be sent.
 */
export type Converted =
  | { value: string | number | boolean }
  | { absent: true }
  | { dropped: string }
  | { problem: string };

const ABSENT: Converted = { absent: true };
const EMAIL = /^[^\s@<>()[\],;:"\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
/** Domains reserved so that they can never receive mail (RFC 2606); shops write them over erased addresses. */
const NO_MAIL = /\.invalid$/i;
/** What no browser leaves in an address. */
const FOREIGN = /[^!-~]/;
const UNWRITTEN = /[^!-~]+/g;
/** A host with letters that no browser leaves in it, up to its port. */
const FOREIGN_HOST = /^(https?:\/\/)([^/?#:]*[^\x21-\x7e/?#:][^/?#:]*)/i;
/** In Punycode; what is no name of a host stays as it is. */
const asciiHost = (all: string, scheme: string, host: string): string => {
  const ascii = domainToASCII(host);
  return ascii === '' ? all : scheme + ascii;
};
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/;
const [EARLIEST, LATEST] = [Date.UTC(1990, 0, 1), Date.UTC(2101, 0, 1) - 1];

/** As mails and HTTP write times (RFC 5322, section 3.3), such as Tue, 20 Nov 2026 09:00:00 +0100. */
const WRITTEN_OUT =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), *)?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d(?::\d\d)?) (?:GMT|UTC?|([+-]\d{4}))$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** The same as ISO 8601; any other text stays as it is. */
const inFigures = (text: string): string =>
  text.replace(WRITTEN_OUT, (_, day: string, month: string, year: string, time: string, zone = 'Z') => {
    const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
    return `${year}-${number}-${day.padStart(2, '0')}T${time}${zone}`;
  });

/** Milliseconds of a time with or without zone (none means UTC), of unix seconds, of unix milliseconds, or of one in words. */
export function parseInstant(given: unknown): number | undefined {
  if (typeof given === 'number' || (typeof given === 'string' && /^\d{9,13}(\.\d+)?$/.test(given))) {
    const number = Number(given);
    return inRange(number < 1e11 ? Math.round(number * 1000) : Math.round(number));
  }
  if (typeof given !== 'string') return undefined;
  const match = INSTANT.exec(inFigures(given.trim()));
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(utc);
  const rolledOver =
    date.getUTCDate() !== Number(day) ||
    date.getUTCMonth() !== Number(month) - 1 ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59;
  if (rolledOver) return undefined;
  return inRange(utc + Number(fraction.padEnd(3, '0').slice(0, 3)) - zoneOffset(zone));
}

function inRange(ms: number): number | undefined {
  return ms >= EARLIEST && ms <= LATEST ? ms : undefined;
}

function zoneOffset(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Without NUL, and with half a character as the sign for one that is unknown: receivers refuse the whole request for either. */
export const sendable = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '');

/** The text of a scalar; lists of scalars (such as coupon codes) are joined by a comma. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return sendable(given).trim();
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  if (Array.isArray(given)) {
    const parts = given.map(textOf).filter((part) => part !== undefined && part !== '');
    return parts.length > 0 ? parts.join(',') : undefined;
  }
  return undefined;
}

/** As people write phone numbers; neither amounts nor days begin like this. */
const PHONE = /^(?!\d\d?[./-]\d\d?[./-]\d{2,4}$)[+(0][\d ()./-]{7,}$/;
/** Days and times have many digits too; what is left of them is no number of a phone, a card or an account. */
const DAY_OR_TIME = /\d{1,4}[./-]\d\d?[./-]\d{1,4}|\d\d?:\d\d(?::\d\d)?/g;
const LONG_NUMBER = /\d(?:[ ()./-]{0,2}\d){8}/;
const holdsNumber = (text: string): boolean => PHONE.test(text) || LONG_NUMBER.test(text.replace(DAY_OR_TIME, ':'));

const problem = (what: string, given: unknown): Converted => {
  const text = textOf(given);
  const quotable = text !== undefined && text.length <= 40 && !text.includes('@') && !holdsNumber(text);
  return { problem: `${quotable ? `"${text}"` : 'the value'} is ${what}` };
};

/** Notes of Guernsey, the Isle of Man and Jersey are pounds sterling by law; shops have codes for them, ISO 4217 has none. */
const POUNDS = new Set(['GGP', 'IMP', 'JEP']);
const NO_CURRENCY =
  'no ISO 4217 currency; say under fields in the store file which one it counts as, and the amounts in that one';

/** As consent banners write it. What nobody can read is no consent. */
const CONSENT = new Map([
  ...['granted', 'yes', 'true', '1'].map((text): [string, string] => [text, 'granted']),
  ['unknown', 'unknown'],
]);

/** Absent where there is no text, or an empty one. */
const ifText = (convertText: (text: string) => Converted) => (given: unknown) => {
  const text = textOf(given);
  return text === undefined || text === '' ? ABSENT : convertText(text);
};

const BY_KIND: Record<Kind, (given: unknown, field: Field) => Converted> = {
  text: (given, field) => {
    const text = textOf(given);
    if (text === undefined) return { dropped: 'no text' };
    if (text === '') return ABSENT;
    return field.id === true && !isSaid(text) ? { dropped: 'no id' } : { value: text };
  },
  money: (given) => {
    const decimal = typeof given === 'string' || typeof given === 'number' ? parseDecimal(given) : undefined;
    return decimal === undefined ? problem('no amount', given) : { value: toNumber(decimal) };
  },
  number: (given, field) => BY_KIND.money(given, field),
  instant: (given) => {
    const ms = parseInstant(given);
    return ms === undefined ? problem('no time', given) : { value: new Date(ms).toISOString() };
  },
  currency: (given) => {
    const said = textOf(given)?.toUpperCase();
    const code = said !== undefined && POUNDS.has(said) ? 'GBP' : said;
    return code !== undefined && isCurrency(code) ? { value: code } : problem(NO_CURRENCY, given);
  },
  country: ifText((text) => ({ value: countryCode(text) ?? text })),
  email: ifText((text) => {
    const address = withoutUnseen(text).trim();
    return EMAIL.test(address) && !NO_MAIL.test(address) ? { value: address } : { dropped: 'no e-mail address' };
  }),
  page: (given) => {
    const text = textOf(given);
    if (text === undefined) return { dropped: 'no text' };
    const told = withoutSecrets(text);
    if (told === '') return ABSENT;
    if (!FOREIGN.test(told)) return { value: told };
    return { value: told.replace(FOREIGN_HOST, asciiHost).replace(UNWRITTEN, encodeURIComponent) };
  },
  phone: ifText((text) => ({ value: text })),
  ip: ifText((text) => {
    const address = bareAddress(text);
    if (!isAddress(address)) return { dropped: 'no IP address' };
    return isBuyerAddress(address) ? { value: address } : { dropped: 'no address of a buyer' };
  }),
  choice: (given, field) => {
    const text = textOf(given)?.toLowerCase();
    return text !== undefined && field.choices?.includes(text)
      ? { value: text }
      : problem(`none of ${field.choices?.join(', ')}`, given);
  },
  consent: (given) => {
    const text = textOf(given)?.toLowerCase() ?? '';
    return { value: CONSENT.get(text) ?? 'denied' };
  },
  flag: (given) => {
    const text = textOf(given)?.toLowerCase();
    if (text === 'true' || text === '1') return { value: true };
    return text === 'false' || text === '0' || text === ''
      ? { value: false }
      : problem('neither true nor false', given);
  },
};

/** Is nothing given, whatever the field? */
export const isMissing = (given: unknown): boolean =>
  given === undefined || given === null || given === '' || (Array.isArray(given) && given.length === 0);

/** Converts one mapped value. */
export const convert = (field: Field, given: unknown): Converted =>
  isMissing(given) ? ABSENT : BY_KIND[field.kind](given, field);
