// Which country a text means, in the words and codes that shops write.
import { describe, expect, test } from 'vitest';
import { countryCode } from '../../src/lib/country.ts';

describe('a country', () => {
  test.each([
    ['nl', 'NL'],
    ['UK', 'GB'],
    [' Netherlands ', 'NL'],
    ['FRANCE', 'FR'],
    ['Österreich', 'AT'],
    ['O\u0308sterreich', 'AT'],
    ['België', 'BE'],
    ['Royaume-Uni', 'GB'],
    ['Estados Unidos', 'US'],
    ['Szwajcaria', 'CH'],
    ['USA', 'US'],
    ['DEU', 'DE'],
    [' gbr ', 'GB'],
    ['CHE', 'CH'],
    ['XKX', 'XK'],
    ['Hong Kong', 'HK'],
    ['Macau', 'MO'],
    ['Macao', 'MO'],
    ['Russian Federation', 'RU'],
    ['Viet Nam', 'VN'],
    ['Korea, Republic of', 'KR'],
    ['Iran (Islamic Republic of)', 'IR'],
    ["Lao People's Democratic Republic", 'LA'],
    ['Bahamas (the)', 'BS'],
    ['Bosnia and Herzegovina', 'BA'],
    ['Saint Lucia', 'LC'],
    ["Cote d'Ivoire", 'CI'],
    ['Curacao', 'CW'],
    ['Bonaire, Sint Eustatius and Saba', 'BQ'],
    ['Heard Island and McDonald Islands', 'HM'],
    ['Saint Helena, Ascension and Tristan da Cunha', 'SH'],
    ['Saint Martin (French part)', 'MF'],
    ['Sint Maarten (Dutch part)', 'SX'],
    ['United States Minor Outlying Islands (the)', 'UM'],
    ['U.S.A.', 'US'],
    ['UAE', 'AE'],
    ['Magyarország', 'HU'],
    ['Česko', 'CZ'],
    ['Ελλάδα', 'GR'],
    ['Україна', 'UA'],
    ['日本', 'JP'],
  ])('written as %s is %s', (text, code) => {
    expect(countryCode(text)).toBe(code);
  });

  test.each([
    ['is none', 'Atlantis'],
    ['is no code of three letters', 'ZZZ'],
    ['is that of many', 'European Union'],
    ['is another country in each of two languages', 'Kongo'],
  ])('whose name %s stays unknown', (_, text) => {
    expect(countryCode(text)).toBeUndefined();
  });

  test('of today, 250 of them, is known by three letters', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const threes = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)));
    const known = threes.flatMap((three) => countryCode(three) ?? []);
    expect(new Set(known).size).toBe(250);
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    expect(known.filter((code) => names.of(code) === undefined)).toEqual([]);
  });

  test.each(['ZZ', 'QQ', 'EU', 'UN', 'YU', '12'])('with the code %s, which no country has, stays unknown', (code) => {
    expect(countryCode(code)).toBeUndefined();
  });

  test.each(['NL', 'xk', 'PS', 'SX', 'TW', 'AX'])('with the code %s is that one', (code) => {
    expect(countryCode(code)).toBe(code.toUpperCase());
  });

  test('is known again by every code that has an English name', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    for (const code of ['CD', 'CG', 'GE', 'GS', 'IE', 'NE', 'NG', 'SK', 'SI'])
      expect(countryCode(names.of(code) ?? '')).toBe(code);
  });
});
