// Tokens of sessions and one-time links: 256 random bits for the browser, a hash of them for the database.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/hash.ts';

export const newToken = (): string => randomBytes(32).toString('base64url');

/** What is kept of a token. */
export const tokenHash = (token: string): string => sha256(`token ${token}`);

/** The token that forms of a session carry: whoever knows it knows the session already. */
export const formToken = (token: string): string => createHash('sha256').update(`form ${token}`).digest('base64url');

export function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
