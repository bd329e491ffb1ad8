// Which country a text means, by its code or by its name in one of the languages people write it in.

/** What people type that is not a name in Unicode's country lists. */
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
/** Beside English, whose names hold where another language calls another country so. */
const LANGUAGES = ['nl', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'sv', 'nb', 'da', 'fi'];
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

type Names = Map<string, string | undefined>;
let byName: Names | undefined;

const keyOf = (name: string) => name.normalize('NFC').toLowerCase();

/** A name that was another country's before means neither. */
function addNames(found: Names, language: string): void {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  for (const code of ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second))) {
    const name = names.of(code);
    if (name === undefined) continue;
    const key = keyOf(name);
    // Retired codes (FX, SU, YU …) carry a living country's name; the canonical locale has the living code.
    const living = new Intl.Locale(`und-${code}`).region ?? code;
    found.set(key, !found.has(key) || found.get(key) === living ? living : undefined);
  }
}

/** Names of all countries, made at the first question because most senders give codes. */
function countriesByName(): Names {
  const [english, others]: [Names, Names] = [new Map(), new Map()];
  addNames(english, 'en');
  for (const language of LANGUAGES) addNames(others, language);
  return new Map([...others, ...english, ...OTHER_NAMES]);
}

/** ISO 3166-1 alpha-2 in capitals, from a code or a name; undefined when it is neither. */
export function countryCode(country: string): string | undefined {
  const text = country.trim();
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase() === 'UK' ? 'GB' : text.toUpperCase();
  byName ??= countriesByName();
  return byName.get(keyOf(text));
}
