// Tokens for receivers that want one: got by OAuth 2.0, remembered until shortly before they end, asked for once at a time.
import { importPKCS8, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import * as oauth from 'openid-client';
import { sha256 } from '../lib/hash.ts';
import type { Clock, Grant, GrantRefusal, Reply } from '../types.ts';
import type { Http, SendOptions } from './http.ts';

/** A token; or why there is none, which a person has to see to where it was `refused`. */
export type Given = { token: string } | { refused: GrantRefusal } | { failed: string };
export type Tokens = {
  get: (grant: Grant, options: SendOptions) => Promise<Given>;
  /** The receiver did not take this token: the next one is asked for anew. */
  forget: (grant: Grant, token: string) => void;
};

/** Renewed this long before they end, so that none ends on its way. */
const MARGIN_MS = 60_000;
const LEAST_MS = 1_000;
const ASSERTION_SECONDS = 3_600;
const REMEMBERED = 1_000;
/** How long a token lasts whose giver does not say. */
const UNTOLD_SECONDS = 300;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Answers that have no body, which a Response must not be given either. */
const EMPTY = new Set([204, 205, 304]);

/** The signed statement by which a service asks for a token. https://www.rfc-editor.org/rfc/rfc7523#section-3 */
async function assertionOf(grant: Grant & { kind: 'assertion' }, now: number): Promise<string> {
  const { audience, client, key, key_id, scope } = grant;
  const seconds = Math.floor(now / 1000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(key_id !== undefined && { kid: key_id }) })
    .setIssuer(client)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_SECONDS)
    .sign(await importPKCS8(key, 'RS256'));
}

const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/** What a try that gave no token came to, by what was answered and by OAuth's own word for it. */
function failure(reply: Reply | undefined, error: unknown): Given {
  if (reply === undefined) return { refused: { error: 'unusable_credentials', status: 0 } };
  if ('failure' in reply) return { failed: `the server that gives tokens could not be reached (${reply.failure})` };
  const { status, cut } = reply;
  if (cut === 'broken') return { failed: 'the answer of the server that gives tokens broke off' };
  if (isPassing(status)) return { failed: `the server that gives tokens answered ${status}` };
  if (error instanceof oauth.ResponseBodyError) return { refused: { error: error.error, status } };
  if (status >= 200 && status < 300) return { failed: 'the server that gives tokens answered without one' };
  // A proxy or a page to log in, in between, answers with what it likes: that passes without a new token.
  if (!reply.body.trimStart().startsWith('{'))
    return { failed: `the server that gives tokens answered ${status}, and not as such servers do` };
  return { refused: { error: 'no_reason_given', status } };
}

export const createTokens = ({ http, now }: { http: Pick<Http, 'send'>; now: Clock }): Tokens => {
  const known = new LRUCache<string, string>({ max: REMEMBERED, perf: { now }, ttlResolution: 0 });
  const asking = new Map<string, Promise<Given>>();
  const keyOf = (grant: Grant): string => sha256(JSON.stringify(grant));

  /** A client of the library whose requests go the way of all others, so that the same addresses are refused. */
  const clientOf = (grant: Grant, options: SendOptions, onReply: (reply: Reply) => void): oauth.Configuration => {
    const { endpoint, issuer } = grant;
    const server = { issuer, token_endpoint: endpoint };
    const [id, proof] =
      grant.kind === 'refresh_token'
        ? [grant.client_id, oauth.ClientSecretPost(grant.client_secret)]
        : // The assertion itself says who asks.
          [grant.client, () => undefined];
    const client = new oauth.Configuration(server, id, undefined, proof);
    if (endpoint.startsWith('http:')) oauth.allowInsecureRequests(client);
    client[oauth.customFetch] = async (url, { headers, body }) => {
      const reply = await http.send({ method: 'POST', url, headers, body: String(body ?? '') }, options);
      onReply(reply);
      if ('failure' in reply) throw new Error(reply.failure);
      return new Response(EMPTY.has(reply.status) ? null : reply.body, reply);
    };
    return client;
  };

  const ask = async (grant: Grant, options: SendOptions): Promise<Given> => {
    let reply: Reply | undefined;
    const client = clientOf(grant, options, (came) => {
      reply = came;
    });
    try {
      const given =
        grant.kind === 'refresh_token'
          ? await oauth.refreshTokenGrant(client, grant.refresh_token)
          : await oauth.genericGrantRequest(client, JWT_BEARER, { assertion: await assertionOf(grant, now()) });
      const lasts = (given.expires_in ?? UNTOLD_SECONDS) * 1_000 - MARGIN_MS;
      known.set(keyOf(grant), given.access_token, { ttl: Math.max(lasts, LEAST_MS) });
      return { token: given.access_token };
    } catch (error) {
      return failure(reply, error);
    }
  };

  return {
    get: (grant, options) => {
      const key = keyOf(grant);
      const token = known.get(key);
      if (token !== undefined) return Promise.resolve({ token });
      const running = asking.get(key);
      if (running !== undefined) return running;
      const started = ask(grant, options).finally(() => asking.delete(key));
      asking.set(key, started);
      return started;
    },
    forget: (grant, token) => {
      const key = keyOf(grant);
      if (known.peek(key) === token) known.delete(key);
    },
  };
};
