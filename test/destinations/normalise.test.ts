// Personal data in each vendor's form, checked against the vendors' own examples.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GOOGLE, GOOGLE_ADS, hashed, META, plain, type Rule, TIKTOK } from '../../src/destinations/normalise.ts';
import { sha256 } from '../../src/lib/hash.ts';

const rules: Record<string, Record<string, Rule>> = {
  meta: META,
  google: GOOGLE,
  google_ads: GOOGLE_ADS,
  tiktok: TIKTOK,
};

const VECTORS: [vendor: keyof typeof rules, field: string, input: string, normalised: string | undefined][] = [
  ['meta', 'em', '  Jane.Doe@Example.COM ', 'jane.doe@example.com'],
  ['meta', 'em', 'j.ane+tag@gmail.com', 'j.ane+tag@gmail.com'],
  ['meta', 'em', 'jane@example', undefined],
  ['meta', 'em', 'jane..doe@example.com', undefined],
  ['meta', 'em', '.jane@example.com', undefined],
  ['meta', 'em', 'ja ne@example.com', undefined],
  ['meta', 'ph', '+44 20 7946 0958', '442079460958'],
  ['meta', 'ph', '0044 20 7946 0958', '442079460958'],
  ['meta', 'ph', '12345', undefined],
  ['meta', 'ph', '+44 20 7946 0958 1234', undefined],
  ['meta', 'ph', 'call me', undefined],
  ['meta', 'fn', "O'Connor", 'oconnor'],
  ['meta', 'fn', 'O’Connor', 'oconnor'],
  ['meta', 'fn', 'Vale\u0301ry', 'valéry'],
  ['meta', 'fn', '정', '정'],
  ['meta', 'fn', 'Anna ❤\ufe0f', 'anna'],
  ['meta', 'fn', '👩\u200d🚀\ufe0f', undefined],
  ['meta', 'fn', 'An\u200bna\u200e', 'anna'],
  ['meta', 'fn', 'علي\u200cرضا', 'علي\u200cرضا'],
  ['meta', 'ln', 'de la Cruz', 'delacruz'],
  ['meta', 'ct', 'St. Louis', 'stlouis'],
  ['meta', 'ct', 'Zürich', 'zürich'],
  ['meta', 'ct', '---', undefined],
  ['meta', 'st', 'New York', 'ny'],
  ['meta', 'st', 'US-CA', 'ca'],
  ['meta', 'zp', '94025-1234', '94025'],
  ['meta', 'zp', 'M1 1AE', 'm11ae'],
  ['meta', 'country', 'United States', 'us'],
  ['meta', 'country', 'UK', 'gb'],
  ['meta', 'country', 'Atlantis', undefined],
  ['meta', 'external_id', 'Cust 123', 'cust123'],
  ['google', 'email', 'Jane.Doe+promo@Gmail.com', 'janedoe+promo@gmail.com'],
  ['google', 'email', 'jane.doe@googlemail.com', 'janedoe@googlemail.com'],
  ['google', 'email', 'jane.doe@example.com', 'jane.doe@example.com'],
  ['google', 'email', 'ja ne@example.com', 'jane@example.com'],
  ['google', 'phone', '1 800 555 0100', '+18005550100'],
  ['google', 'given_name', 'Quinn-Alex', 'quinnalex'],
  ['google', 'family_name', 'de la Cruz', 'de la cruz'],
  ['google', 'given_name', 'Anna ❤\ufe0f', 'anna'],
  ['google', 'city', '\u200bSan José', 'san josé'],
  ['google', 'street', '123 Main St.', '123 main st'],
  ['google', 'city', 'St. Louis 7', 'st louis'],
  ['google', 'postal_code', ' 94025-1234. ', '94025-1234'],
  ['google', 'country', 'us', 'US'],
  ['google_ads', 'email', 'Jane.Doe+promo@Gmail.com', 'janedoe@gmail.com'],
  ['google_ads', 'email', 'j.a.n.e+a+b@googlemail.com', 'jane@googlemail.com'],
  ['google_ads', 'email', 'jane.doe+promo@Example.com', 'jane.doe+promo@example.com'],
  ['google_ads', 'email', 'ja ne@example.com', undefined],
  ['google_ads', 'email', '+promo@gmail.com', undefined],
  ['google_ads', 'phone', '1 800 555 0100', '+18005550100'],
  ['google_ads', 'given_name', ' Mrs. Ann-Marie ', 'ann-marie'],
  ['google_ads', 'given_name', '\u202aAnn\u202c', 'ann'],
  ['google_ads', 'given_name', 'Mr.', undefined],
  ['google_ads', 'family_name', 'Smith, Jr. PhD', 'smith'],
  ['google_ads', 'family_name', 'van Dyk', 'van dyk'],
  ['google_ads', 'postal_code', ' 94025-1234 ', '94025-1234'],
  ['google_ads', 'postal_code', 'jane@example.com', undefined],
  ['google', 'postal_code', 'jane@example.com', undefined],
  ['google_ads', 'country', 'Netherlands', 'NL'],
  ['tiktok', 'email', ' J.Ane+tag@GMAIL.com', 'j.ane+tag@gmail.com'],
  ['tiktok', 'phone', '0044 20 7946 0958', '+442079460958'],
  ['tiktok', 'first_name', ' Ann-Marie', 'annmarie'],
  ['tiktok', 'last_name', 'van Dyk', 'vandyk'],
  ['tiktok', 'external_id', ' Cust 123', 'cust 123'],
  ['tiktok', 'zip_code', '94025-1234', '94025'],
  ['tiktok', 'city', 'St. Louis', 'stlouis'],
  ['tiktok', 'city', 'jane@example.com', undefined],
  ['tiktok', 'city', 'call +31 6 123 456', undefined],
  ['tiktok', 'city', 'x'.repeat(101), undefined],
  ['tiktok', 'state', 'New York', 'ny'],
  ['tiktok', 'state', 'jane@example.com', undefined],
  ['tiktok', 'country', 'UK', 'gb'],
];

