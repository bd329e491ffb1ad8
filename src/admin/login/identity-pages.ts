// Logging in by an identity provider: off to it, and back with who somebody is and which role that gives.
import { z } from 'zod';
import type { Keep } from '../../keep/keep.ts';
import { ROLES, type Role, type User } from '../../keep/questions/users.ts';
import { describeError } from '../../lib/errors.ts';
import { readJson } from '../../lib/json.ts';
import type { Log } from '../../lib/log.ts';
import type { Clock } from '../../types.ts';
import { html } from '../html.ts';
import { type Answer, type Audit, type OpenRoute, page, redirect, withSession } from '../route.ts';
import { link } from '../view/parts.ts';
import { type Accounts, asEmail, isEmail } from './accounts.ts';
import type { Attempt, Identity, IdentityProvider } from './identity.ts';
import { safePath } from './login-pages.ts';

export type IdentityPagesParts = {
  provider: IdentityProvider;
  /** People with e-mails of these domains are let in as viewers. */
  domains: readonly string[];
  keep: Pick<Keep, 'findUser' | 'addUser' | 'setRole'>;
  accounts: Accounts;
  audit: Audit;
  now: Clock;
  newId: () => string;
  log: Pick<Log, 'warn'>;
};

const Kept = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
const seal = (attempt: Attempt): string => Buffer.from(JSON.stringify(attempt)).toString('base64url');
const open = (text: string | undefined): Attempt | undefined =>
  readJson(Kept, Buffer.from(text ?? '', 'base64url').toString());

/** The role the provider's words give, the strongest first. */
const roleOf = ({ roles }: Identity): Role | undefined => ROLES.find((role) => roles.includes(role));
const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

const failed = (text: string, status: number, retryAfter?: number): Answer =>
  page(
    'Log in',
    html`<section class="narrow"><h1>The login did not work</h1><p role="alert">${text}</p><p><a href="/login">Try again</a></p></section>`,
    { status, ...(retryAfter !== undefined && { retryAfter }) },
  );

export function identityRoutes(parts: IdentityPagesParts): OpenRoute[] {
  const { provider, domains, keep, accounts, audit, now, newId, log } = parts;

  const tooMany = async (address: string): Promise<Answer | undefined> => {
    const wait = Math.ceil((await accounts.takeTry(address)) / 1000);
    return wait > 0 ? failed(`Too many tries. Please wait ${wait} seconds.`, 429, wait) : undefined;
  };

  const note = (email: string, action: string, id: string) =>
    audit({ actor: email, action, detail: `${id} by identity provider` });

  /** A user of the table keeps their role, unless the provider names one; others need a role or a domain. */
  const admit = async (email: string, identity: Identity): Promise<User | undefined> => {
    const found = (await keep.findUser(email))?.user;
    const named = roleOf(identity);
    if (found !== undefined) {
      if (named !== undefined && named !== found.role && (await keep.setRole(found.id, named)))
        await note(email, `role set to ${named}`, found.id);
      return found;
    }
    const role = named ?? (domains.includes(domainOf(email)) ? 'viewer' : undefined);
    if (role === undefined) return undefined;
    const id = newId();
    if (await keep.addUser({ id, email, role, created_at: now() })) await note(email, `user added as ${role}`, id);
    return (await keep.findUser(email))?.user;
  };

  const enter = async (identity: Identity, next: string): Promise<Answer> => {
    const email = asEmail(identity.email ?? '');
    if (!isEmail(email)) return failed('Your account there has no confirmed e-mail address.', 403);
    const user = await admit(email, identity);
    if (user === undefined) {
      await audit({ actor: email, action: 'login refused', detail: 'identity provider' });
      return failed(`${email} may not see these pages. An admin can add you on the people page.`, 403);
    }
    const { token } = await accounts.enter(user);
    await note(email, 'login', user.id);
    return withSession(next, token);
  };

  return [
    {
      method: 'get',
      path: '/login/identity',
      answer: async ({ query, address, visitor }) => {
        const next = safePath(query.get('next'));
        if (visitor !== undefined) return redirect(next);
        const refused = await tooMany(address);
        if (refused !== undefined) return refused;
        try {
          const { to, attempt } = await provider.begin(next);
          return { kind: 'leave', to, attempt: seal(attempt) };
        } catch (error) {
          log.warn({ error: describeError(error) }, 'admin.identity_failed');
          return failed(
            'The identity provider does not answer. Try again in a minute, or log in by password.',
            503,
            60,
          );
        }
      },
    },
    {
      method: 'get',
      path: '/login/identity/back',
      answer: async ({ query, address, attempt: kept, visitor }) => {
        const refused = await tooMany(address);
        if (refused !== undefined) return refused;
        const attempt = open(kept);
        if (attempt === undefined) return failed('It took too long, or began in another browser.', 400);
        try {
          const identity = await provider.finish(query, attempt);
          if (visitor !== undefined) await accounts.logOut(visitor.token);
          return await enter(identity, safePath(attempt.next));
        } catch (error) {
          log.warn({ error: describeError(error) }, 'admin.identity_failed');
          return failed('The answer of the identity provider does not fit; the log says why.', 400);
        }
      },
    },
  ];
}

/** Where the login page sends people to. */
export const identityLink = (next: string): string => link('/login/identity', { next });
