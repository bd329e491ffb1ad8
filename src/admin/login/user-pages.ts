// The people page of admins: who may see what, links for new passwords, roles.
import type { Keep } from '../../keep/keep.ts';
import { ROLES, type User } from '../../keep/questions/users.ts';
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { ADMIN, type Asked, type Audit, page, type Route, redirect } from '../route.ts';
import { complaint, csrfField, first, options, table, time } from '../view/parts.ts';
import { type Accounts, asEmail, isEmail, ROLE_HELP } from './accounts.ts';

export type UserPagesParts = {
  keep: Pick<Keep, 'listUsers' | 'addUser' | 'removeUser' | 'setRole'>;
  accounts: Accounts;
  audit: Audit;
  now: Clock;
  newId: () => string;
  /** Where people reach the pages. */
  origin: () => string;
};

const row = (user: User, asked: Asked): Html[] => {
  const own = user.id === asked.visitor.user.id;
  const csrf = csrfField(asked.visitor);
  return [
    html`${user.email}${own && html` <span class="tag">you</span>`}`,
    html`<form method="post" action="/people/${user.id}/role" class="row">${csrf}
    <select name="role" aria-label="Role of ${user.email}">${options(ROLES, user.role)}</select><button>Save</button></form>`,
    html`${user.ready ? 'has a password' : 'has no password yet'}, since ${time(user.created_at)}`,
    html`<div class="row"><form method="post" action="/people/${user.id}/link">${csrf}<button>New password link</button></form>
    <details class="confirm"><summary>Remove…</summary>
      <form method="post" action="/people/${user.id}/remove">${csrf}
        <p>${user.email} is logged out at once and cannot come back.</p><button class="danger">Remove</button></form>
    </details></div>`,
  ];
};

/** `added` is who was to be let in and was refused. */
const peoplePage = (
  asked: Asked,
  users: readonly User[],
  added: URLSearchParams,
  said?: Html,
): Html => html`<h1>People</h1>
${said}
${table(
  'People',
  ['E-mail', 'Role', 'State', html`<span class="hidden">Actions</span>`],
  users.map((user) => row(user, asked)),
)}
<h2>Let somebody in</h2>
<form method="post" action="/people" class="row fields">${csrfField(asked.visitor)}
  <label>E-mail <input name="email" type="email" value="${added.get('email') ?? ''}" autocomplete="off" required></label>
  <label>Role <select name="role">${options(ROLES, added.get('role') ?? 'viewer')}</select></label>
  <button class="primary">Add</button>
</form>
<ul class="quiet">${ROLES.map((role) => html`<li><strong>${role}</strong> ${ROLE_HELP[role]}</li>`)}</ul>`;

const linkNotice = (email: string, link: string) => html`<div class="notice good" role="status"${first}>
  <p>Give this link to ${email}. It works once, for 15 minutes, and is not shown again.</p>
  <p><input class="link" readonly value="${link}" aria-label="Link for ${email}"></p></div>`;

export function userRoutes({ keep, accounts, audit, now, newId, origin }: UserPagesParts): Route[] {
  const show = async (asked: Asked, said?: Html, status = 200) => {
    const added = status >= 400 && asked.path === '/people' ? asked.form : new URLSearchParams();
    return page('People', peoplePage(asked, await keep.listUsers(), added, said), { status });
  };
  const showLink = async (asked: Asked, user: User) => {
    const { path } = await accounts.newLink(user);
    await audit({ actor: asked.visitor.user.email, action: 'password link made', detail: user.id });
    return show(asked, linkNotice(user.email, origin() + path));
  };
  const named = async (asked: Asked) => (await keep.listUsers()).find(({ id }) => id === asked.params.id);
  const gone = (asked: Asked) => show(asked, complaint('There is nobody with this id any more.'), 404);
  const LAST = complaint('This is the last admin with a password; make another one first.');

  return [
    { method: 'get', path: '/people', roles: ADMIN, answer: (asked) => show(asked) },
    {
      method: 'post',
      path: '/people',
      roles: ADMIN,
      answer: async (asked) => {
        const email = asEmail(asked.form.get('email') ?? '');
        const role = ROLES.find((one) => one === asked.form.get('role'));
        if (!isEmail(email) || role === undefined) return show(asked, complaint('Give an e-mail and a role.'), 400);
        const user: User = { id: newId(), email, role, created_at: now(), ready: false };
        if (!(await keep.addUser(user))) return show(asked, complaint(`${email} is there already.`), 409);
        await audit({ actor: asked.visitor.user.email, action: `user added as ${role}`, detail: user.id });
        return showLink(asked, user);
      },
    },
    {
      method: 'post',
      path: '/people/:id/link',
      roles: ADMIN,
      answer: async (asked) => {
        const user = await named(asked);
        return user === undefined ? gone(asked) : showLink(asked, user);
      },
    },
    {
      method: 'post',
      path: '/people/:id/role',
      roles: ADMIN,
      answer: async (asked) => {
        const user = await named(asked);
        const role = ROLES.find((one) => one === asked.form.get('role'));
        if (user === undefined || role === undefined) return gone(asked);
        if (!(await keep.setRole(user.id, role))) return show(asked, LAST, 409);
        await audit({ actor: asked.visitor.user.email, action: `role set to ${role}`, detail: user.id });
        return redirect('/people?done=saved');
      },
    },
    {
      method: 'post',
      path: '/people/:id/remove',
      roles: ADMIN,
      answer: async (asked) => {
        const user = await named(asked);
        if (user === undefined) return gone(asked);
        if (!(await keep.removeUser(user.id))) return show(asked, LAST, 409);
        await audit({ actor: asked.visitor.user.email, action: 'user removed', detail: user.id });
        return redirect('/people?done=removed');
      },
    },
  ];
}
