// Names of countries and US states to the codes that vendors hash.

const US_STATES: Record<string, string> = {
  alabama: 'al',
  alaska: 'ak',
  arizona: 'az',
  arkansas: 'ar',
  california: 'ca',
  colorado: 'co',
  connecticut: 'ct',
  delaware: 'de',
  districtofcolumbia: 'dc',
  florida: 'fl',
  georgia: 'ga',
  hawaii: 'hi',
  idaho: 'id',
  illinois: 'il',
  indiana: 'in',
  iowa: 'ia',
  kansas: 'ks',
  kentucky: 'ky',
  louisiana: 'la',
  maine: 'me',
  maryland: 'md',
  massachusetts: 'ma',
  michigan: 'mi',
  minnesota: 'mn',
  mississippi: 'ms',
  missouri: 'mo',
  montana: 'mt',
  nebraska: 'ne',
  nevada: 'nv',
  newhampshire: 'nh',
  newjersey: 'nj',
  newmexico: 'nm',
  newyork: 'ny',
  northcarolina: 'nc',
  northdakota: 'nd',
  ohio: 'oh',
  oklahoma: 'ok',
  oregon: 'or',
  pennsylvania: 'pa',
  puertorico: 'pr',
  rhodeisland: 'ri',
  southcarolina: 'sc',
  southdakota: 'sd',
  tennessee: 'tn',
  texas: 'tx',
  utah: 'ut',
  vermont: 'vt',
  virginia: 'va',
  washington: 'wa',
  westvirginia: 'wv',
  wisconsin: 'wi',
  wyoming: 'wy',
};

/** `ca` for `california`, given in lower case and without spaces; undefined for anything else. */
export function usState(name: string): string | undefined {
  return Object.hasOwn(US_STATES, name) ? US_STATES[name] : undefined;
}

/** What people type that is not the English name in Unicode's country list. */
const OTHER_NAMES: [string, string][] = [
  ['usa', 'US'],
  ['united states of america', 'US'],
  ['great britain', 'GB'],
  ['england', 'GB'],
  ['scotland', 'GB'],
  ['wales', 'GB'],
  ['the netherlands', 'NL'],
  ['holland', 'NL'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
];
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
let byName: Map<string, string> | undefined;

/** English names of all countries, made at the first question because most senders give codes. */
function countriesByName(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const found = new Map(OTHER_NAMES);
  for (const code of ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second))) {
    const name = names.of(code);
    // Retired codes (FX, SU, YU …) carry a living country's name; the canonical locale has the living code.
    if (name !== undefined) found.set(name.toLowerCase(), new Intl.Locale(`und-${code}`).region ?? code);
  }
  return found;
}

/** ISO 3166-1 alpha-2 in capitals, from a code or an English name; undefined when it is neither. */
export function countryCode(country: string): string | undefined {
  const text = country.trim();
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase() === 'UK' ? 'GB' : text.toUpperCase();
  byName ??= countriesByName();
  return byName.get(text.toLowerCase());
}
