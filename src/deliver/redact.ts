// Makes a receiver's words fit to be kept and shown: short, one line, without what may be a person's or a secret.

import { LRUCache } from 'lru-cache';

const READ = 2_000;
const KEPT = 300;

/** In this order: what is named a secret, then what looks like one, then what identifies a person. Repeats are bounded, so time is too. */
const HIDDEN: readonly (readonly [RegExp, string | ((run: string) => string)])[] = [
  [/\b(bearer|basic)\s{1,4}[^\s"',;]{1,2000}/gi, '$1 [secret]'],
  [
    /\b([a-z_-]{0,40}(?:secret|token|password|signature|api[_-]?key|proof))(["']?[=:]["']?|["']\s{0,4}:\s{0,4}["'])[^\s"'&,;}]{1,2000}/gi,
    '$1$2[secret]',
  ],
  [/[^\s@<>"'(),;:=&]{1,64}(?:@|%40|\\u0040|&#64;)[^\s@<>"'(),;:=&]{1,255}/gi, '[e-mail]'],
  [/[\w+/~-]{24,2000}={0,2}/g, (run) => (/\d/.test(run) ? '[secret]' : run)],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]'],
  [/\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]{0,30}/gi, '[address]'],
  [/\+?\d(?:[\s().-]{0,2}\d){8,30}/g, '[number]'],
];

/** The text as a reason: at most 300 characters of one line, with e-mails, tokens, addresses and long numbers hidden. */
export const redact = (text: string): string => {
  const clean = HIDDEN.reduce(
    (rest, [pattern, mark]) => (typeof mark === 'string' ? rest.replace(pattern, mark) : rest.replace(pattern, mark)),
    text.slice(0, READ),
  )
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return clean.length > KEPT ? `${clean.slice(0, KEPT - 1)}…` : clean;
};

/** `redact` that remembers short texts: most are a destination's own words and come again with every event. */
export const createRedact = (): ((text: string) => string) => {
  const known = new LRUCache<string, string>({ max: 200, memoMethod: redact });
  return (text) => (text.length > KEPT ? redact(text) : known.memo(text));
};