const ruleOf = (vendor: string, field: string): Rule => {
  const rule = rules[vendor]?.[field];
  if (rule === undefined) throw new Error(`no rule for ${vendor} ${field}`);
  return rule;
};

describe('personal data', () => {
  it.each(VECTORS)('for %s as %s: "%s" becomes %s', (vendor, field, input, normalised) => {
    const rule = ruleOf(vendor, field);
    expect(plain(rule, input)).toBe(normalised);
    expect(hashed(rule, input)).toBe(normalised === undefined ? undefined : sha256(normalised));
  });

  it('has for TikTok the hash of a phone with its plus, and without one for Meta', () => {
    const withPlus = '00a63bd0437d6ca0fa7b95c00ab2e7c020faa71440e5246750d6b517689e6777';
    for (const phone of ['12345678901234', '+1 234 567 890 1234']) expect(hashed(TIKTOK.phone, phone)).toBe(withPlus);
    expect(hashed(META.ph, '12345678901234')).not.toBe(withPlus);
  });

  it('outside the USA keeps names of states and whole postal codes', () => {
    expect(plain(META.st, 'California', 'MX')).toBe('california');
    expect(plain(META.zp, '01310-1000', 'BR')).toBe('013101000');
    expect(plain(META.st, 'California', 'United States')).toBe('ca');
  });

  it('S44 has one hash however its accents are written, and in scripts without capitals', () => {
    const VALERY = '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c';
    for (const name of ['Val\u00e9ry', 'Vale\u0301ry', ' VAL\u00c9RY ']) expect(hashed(META.fn, name)).toBe(VALERY);
    const ahmad = '\u0623\u062d\u0645\u062f';
    for (const name of [ahmad, '\u0627\u0654\u062d\u0645\u062f']) {
      expect(hashed(META.fn, name)).toBe(sha256(ahmad));
      expect(hashed(GOOGLE.given_name, name)).toBe(sha256(ahmad));
    }
  });

  it('that is a hash already passes in lower case and is not hashed again', () => {
    const hash = sha256('jane@example.com');
    expect(hashed(META.em, ` ${hash.toUpperCase()} `)).toBe(hash);
    expect(plain(GOOGLE.city, hash)).toBeUndefined();
  });

  it('that is nothing, or the hash of nothing, has no hash', () => {
    for (const rule of Object.values(rules).flatMap((table) => Object.values(table))) {
      expect(hashed(rule, '')).toBeUndefined();
      expect(hashed(rule, '   ')).toBeUndefined();
      expect(hashed(rule, sha256(''))).toBeUndefined();
      expect(hashed(rule, undefined)).toBeUndefined();
    }
  });

  it('that is longer than anybody’s is left out, whatever somebody typed to keep the rules at work', () => {
    for (const rule of Object.values(rules).flatMap((table) => Object.values(table)))
      for (const text of [`Ann${' v'.repeat(10_000)}`, `Ann${' '.repeat(10_000)}b`, `1${'0'.repeat(10_000)}`]) {
        expect(hashed(rule, text)).toBeUndefined();
        expect(plain(rule, text)).toBeUndefined();
      }
    expect(plain(GOOGLE_ADS.family_name, `Ann${' v'.repeat(400)}`)).toBe('ann');
  });
});

const file = new URL('../../../shared/vectors/normalisation.json', import.meta.url);
/** Whose rules the vectors of each name are. */
const VENDORS = new Map([
  ['meta', 'meta'],
  ['google', 'google'],
  ['google_mp', 'google'],
  ['google_dm', 'google_ads'],
]);
/** No event has a birthday or a gender. */
const NOT_OURS = ['db', 'ge'];
const Vectors = z.array(
  z.object({
    dest: z.string(),
    field: z.string(),
    input: z.string(),
    normalized: z.string().nullable(),
    sha256: z.string().nullable(),
  }),
);

describe.skipIf(!existsSync(file))('the vendors’ vectors (skipped where ../shared/vectors is absent)', () => {
  const all = existsSync(file) ? Vectors.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
  const ours = all
    .filter(({ dest, field }) => VENDORS.has(dest) && !NOT_OURS.includes(field))
    .map((vector) => [vector.dest, vector.field, vector.input, vector] as const);

  it.each(ours)('%s %s "%s" has the published form and hash', (dest, field, input, vector) => {
    const rule = ruleOf(VENDORS.get(dest) ?? '', field);
    expect(plain(rule, input) ?? null).toBe(vector.normalized);
    expect(hashed(rule, input) ?? null).toBe(vector.sha256);
  });
});
