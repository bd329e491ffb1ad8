// The page of API tokens: what there is, what each may do, a new one shown once, and away with one.
import type { Keep } from '../../keep/keep.ts';
import { SCOPES, type Token } from '../../keep/questions/tokens.ts';
import { DAY_MS } from '../../lib/time.ts';
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { ADMIN, type Asked, type Audit, page, type Route, redirect } from '../route.ts';
import { action, complaint, csrfField, first, table, time } from '../view/parts.ts';
import { makeToken, newTokenId, refuseWish, SCOPE_HELP, type TokenWish } from './tokens.ts';

export type TokenPagesParts = {
  keep: Pick<Keep, 'addToken' | 'listTokens' | 'removeToken'>;
  stores: () => string[];
  audit: Audit;
  now: Clock;
};

const LIFETIMES: readonly [days: string, words: string][] = [
  ['90', '90 days'],
  ['365', 'a year'],
  ['', 'until it is revoked'],
];

const row = (token: Token, { visitor }: Asked, now: number) => {
  const { id, name, scopes, stores, created_at, created_by, expires_at, used_at } = token;
  const expired = expires_at !== undefined && expires_at <= now;
  return [
    html`<strong>${name}</strong><br><code>${id}</code>`,
    scopes.join(', '),
    stores.length === 0 ? 'all' : stores.join(', '),
    html`${time(created_at)}<br><span class="quiet">by ${created_by}</span>`,
    expires_at === undefined
      ? 'never'
      : html`${expired && html`<span class="badge bad">expired</span> `}${time(expires_at)}`,
    used_at === undefined ? 'never' : time(used_at),
    action(visitor, {
      to: `/tokens/${id}/revoke`,
      label: 'Revoke',
      sure: 'Whatever uses it is refused from now on. This cannot be undone.',
      danger: true,
    }),
  ];
};

const check = (name: string, value: string, words: string, checked: boolean): Html =>
  html`<label><input type="checkbox" name="${name}" value="${value}"${checked && html` checked`}> <strong>${value}</strong> ${words}</label>`;

/** `given` is what was refused. */
const form = (
  asked: Asked,
  stores: readonly string[],
  given = new URLSearchParams({ scope: 'read' }),
): Html => html`<h2>Make a token</h2>
<form method="post" action="/tokens" class="stack">${csrfField(asked.visitor)}<input type="hidden" name="id" value="${newTokenId()}">
  <label>What it is for <input name="name" value="${given.get('name') ?? ''}" maxlength="60" autocomplete="off" required></label>
  <fieldset><legend>What it may do</legend>${SCOPES.map((scope) => html`<p>${check('scope', scope, SCOPE_HELP[scope], given.has('scope', scope))}</p>`)}</fieldset>
  <fieldset><legend>For which stores; all where none is chosen</legend>${stores.map((store) => html`<p>${check('store', store, '', given.has('store', store))}</p>`)}</fieldset>
  <label>How long <select name="days">${LIFETIMES.map(([days, words]) => html`<option value="${days}"${given.get('days') === days && html` selected`}>${words}</option>`)}</select></label>
  <button class="primary">Make it</button>
</form>`;

const shownOnce = (secret: string) => html`<div class="notice good" role="status"${first}>
  <p>Copy the token now. It is not kept here and cannot be shown again.</p>
  <p class="row"><input class="grow" readonly value="${secret}" aria-label="The new token"> <button type="button" data-copy="${secret}">Copy</button></p></div>`;

const SENT_BEFORE =
  'This form was sent before: its token is made and cannot be shown again. If you did not copy it, revoke it and make another.';

/** The id that its form was given, so that a page that is loaded again makes no other token. */
const idOf = (given: URLSearchParams): string | undefined => /^[0-9a-f]{12}$/.exec(given.get('id') ?? '')?.[0];

function wishOf(given: URLSearchParams, now: number): TokenWish {
  const days = LIFETIMES.find(([value]) => value === given.get('days'))?.[0] ?? '90';
  return {
    name: (given.get('name') ?? '').trim(),
    scopes: SCOPES.filter((scope) => given.getAll('scope').includes(scope)),
    stores: given.getAll('store'),
    expires_at: days === '' ? undefined : now + Number(days) * DAY_MS,
  };
}

export function tokenRoutes({ keep, stores, audit, now }: TokenPagesParts): Route[] {
  const show = async (asked: Asked, said?: Html, status = 200) => {
    const tokens = await keep.listTokens();
    const heads = ['Name', 'May', 'Stores', 'Made', 'Expires', 'Last used', html`<span class="hidden">Actions</span>`];
    return page(
      'API tokens',
      html`<h1>API tokens</h1>${said}
<p class="quiet">Other programs use the API with a token. <a href="/api/openapi.json">What the API can do (OpenAPI)</a></p>
${
  tokens.length > 0 &&
  table(
    'Tokens',
    heads,
    tokens.map((token) => row(token, asked, now())),
  )
}
${form(asked, stores(), status < 400 ? undefined : asked.form)}`,
      { status },
    );
  };
  return [
    { method: 'get', path: '/tokens', roles: ADMIN, answer: (asked) => show(asked) },
    {
      method: 'post',
      path: '/tokens',
      roles: ADMIN,
      answer: async (asked) => {
        const { email } = asked.visitor.user;
        const wish = wishOf(asked.form, now());
        const gone = wish.stores.find((store) => !stores().includes(store));
        const refused = gone === undefined ? refuseWish(wish, now()) : `There is no store ${gone} any more.`;
        if (refused !== undefined) return show(asked, complaint(refused), 400);
        const by = { created_by: email, created_at: now() };
        const { id, secret, isNew } = await makeToken(keep, wish, by, idOf(asked.form));
        if (!isNew) return show(asked, complaint(SENT_BEFORE), 409);
        await audit({ actor: email, action: 'token made', detail: `${id}: ${wish.scopes.join(' ')}` });
        return show(asked, shownOnce(secret));
      },
    },
    {
      method: 'post',
      path: '/tokens/:id/revoke',
      roles: ADMIN,
      answer: async (asked) => {
        const id = asked.params.id ?? '';
        if (!(await keep.removeToken(id))) return show(asked, complaint('There is no such token any more.'), 404);
        await audit({ actor: asked.visitor.user.email, action: 'token revoked', detail: id });
        return redirect('/tokens?done=revoked');
      },
    },
  ];
}
