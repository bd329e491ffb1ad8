// What a store file may say and most likely does not mean: secrets that can be guessed, countries and fields that do not exist,
// and addresses that nothing is sent to.
import { Event } from '../event.ts';
import { countryCode } from '../lib/country.ts';
import { isCurrency } from '../lib/money.ts';
import { nearest } from '../lib/nearest.ts';
import { type MappingFile, type Path, type Problem, whereIn } from './files.ts';
import { isTable } from './merge.ts';
import { callingCode } from './phone.ts';
import type { Route } from './route.ts';
import type { StoreFile } from './schema.ts';

const SAFE_BYTES = 16;

/** Whoever guesses the secret of a source can send orders; senders and people make up short ones. */
export function warnOfShortSecrets({ sources }: StoreFile, file: MappingFile): Problem[] {
  return Object.entries(sources).flatMap(([name, { secrets = [] }]) =>
    secrets.flatMap((secret, index): Problem[] => {
      if (Buffer.byteLength(secret) >= SAFE_BYTES) return [];
      const message = `a secret of ${name} has fewer than ${SAFE_BYTES} characters and can be guessed`;
      const hint = 'make up one of 40 letters and digits where the sender lets you';
      return [{ ...whereIn(file)(['sources', name, 'secrets', index], true), code: 'SHORT_SECRET', message, hint }];
    }),
  );
}

/** `problemOf` says what is wrong with an address that something is sent to. */
export function warnOfAddresses(
  routes: readonly Route[],
  file: MappingFile,
  problemOf: (url: string) => string | undefined,
): Problem[] {
  return routes.flatMap(({ name, settings }) =>
    Object.entries(isTable(settings) ? settings : {}).flatMap(([key, value]): Problem[] => {
      const isAddress = typeof value === 'string' && /^https?:/.test(value);
      const problem = isAddress ? problemOf(value) : undefined;
      if (problem === undefined) return [];
      const place = whereIn(file)(['destinations', name, key]);
      const hint = 'nothing is sent there until it is corrected';
      return [{ ...place, code: 'ADDRESS', message: `destinations.${name}.${key} ${problem}`, hint }];
    }),
  );
}

/** Files that nobody reads, because of how their names end. */
export function warnOfFileNames(misnamed: readonly string[]): Problem[] {
  return misnamed.map((file) => {
    const name = file.replace(/\.txt$/i, '').replace(/\.ya?ml$/i, (ending) => ending.toLowerCase());
    const message = 'it is not read: its name does not end in .yaml';
    return { file, line: 1, column: 1, code: 'FILE_NAME', message, hint: `rename it to ${name}` };
  });
}

/** With a country or currency that is none, phone numbers are left out and orders without a currency do not count. */
export function warnOfPlaces({ country, currency }: StoreFile, file: MappingFile): Problem[] {
  const where = whereIn(file);
  const found: Problem[] = [];
  if (country !== undefined && callingCode(country) === '') {
    const meant = countryCode(country) ?? (country === 'UK' ? 'GB' : undefined);
    const message = `${country} is no country, so phone numbers without a country code are left out`;
    const hint =
      meant === undefined || meant === country ? 'write the two letters of ISO 3166' : `did you mean ${meant}?`;
    found.push({ ...where(['country']), code: 'COUNTRY', message, hint });
  }
  if (currency !== undefined && !isCurrency(currency)) {
    const message = `${currency} is no currency`;
    found.push({ ...where(['currency']), code: 'CURRENCY', message, hint: 'write the three letters of ISO 4217' });
  }
  return found;
}

const KNOWN = Object.keys(Event.shape);
const PLAIN_PATH = /^([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*$/;

/** Conditions of destinations look at the event, which knows nothing of the names that the sender has for things. */
export function warnOfConditions({ destinations }: StoreFile, file: MappingFile): Problem[] {
  const unknownIn = (when: unknown, at: Path): Problem[] => {
    if (!isTable(when)) return [];
    return Object.keys(when).flatMap((key): Problem[] => {
      const inner = when[key];
      if (key === 'any') {
        return Array.isArray(inner) ? inner.flatMap((table, index) => unknownIn(table, [...at, key, index])) : [];
      }
      const first = PLAIN_PATH.exec(key)?.[1];
      if (first === undefined || key === 'expression' || KNOWN.includes(first)) return [];
      const message = `events have no ${first}; here fields of the event are asked, not those of the sender`;
      const hint =
        nearest(first, KNOWN) ?? 'the README lists them; what only the sender knows can be mapped to custom.<name>';
      return [{ ...whereIn(file)([...at, key], true), code: 'NO_FIELD', message, hint }];
    });
  };
  return Object.entries(destinations).flatMap(([name, { when }]) => unknownIn(when, ['destinations', name, 'when']));
}
