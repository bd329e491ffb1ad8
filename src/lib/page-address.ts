// Addresses of pages as they may be told to others: without the keys and tokens that open an order, an account or a shop,
// and without what tells who somebody is, for which receivers drop the event.
import { hasEmail } from './email-in-text.ts';

/** Names of parameters whose values let in whoever has them; _bt opens a shop that is closed by a password. */
const KEY =
  /(?:key|token|password|passwd|secret|signature|nonce|hmac|jwt)\]?$|^(?:_bt|auth|code|otp|pass|pwd|reset|session_id|sig)$/i;
/** Names of parameters by which links fill in a form or a checkout for somebody. */
const PERSONAL =
  /address|(?:^|[^a-z])(?:e-?mail|(?:tele)?phone(?:[-_]?number)?|tel|mobile|msisdn|dob|birth[-_]?(?:day|date)|(?:first|last|full|family|given|sur|f|l)[-_]?name)(?:[^a-z]|$)/i;
/** Pages whose path goes on with a token, as far as it may be told. */
const OPENED =
  /(\/(?:account\/(?:activate|reset|login\/multipass|order)|cart\/c|checkouts|gift_cards|invoices|orders|(?:reset|forgot)[-_]?password|password\/(?:edit|reset)))\/.*/is;
const SIGNED_IN = /^(https?:\/\/)[^/?#]*@/i;
const HOST = /^(https?:\/\/[^/]*)?(.*)$/is;

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isSecret(parameter: string): boolean {
  const at = parameter.indexOf('=');
  const name = decoded(parameter.slice(0, Math.max(at, 0)));
  return at < parameter.length - 1 && (KEY.test(name) || PERSONAL.test(name));
}

/** A parameter that is secret, has an e-mail address in it, or an address with a secret one to go on to. */
function givesAway(parameter: string): boolean {
  const value = decoded(parameter.slice(parameter.indexOf('=') + 1));
  const isAddress = /^(?:https?:|\/)/i.test(value);
  return (
    isSecret(parameter) ||
    hasEmail(parameter) ||
    (isAddress && (OPENED.test(value) || value.split(/[?&#]/).some(isSecret)))
  );
}

/** What is left of a query or a fragment, behind its mark. */
function kept(mark: '?' | '#', part: string | undefined): string {
  if (part === undefined) return '';
  const parameters = part.split('&');
  const harmless = parameters.filter((parameter) => !givesAway(parameter));
  return harmless.length === 0 ? '' : `${mark}${harmless.join('&')}`;
}

/** What is left of a path: no part of it is an e-mail address. */
function keptPath(path: string): string {
  const parts = hasEmail(path) ? path.split('/').filter((part) => !hasEmail(part)) : [path];
  return parts.join('/').replace(OPENED, '$1');
}

/** The address with everything else in it as it was, click ids and campaigns above all. */
export function withoutSecrets(address: string): string {
  const [, page = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(address) ?? [];
  const [, host = '', path = ''] = HOST.exec(page.replace(SIGNED_IN, '$1')) ?? [];
  return host + keptPath(path) + kept('?', query) + kept('#', fragment);
}
