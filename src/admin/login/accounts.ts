// Who is who: logging in, one-time links, sessions and passwords, as pages, links and the command line need them.
import type { Keep } from '../../keep/keep.ts';
import type { Role, User } from '../../keep/questions/users.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Clock } from '../../types.ts';
import type { Visitor } from '../route.ts';
import { createPasswords } from './password.ts';
import { createThrottle } from './throttle.ts';
import { formToken, newToken, tokenHash } from './tokens.ts';

const LINK_MS = 15 * MINUTE_MS;
const IDLE_MS = 30 * MINUTE_MS;
const ABSOLUTE_MS = 12 * HOUR_MS;
/** How exactly the last use of a session is noted. */
const TOUCH_MS = MINUTE_MS;

export type AccountsParts = {
  keep: Pick<
    Keep,
    | 'findUser'
    | 'addFirstAdmin'
    | 'setPasswordByLink'
    | 'setPassword'
    | 'findLink'
    | 'addLink'
    | 'startSession'
    | 'findSession'
    | 'touchSession'
    | 'endSession'
    | 'endSessionsOf'
    | 'takeTry'
    | 'clearTries'
  >;
  now: Clock;
  newId: () => string;
};
export type Accounts = ReturnType<typeof createAccounts>;
export type LoggedIn = { token: string; user: Pick<User, 'id' | 'email'> };

export const asEmail = (text: string): string => text.trim().toLowerCase();
/** Good enough to tell an address from a slip of the hand. */
export const isEmail = (text: string): boolean => text.length <= 200 && /^[^\s@]+@[^\s@]+$/.test(text);

/** Makes a one-time link's token for a user, or for the first admin; older ones of the same user stop working. */
export async function makeLink(
  { addLink }: Pick<Keep, 'addLink'>,
  now: number,
  user?: { id: string },
): Promise<{ path: string; expires_at: number }> {
  const token = newToken();
  const expires_at = now + LINK_MS;
  await addLink({ token_hash: tokenHash(token), expires_at, ...(user && { user_id: user.id }) }, now);
  return { path: `/welcome/${token}`, expires_at };
}

export function createAccounts({ keep, now, newId }: AccountsParts) {
  const passwords = createPasswords();
  const throttle = createThrottle({ keep, now });
  const limits = () => ({ idle: now() - IDLE_MS, absolute: now() - ABSOLUTE_MS });
  const begin = async (user: LoggedIn['user']): Promise<LoggedIn> => {
    const token = newToken();
    await keep.startSession({ token_hash: tokenHash(token), user_id: user.id, now: now() }, limits());
    return { token, user };
  };

  return {
    /** A new session, `undefined` for a wrong e-mail or password, or how many milliseconds to wait. */
    logIn: async (email: string, password: string, address: string): Promise<LoggedIn | undefined | number> => {
      const wait = await throttle.take(address, email);
      if (wait > 0) return wait;
      const found = await keep.findUser(email);
      if (!(await passwords.matches(password, found?.password)) || found === undefined) return undefined;
      await throttle.clear(email);
      return begin(found.user);
    },

    /** Whoever a link is for, or how many milliseconds to wait, or undefined when it does not work any more. */
    openLink: async (token: string, address: string): Promise<User | 'first' | undefined | number> => {
      const wait = await throttle.take(address);
      return wait > 0 ? wait : keep.findLink(tokenHash(token), now());
    },
    /** Makes the first admin. Undefined when the link does not work any more. */
    becomeFirst: async (token: string, email: string, password: string): Promise<LoggedIn | undefined> => {
      const user = { id: newId(), email };
      const hash = await passwords.hash(password);
      const done = await keep.addFirstAdmin(tokenHash(token), { ...user, password: hash, now: now() });
      return done ? begin(user) : undefined;
    },
    /** Sets a user's password by a link and lets the user in. Undefined when the link does not work any more. */
    useLink: async (token: string, user: User, password: string): Promise<LoggedIn | undefined> => {
      const hash = await passwords.hash(password);
      const done = await keep.setPasswordByLink(tokenHash(token), { user_id: user.id, password: hash, now: now() });
      if (!done) return undefined;
      await throttle.clear(user.email);
      return begin(user);
    },
    /** Ends all sessions of the user and starts a new one; undefined for a wrong password, or how long to wait. */
    changePassword: async (
      { id, email }: User,
      given: { old: string; new: string },
      address: string,
    ): Promise<LoggedIn | undefined | number> => {
      const wait = await throttle.take(address, email);
      if (wait > 0) return wait;
      const found = await keep.findUser(email);
      if (!(await passwords.matches(given.old, found?.password))) return undefined;
      await keep.setPassword(id, await passwords.hash(given.new));
      await throttle.clear(email);
      return begin({ id, email });
    },

    /** How many milliseconds an address is to wait before the next try. */
    takeTry: (address: string): Promise<number> => throttle.take(address),
    /** Lets somebody in who was proven elsewhere. */
    enter: begin,

    /** Whose session a token names. With `touch` the session counts as used now. */
    visitorOf: async (token: string | undefined, touch: boolean): Promise<Visitor | undefined> => {
      if (token === undefined) return undefined;
      const session = await keep.findSession(tokenHash(token), limits());
      if (session === undefined) return undefined;
      // A database that takes no writes is one that people look at: they need not be noted for it.
      if (touch && now() - session.seen_at >= TOUCH_MS)
        await keep.touchSession(tokenHash(token), now()).catch(() => undefined);
      return { user: session.user, token, csrf: formToken(token) };
    },
    logOut: (token: string): Promise<void> => keep.endSession(tokenHash(token)),
    logOutEverywhere: (user: User): Promise<void> => keep.endSessionsOf(user.id),
    newLink: (user: User) => makeLink(keep, now(), user),
  };
}

/** What people are told a role may do. */
export const ROLE_HELP: Record<Role, string> = {
  admin: 'sees everything, replays, pauses, and manages people',
  viewer: 'sees everything with personal data hidden, changes nothing',
  sales: 'enters phone orders, sees no other page',
};
