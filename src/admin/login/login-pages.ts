// The pages that need no login: logging in, and setting a password by a one-time link.
import { type Html, html } from '../html.ts';
import { type Answer, type Audit, type OpenRoute, page, redirect, withSession } from '../route.ts';
import { complaint, link } from '../view/parts.ts';
import { type Accounts, asEmail, isEmail } from './accounts.ts';
import { refusePassword, SHORTEST_PASSWORD } from './password.ts';

const WRONG = 'This e-mail and password do not go together.';

/** A path on this site, so that nobody can be led elsewhere after logging in. */
export function safePath(path: string | null): string {
  if (path === null || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path) || path.includes('\\')) return '/';
  return new URL(path, 'http://here.invalid').host === 'here.invalid' ? path : '/';
}

type Again = { said: string; email: string };
const waitText = (ms: number) => `Too many tries. Please wait ${Math.ceil(ms / 1000)} seconds and try again.`;

const tooMany = (title: string, content: Html, ms: number): Answer =>
  page(title, content, { status: 429, retryAfter: Math.ceil(ms / 1000) });

/** `other` is a way to log in without a password; `again` is what did not work. */
const loginForm = (next: string, other: OtherWay | undefined, again?: Again): Html => html`<section class="narrow">
  <h1>Log in</h1>
  ${again && complaint(again.said)}
  <form method="post" action="/login" class="stack">
    <input type="hidden" name="next" value="${next}">
    <label>E-mail <input name="email" type="email" value="${again?.email ?? ''}" autocomplete="username" required></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
    <button class="primary">Log in</button>
  </form>
  ${other && html`<p><a class="button" href="${other.href(next)}">Log in with ${other.name}</a></p>`}
  <p class="quiet">No password yet, or forgotten? An admin makes you a link on the people page, or with <code>tagbridge user link</code>.</p>
</section>`;

export const passwordFields = html`<label>New password, at least ${SHORTEST_PASSWORD} characters
    <input name="password" type="password" autocomplete="new-password" minlength="${SHORTEST_PASSWORD}" required></label>
  <label>The same again
    <input name="again" type="password" autocomplete="new-password" minlength="${SHORTEST_PASSWORD}" required></label>`;

const linkForm = (email: string | undefined, again?: Again): Html => html`<section class="narrow">
  <h1>${email === undefined ? 'Welcome to tagbridge' : 'Set your password'}</h1>
  ${again && complaint(again.said)}
  <form method="post" class="stack">
    ${
      email === undefined
        ? html`<p>You are the first one here, and will be its admin.</p>
          <label>Your e-mail <input name="email" type="email" value="${again?.email ?? ''}" autocomplete="username" required></label>`
        : html`<label>E-mail <input value="${email}" autocomplete="username" readonly></label>`
    }
    ${passwordFields}
    <button class="primary">Set the password</button>
  </form>
</section>`;

const goneLink = html`<section class="narrow">
  <h1>This link does not work any more</h1>
  <p>Links work once, for 15 minutes. An admin makes you a new one on the people page, or anybody on the server with
  <code>tagbridge user link E-MAIL</code>. The first admin gets one when the service starts again.</p>
  <p><a href="/login">To the login</a></p>
</section>`;
const gone = () => page('Link', goneLink, { status: 410 });

export type OtherWay = { name: string; href: (next: string) => string };
export type LoginParts = { accounts: Accounts; audit: Audit; other?: OtherWay | undefined };

export function loginRoutes({ accounts, audit, other }: LoginParts): OpenRoute[] {
  return [
    {
      method: 'get',
      path: '/login',
      answer: ({ query, visitor }) => {
        const next = safePath(query.get('next'));
        return visitor === undefined ? page('Log in', loginForm(next, other)) : redirect(next);
      },
    },
    {
      method: 'post',
      path: '/login',
      answer: async ({ form, address, visitor }) => {
        const next = safePath(form.get('next'));
        const email = asEmail(form.get('email') ?? '');
        const result = await accounts.logIn(email, form.get('password') ?? '', address);
        const of = link('/login', { next });
        if (typeof result === 'number')
          return { ...tooMany('Log in', loginForm(next, other, { said: waitText(result), email }), result), of };
        if (result === undefined)
          return page('Log in', loginForm(next, other, { said: WRONG, email }), { status: 401, of });
        if (visitor !== undefined) await accounts.logOut(visitor.token);
        await audit({ actor: result.user.email, action: 'login', detail: result.user.id });
        return withSession(next, result.token);
      },
    },
    {
      method: 'get',
      path: '/welcome/:token',
      answer: async ({ params, address }) => {
        const whose = await accounts.openLink(params.token ?? '', address);
        if (typeof whose === 'number') return tooMany('Link', complaint(waitText(whose)), whose);
        if (whose === undefined) return gone();
        return page('Set a password', linkForm(whose === 'first' ? undefined : whose.email));
      },
    },
    {
      method: 'post',
      path: '/welcome/:token',
      answer: async ({ params, form, address }) => {
        const token = params.token ?? '';
        const whose = await accounts.openLink(token, address);
        if (typeof whose === 'number') return tooMany('Link', complaint(waitText(whose)), whose);
        if (whose === undefined) return gone();
        const email = whose === 'first' ? asEmail(form.get('email') ?? '') : whose.email;
        const password = form.get('password') ?? '';
        const refused = isEmail(email)
          ? refusePassword(password, form.get('again') ?? '', email)
          : 'This is no e-mail.';
        const shown = whose === 'first' ? undefined : email;
        if (refused !== undefined)
          return page('Set a password', linkForm(shown, { said: refused, email }), { status: 400 });
        const result =
          whose === 'first'
            ? await accounts.becomeFirst(token, email, password)
            : await accounts.useLink(token, whose, password);
        if (result === undefined) return gone();
        await audit({ actor: email, action: 'password set by link', detail: result.user.id });
        return withSession('/', result.token);
      },
    },
  ];
}
