// API tokens: made once, shown once, and told from guesses in constant time.
import { randomBytes } from 'node:crypto';
import type { Keep } from '../../keep/keep.ts';
import type { Scope, Token } from '../../keep/questions/tokens.ts';
import type { Clock } from '../../types.ts';
import { createThrottle } from '../login/throttle.ts';
import { newToken, sameText, tokenHash } from '../login/tokens.ts';

export type TokensParts = {
  keep: Pick<Keep, 'addToken' | 'findToken' | 'touchToken' | 'takeTry' | 'clearTries'>;
  now: Clock;
};
export type Tokens = ReturnType<typeof createTokens>;
/** `expires_at` in milliseconds since 1970. */
export type TokenWish = Pick<Token, 'name' | 'scopes' | 'stores' | 'expires_at'>;
/** Whose request it is, or why it is nobody's; `throttled` says for how many milliseconds. */
export type Bearer =
  | { kind: 'known'; token: Token }
  | { kind: 'missing' }
  | { kind: 'wrong' }
  | { kind: 'expired'; since: number }
  | { kind: 'throttled'; wait: number };

/** How exactly the last use is noted. */
const TOUCH_MS = 60_000;
/** Scanners for leaked secrets know it by its beginning; the id is no secret and tells one token from another. */
const FORM = /^tagbridge_([0-9a-f]{12})_([\w-]{43})$/;
const LONGEST_NAME = 60;

/** What people are told a scope allows. */
export const SCOPE_HELP: Record<Scope, string> = {
  read: 'sees lists, traces, figures, sources and destinations, with personal data hidden',
  act: 'maps and sends again, pauses and resumes',
  personal_data: 'may ask for personal data, which is noted each time',
  audit: 'reads who did what',
  phone_orders: 'enters phone orders and phone leads',
};

/** Why a token is not made as wished, in words; undefined when it can be. */
export function refuseWish({ name, scopes, expires_at }: TokenWish, now: number): string | undefined {
  if (name === '' || name.length > LONGEST_NAME) return `Give it a name of at most ${LONGEST_NAME} characters.`;
  if (/\p{Cc}/u.test(name)) return 'The name has characters that cannot be seen.';
  if (scopes.length === 0) return 'Say what it may do.';
  return expires_at !== undefined && expires_at <= now ? 'It would have expired already.' : undefined;
}

export const newTokenId = (): string => randomBytes(6).toString('hex');

/**
 * Makes and keeps a token; what it answers is shown once and can never be read again. Where one was made under this id before it
 * is not new, and the secret is nobody's.
 */
export async function makeToken(
  { addToken }: Pick<Keep, 'addToken'>,
  wish: TokenWish,
  by: { created_by: string; created_at: number },
  id = newTokenId(),
): Promise<{ id: string; secret: string; isNew: boolean }> {
  const secret = newToken();
  const isNew = await addToken({ id, ...wish, ...by, secret_hash: tokenHash(secret) });
  return { id, secret: `tagbridge_${id}_${secret}`, isNew };
}

export function createTokens({ keep, now }: TokensParts) {
  const throttle = createThrottle({ keep, now });
  return {
    /** Reads an `Authorization` header. Wrong tokens are counted with wrong passwords of the same address. */
    bearerOf: async (header: string | undefined, address: string): Promise<Bearer> => {
      const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
      if (given === undefined) return { kind: 'missing' };
      const [, id = '', secret = ''] = FORM.exec(given) ?? [];
      const found = await keep.findToken(id);
      // Compared also where there is none, so that the time tells nothing about ids.
      if (!sameText(tokenHash(secret), found?.secret_hash ?? '') || found === undefined) {
        const wait = await throttle.take(address);
        return wait > 0 ? { kind: 'throttled', wait } : { kind: 'wrong' };
      }
      const { token } = found;
      const at = now();
      if (token.expires_at !== undefined && token.expires_at <= at) return { kind: 'expired', since: token.expires_at };
      // What only reads goes on while the database takes no writes.
      if (at - (token.used_at ?? 0) >= TOUCH_MS) await keep.touchToken(token.id, at).catch(() => undefined);
      return { kind: 'known', token };
    },
  };
}

/** How a token stands in the audit. */
export const actorOf = ({ id, name }: Pick<Token, 'id' | 'name'>): string => `token ${id} (${name})`;
