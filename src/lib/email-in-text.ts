// Whether an e-mail address stands in a text, which must not travel along.

/** How addresses write the sign: URL-encoded, also more than once, and in the width of Chinese or Japanese letters. */
const AT = /%(?:25)*40|＠/g;

/** True when an e-mail address stands somewhere in the text, plain or URL-encoded. */
export function hasEmail(text: string): boolean {
  if (!text.includes('@') && !text.includes('%') && !text.includes('＠')) return false;
  return /[^\s@]@[^\s@]+\.[^\s@]/.test(text.replace(AT, '@'));
}
