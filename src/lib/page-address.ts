// Addresses of pages as they may be told to others: without the keys and tokens that open an order, an account or a shop.

/** Names of parameters whose values let in whoever has them. */
const KEY =
  /(?:key|token|password|passwd|secret|signature|nonce|hmac|jwt)\]?$|^(?:auth|code|otp|pass|pwd|reset|session_id|sig)$/i;
/** Pages whose path goes on with a token, as far as it may be told. */
const OPENED =
  /(\/(?:account\/(?:activate|reset|login\/multipass|order)|cart\/c|checkouts|gift_cards|invoices|orders|(?:reset|forgot)[-_]?password|password\/(?:edit|reset)))\/.*/is;
const SIGNED_IN = /^(https?:\/\/)[^/?#]*@/i;

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isKey(parameter: string): boolean {
  const at = parameter.indexOf('=');
  return at < parameter.length - 1 && KEY.test(decoded(parameter.slice(0, Math.max(at, 0))));
}

/** A parameter that is a key, or an address with one in it to go on to. */
function opens(parameter: string): boolean {
  const value = decoded(parameter.slice(parameter.indexOf('=') + 1));
  const isAddress = /^(?:https?:|\/)/i.test(value);
  return isKey(parameter) || (isAddress && (OPENED.test(value) || value.split(/[?&#]/).some(isKey)));
}

/** What is left of a query or a fragment, behind its mark. */
function kept(mark: '?' | '#', part: string | undefined): string {
  if (part === undefined) return '';
  const parameters = part.split('&');
  const harmless = parameters.filter((parameter) => !opens(parameter));
  return harmless.length === 0 ? '' : `${mark}${harmless.join('&')}`;
}

/** The address with everything else in it as it was, click ids and campaigns above all. */
export function withoutKeys(address: string): string {
  const [, page = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(address) ?? [];
  return page.replace(SIGNED_IN, '$1').replace(OPENED, '$1') + kept('?', query) + kept('#', fragment);
}
