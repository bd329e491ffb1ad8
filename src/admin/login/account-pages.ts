// A person's own page: changing the password, logging out here and everywhere.
import { type Html, html } from '../html.ts';
import { ALL, type Asked, type Audit, page, type Route, withSession } from '../route.ts';
import { complaint, csrfField } from '../view/parts.ts';
import { type Accounts, ROLE_HELP } from './accounts.ts';
import { passwordFields } from './login-pages.ts';
import { refusePassword } from './password.ts';

function accountPage({ visitor }: Asked, said?: string): Html {
  const { email, role } = visitor.user;
  return html`<h1>Your account</h1>
${said !== undefined && complaint(said)}
<p>You are logged in as <strong>${email}</strong>. Your role is <strong>${role}</strong>: ${ROLE_HELP[role]}.</p>
<section class="narrow left">
  <h2>Change the password</h2>
  <form method="post" action="/account/password" class="stack">
    ${csrfField(visitor)}
    <input type="hidden" name="username" value="${email}" autocomplete="username">
    <label>The password you have <input name="old" type="password" autocomplete="current-password" required></label>
    ${passwordFields}
    <button class="primary">Change the password</button>
  </form>
  <p class="quiet">This logs you out on all other devices.</p>
  <h2>Log out everywhere</h2>
  <form method="post" action="/account/everywhere">${csrfField(visitor)}<button>Log out on all devices</button></form>
</section>`;
}

export function accountRoutes({ accounts, audit }: { accounts: Accounts; audit: Audit }): Route[] {
  return [
    {
      method: 'get',
      path: '/account',
      roles: ALL,
      answer: (asked) => page('Your account', accountPage(asked)),
    },
    {
      method: 'post',
      path: '/account/password',
      roles: ALL,
      answer: async (asked) => {
        const { form, visitor, address } = asked;
        const { user } = visitor;
        const again = (said: string, status: number) => page('Your account', accountPage(asked, said), { status });
        const password = form.get('password') ?? '';
        const refused = refusePassword(password, form.get('again') ?? '', user.email);
        if (refused !== undefined) return again(refused, 400);
        const result = await accounts.changePassword(user, { old: form.get('old') ?? '', new: password }, address);
        if (typeof result === 'number')
          return page('Your account', accountPage(asked, 'Too many tries. Please wait a minute.'), {
            status: 429,
            retryAfter: Math.ceil(result / 1000),
          });
        if (result === undefined) return again('The password you have is another one.', 400);
        await audit({ actor: user.email, action: 'password changed', detail: user.id });
        return withSession('/account?done=password', result.token);
      },
    },
    {
      method: 'post',
      path: '/account/everywhere',
      roles: ALL,
      answer: async ({ visitor }) => {
        await accounts.logOutEverywhere(visitor.user);
        await audit({ actor: visitor.user.email, action: 'logged out everywhere', detail: visitor.user.id });
        return withSession('/login', undefined);
      },
    },
    {
      method: 'post',
      path: '/logout',
      roles: ALL,
      answer: async ({ visitor }) => {
        await accounts.logOut(visitor.token);
        return withSession('/login', undefined);
      },
    },
  ];
}
