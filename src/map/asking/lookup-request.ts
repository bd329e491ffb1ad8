// Look-ups as requests, and replies as answers: pure, so that every word of a vendor's refusal can be tested.
import { hash } from 'node:crypto';
import { tableOf } from '../../lib/table.ts';
import type { GetRequest, HttpRequest, Reply } from '../../types.ts';
import { parseBody } from '../body.ts';
import type { Auth } from '../schema/lookup.ts';
import type { Asked, Found } from './lookup.ts';
import { settingsOf } from './lookup-compile.ts';

/** The most bytes of an answer that are read; an order with thousands of lines has fewer. */
export const ANSWER_BYTES = 2_000_000;

type Settings = Readonly<Record<string, unknown>>;

/** `again` may be answered another time; `refused` will not be until somebody mends the credentials. */
export type Read = Found | { again: string; after?: number } | { refused: string };

const text = (settings: Settings, name: string): string => String(settings[name] ?? '');
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Names of the settings that credentials are read from. */
export const settingNames = (auth: Asked['auth']): string[] => (auth === undefined ? [] : settingsOf(auth));

/** Whose limits and whose refusals these are: the host together with the credentials, which are not readable in it. */
export function accountOf({ auth, url }: Asked, settings: Settings): string {
  const credentials = settingNames(auth).map((name) => text(settings, name));
  return `${new URL(url).host} ${hash('sha256', credentials.join('\n'), 'base64url').slice(0, 16)}`;
}

/** The header that shows that we may ask; none where that stands in the URL. */
function proofOf(auth: Auth, settings: Settings, token = ''): Record<string, string> {
  if ('query' in auth) return {};
  if ('header' in auth) return { [auth.header]: text(settings, auth.value) };
  if ('basic' in auth) {
    const [user, password] = auth.basic;
    return { authorization: basic(text(settings, user), text(settings, password)) };
  }
  const { prefix = 'Bearer' } = auth;
  if ('bearer' in auth) return { authorization: `${prefix} ${text(settings, auth.bearer)}` };
  return auth.token_header === undefined ? { authorization: `${prefix} ${token}` } : { [auth.token_header]: token };
}

/** The request of a question; `token` is the one that was given out, where the look-up needs one. */
export function requestOf(asked: Asked, settings: Settings, token: string | undefined): GetRequest | HttpRequest {
  const { auth } = asked;
  const url = new URL(asked.url);
  const proof = auth === undefined ? {} : proofOf(auth, settings, token);
  const headers = { accept: 'application/json', ...asked.lookup.headers, ...proof };
  if (auth !== undefined && 'query' in auth) url.searchParams.set(auth.query, text(settings, auth.value ?? auth.query));
  if (asked.method === 'GET') return { method: 'GET', url: url.href, headers };
  return {
    method: 'POST',
    url: url.href,
    headers: { ...headers, 'content-type': 'application/json' },
    body: asked.body ?? '{}',
  };
}

/** The request for a token by RFC 6749, section 4.4 or 6; undefined where the look-up needs none. */
export function tokenRequestOf({ auth, tokenUrl }: Asked, settings: Settings): HttpRequest | undefined {
  if (auth === undefined || !('oauth' in auth) || tokenUrl === undefined) return undefined;
  const { client_id, client_secret, refresh_token, credentials } = auth.oauth;
  const client = { client_id: text(settings, client_id), client_secret: text(settings, client_secret) };
  const grant =
    refresh_token === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: text(settings, refresh_token) };
  return {
    method: 'POST',
    url: tokenUrl,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(credentials === 'basic' && { authorization: basic(client.client_id, client.client_secret) }),
    },
    body: new URLSearchParams({ ...grant, ...(credentials === 'body' && client) }).toString(),
  };
}

/**
 * What a reply of an API means, in words that say what to do about it. `settings` are the names of what it was asked with,
 * `limit` the most bytes that were taken of it, `of` what was asked for.
 */
export function readReply(
  reply: Reply,
  settings: readonly string[],
  after: number | undefined,
  { limit, of }: { limit: number; of: 'record' | 'list' } = { limit: ANSWER_BYTES, of: 'record' },
): Read {
  if ('failure' in reply)
    return reply.failure === 'forbidden_address'
      ? { lacks: `it may not be asked: ${reply.detail}` }
      : { again: `no answer (${reply.failure})` };
  const { status } = reply;
  const given = settings.length === 0 ? 'the request' : settings.join(' and ');
  if (status === 401)
    return {
      refused: `${given} ${settings.length > 1 ? 'were' : 'was'} refused (401): wrong, expired or revoked; put a valid one into the store's settings`,
    };
  if (status === 403)
    return { refused: `${given} may not read this (403): give it the right to read (its scopes) where it was made` };
  if (status === 429 || status >= 500 || status === 408)
    return { again: `the API answers ${status}`, ...(after !== undefined && { after }) };
  if (status === 404 || status === 410) return { lacks: `there is no such ${of} (${status})` };
  // Some APIs say so of a list in which nothing is.
  if (status === 204) return of === 'list' ? { answer: [] } : { lacks: 'the API has nothing about it (204)' };
  if (of === 'list' && status >= 300 && status < 400)
    return {
      lacks: `the API sends elsewhere (${status}): check the domain in the store's settings, with or without www`,
    };
  if (status < 200 || status > 299) return { lacks: `the API does not take the question (${status})` };
  if (reply.cut === 'broken') return { again: 'the answer broke off' };
  if (reply.cut === 'limit') return { lacks: `the answer is larger than ${limit / 1_000_000} MB`, isTooLarge: true };
  const parsed = parseBody(Buffer.from(reply.body), reply.headers['content-type']);
  return 'value' in parsed ? { answer: parsed.value } : { lacks: `the answer cannot be read: ${parsed.problem}` };
}

/** Is it the key that keeps from an answer, or what it may do? By the words of `readReply` and `readToken`. */
export const isRefusal = (reason: string): boolean => /\b(?:was|were) refused\b|\bmay not read\b/.test(reason);

/** The token in a reply and how many milliseconds it is good for; some vendors refuse with status 200. */
export function readToken(
  reply: Reply,
  settings: readonly string[],
  after: number | undefined,
): { token: string; lasts: number } | Exclude<Read, { answer: unknown }> {
  // A token endpoint says 400 where the client or its refresh token is wrong (RFC 6749, section 5.2).
  const wrong = { refused: `${settings.join(', ')} were refused: one of them is wrong, expired or revoked` };
  if ('status' in reply && reply.status === 400) return wrong;
  const read = readReply(reply, settings, after);
  if (!('answer' in read)) return read;
  const { access_token, expires_in } = tableOf(read.answer);
  if (typeof access_token !== 'string') return wrong;
  return { token: access_token, lasts: (Number(expires_in) > 0 ? Number(expires_in) : 300) * 1_000 };
}
