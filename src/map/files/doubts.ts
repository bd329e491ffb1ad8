// What a store file may say and most likely does not mean: secrets that can be guessed, countries and fields that do not exist,
// and addresses that nothing is sent to.
import { EVENT_FIELDS, Event, type Field, ITEM_FIELDS } from '../../event.ts';
import { misspelt } from '../../event-name.ts';
import { countryCode } from '../../lib/country.ts';
import { isCurrency } from '../../lib/money.ts';
import { nearest } from '../../lib/nearest.ts';
import { isTable, tableOf, valueIn } from '../../lib/table.ts';
import { convert } from '../convert.ts';
import { callingCode } from '../phone.ts';
import type { StoreFile } from '../schema/schema.ts';
import { type MappingFile, type Path, type Problem, shown, whereIn } from './files.ts';
import type { Store } from './load.ts';
import type { Route } from './route.ts';

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

/** What nobody means to be part of a secret, and how it came there. Keys and key files have lines and quotes of their own. */
const ODD: readonly (readonly [RegExp, string, string])[] = [
  [
    /^(["'“‘«„]).*["'”’»“]$/s,
    'has quotes around it',
    'docker run --env-file keeps quotes: write it in .env without them',
  ],
  [/^\s|\s$/, 'has a space or the end of a line before or behind it', 'take it out'],
  [/\s#/, 'has a comment behind it', 'docker run --env-file keeps comments: give it a line of its own in .env'],
  [/^Bearer\s/i, 'begins with Bearer', 'write what stands behind it; Bearer is put in front where it is needed'],
  [/^(?:\?key|[A-Z][A-Z0-9_]{2,})=./, 'begins with a name and =', 'write what stands behind it'],
  [/[•…]|\*{4}|\.{3}$/, 'is not the whole of it', 'copy it again, where all of it is shown'],
];
const isFile = (text: string) => text.includes('-----BEGIN ') || text.startsWith('{');

/** Marks that are copied along with a secret: with them nothing fits, and nobody sees why. */
export function warnOfOddSecrets({ sources, routes }: Store, file: MappingFile): Problem[] {
  const named = [
    ...[...sources.values()].flatMap(({ name, secrets, settings }): [Path, unknown][] => [
      ...secrets.map((secret, index): [Path, unknown] => [['sources', name, 'secrets', index], secret]),
      ...Object.entries(settings).map(([key, value]): [Path, unknown] => [['sources', name, key], value]),
    ]),
    ...routes.flatMap(({ name, settings, destination }) =>
      destination.secrets.map((key): [Path, unknown] => [['destinations', name, key], tableOf(settings)[key]]),
    ),
  ];
  return named.flatMap(([at, text]): Problem[] => {
    const odd = typeof text === 'string' && !isFile(text) ? ODD.find(([sign]) => sign.test(text)) : undefined;
    const [, what, hint] = odd ?? [];
    if (what === undefined || hint === undefined) return [];
    return [{ ...whereIn(file)(at), code: 'ODD_SECRET', message: `${at.slice(0, 3).join('.')} ${what}`, hint }];
  });
}

/** Vendors show several keys on one page; with another one than that which signs every hook is refused. */
export function warnOfMistakenSecrets({ sources }: Store, file: MappingFile): Problem[] {
  return [...sources.values()].flatMap(({ name, secrets, mistakenSecrets }) =>
    secrets.flatMap((secret, index): Problem[] => {
      const what = mistakenSecrets.find(({ pattern }) => pattern.test(secret))?.what;
      if (what === undefined) return [];
      const place = whereIn(file)(['sources', name, 'secrets', index], true);
      const message = `nothing of ${name} is signed with this secret`;
      return [{ ...place, code: 'OTHER_SECRET', message, hint: `it is ${what}` }];
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
    Object.entries(tableOf(settings)).flatMap(([key, value]): Problem[] => {
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

/** Files that the steps to connect a sender name and nobody has; nothing is said where the folder has none at all. */
export function warnOfTemplates(platforms: Iterable<MappingFile>, templates: readonly string[] | undefined): Problem[] {
  if (templates === undefined) return [];
  // What lies in one of these is in a folder that is a link.
  const isThere = (name: string) => templates.some((one) => name === one || name.startsWith(`${one}/`));
  return [...platforms].flatMap((file) =>
    [valueIn(file.value, ['setup']) ?? []].flat().flatMap((guide, index) =>
      [valueIn(guide, ['files']) ?? []].flat().flatMap((name, at): Problem[] => {
        if (typeof name !== 'string' || isThere(name)) return [];
        const message = `there is no templates/${shown(name)}, so nobody is shown it`;
        const hint = nearest(name, templates) ?? 'put it there or take it out';
        return [{ ...whereIn(file)(['setup', index, 'files', at]), code: 'NO_FILE', message, hint }];
      }),
    ),
  );
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
/** Fields inside of fields; what is custom has any name. */
const INNER = [...Object.keys(EVENT_FIELDS), ...Object.keys(ITEM_FIELDS).map((name) => `items.${name}`)].filter(
  (name) => name.includes('.'),
);

/** What of a path an event never has, and what may be meant. */
function neverThere(path: string): { field: string; hint: string | undefined } | undefined {
  const first = PLAIN_PATH.exec(path)?.[1];
  if (first === undefined) return undefined;
  if (!KNOWN.includes(first)) return { field: first, hint: nearest(first, KNOWN) };
  const inner = INNER.filter((name) => name.startsWith(`${first}.`));
  if (path === first || inner.length === 0 || inner.some((name) => `${name}.`.startsWith(`${path}.`))) return undefined;
  const begun = inner.filter((name) => name.startsWith(path));
  return { field: path, hint: nearest(path, inner) ?? (begun.length === 1 ? `did you mean ${begun[0]}?` : undefined) };
}

/** Kinds of fields whose values are few and written in one way. */
const FEW = ['choice', 'consent', 'currency', 'country'];

/** What a test asks a field for and no event ever says, such as Online or eur. */
function neverSaid(key: string, test: unknown): { message: string; hint: string | undefined } | undefined {
  const fields: Record<string, Field> = EVENT_FIELDS;
  const field = fields[key];
  const wanted = [isTable(test) ? (test.not ?? []) : test].flat().filter((value) => !isTable(value));
  if (key === 'name') {
    const value = wanted.map(String).find((name) => misspelt(name) !== undefined);
    return value === undefined ? undefined : { message: `name is never ${value} in an event`, hint: misspelt(value) };
  }
  if (field === undefined || !FEW.includes(field.kind)) return undefined;
  for (const value of wanted) {
    const said = convert(field, value);
    const meant = 'value' in said ? String(said.value) : undefined;
    if (meant === value) continue;
    const known = field.choices === undefined ? undefined : `known: ${field.choices.join(', ')}`;
    const hint = meant === undefined ? known : `did you mean ${meant}?`;
    return { message: `${key} is never ${String(value)} in an event`, hint };
  }
  return undefined;
}

/** Conditions of destinations look at the event, which knows nothing of the names that the sender has for things. */
export function warnOfConditions({ destinations }: StoreFile, file: MappingFile): Problem[] {
  const unknownIn = (when: unknown, at: Path): Problem[] => {
    if (!isTable(when)) return [];
    return Object.keys(when).flatMap((key): Problem[] => {
      const inner = when[key];
      if (key === 'any') {
        return Array.isArray(inner) ? inner.flatMap((table, index) => unknownIn(table, [...at, key, index])) : [];
      }
      const never = neverSaid(key, inner);
      if (never !== undefined) return [{ ...whereIn(file)([...at, key]), code: 'NEVER_SAID', ...never }];
      const missing = key === 'expression' ? undefined : neverThere(key);
      if (missing === undefined) return [];
      const message = `events have no ${missing.field}; here fields of the event are asked, not those of the sender`;
      const hint = missing.hint ?? 'the README lists them; what only the sender knows can be mapped to custom.<name>';
      return [{ ...whereIn(file)([...at, key], true), code: 'NO_FIELD', message, hint }];
    });
  };
  return Object.entries(destinations).flatMap(([name, { when }]) => unknownIn(when, ['destinations', name, 'when']));
}
