// Texts that leave the house: cut to a vendor's limit, and checked for e-mail addresses that must not travel along.
import { hasEmail } from '../lib/email-in-text.ts';

/** The first `limit` UTF-16 units, never half a character. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}

/** The address of a page, as a browser would have it in its address line. */
export function pageUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:/i.test(url) && URL.canParse(url) ? url : undefined;
}

/** The address of a page without its query when that carries an e-mail address; undefined when the path does too. */
export function urlWithoutEmail(given: string | undefined): string | undefined {
  const url = pageUrl(given);
  if (url === undefined || !hasEmail(url)) return url;
  const path = url.replace(/[?#].*$/s, '');
  return hasEmail(path) ? undefined : path;
}
