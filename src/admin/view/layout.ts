// The frame of every page: head, navigation, what was just done, and the content.
import type { Role } from '../../keep/questions/users.ts';
import { escapeHtml, type Html, html } from '../html.ts';
import { ADMIN, LOOKING, SELLING, type Visitor } from '../route.ts';
import { csrfField, told } from './parts.ts';

/** What a page says after a change that led to it. */
const DONE = new Map(
  Object.entries({
    password: 'Your password is changed. You are logged out on all other devices.',
    saved: 'Saved.',
    removed: 'Removed.',
    revoked: 'Revoked: it is refused from now on.',
    undone: 'Taken back: nothing of it was sent, and nothing will be.',
    mapped: 'The hook is mapped again. Reload in a moment to see what became of it.',
    sent: 'It is sent again. Reload in a moment to see how it went.',
    paused: 'Paused: nothing is sent there until you resume it. Orders are kept and wait.',
    resumed: 'Resumed: what waited is sent now, one first.',
  }),
);

const PLACES: readonly { path: string; name: string; roles: readonly Role[] }[] = [
  { path: '/', name: 'Overview', roles: LOOKING },
  { path: '/search', name: 'Search', roles: LOOKING },
  { path: '/hooks', name: 'Hooks', roles: LOOKING },
  { path: '/problems', name: 'Stuck and dead', roles: LOOKING },
  { path: '/match', name: 'Match report', roles: LOOKING },
  { path: '/sources', name: 'Sources', roles: LOOKING },
  { path: '/destinations', name: 'Destinations', roles: LOOKING },
  { path: '/mappings', name: 'Mappings', roles: LOOKING },
  { path: '/alerts', name: 'Alerts', roles: LOOKING },
  { path: '/phone', name: 'Phone orders', roles: SELLING },
  { path: '/people', name: 'People', roles: ADMIN },
  { path: '/tokens', name: 'API tokens', roles: ADMIN },
  { path: '/audit', name: 'Audit', roles: ADMIN },
];

const isAt = (place: string, path: string) => (place === '/' ? path === '/' : path.startsWith(place));

const navigation = ({ user }: Visitor, path: string): Html => html`<nav aria-label="Pages">
  ${PLACES.filter(({ roles }) => roles.includes(user.role)).map(
    (place) => html`<a href="${place.path}"${isAt(place.path, path) && html` aria-current="page"`}>${place.name}</a>`,
  )}
</nav>`;

const header = (visitor: Visitor, path: string): Html => html`<header>
  <a class="brand" href="/">tagbridge</a>
  ${navigation(visitor, path)}
  <div class="me">
    <a href="/account">${visitor.user.email}</a>
    <form method="post" action="/logout">${csrfField(visitor)}<button>Log out</button></form>
  </div>
</header>`;

export type Frame = {
  title: string;
  content: Html;
  visitor: Visitor | undefined;
  path: string;
  done: string | null;
  of?: string | undefined;
};

/** A whole document. */
export function document({ title, content, visitor, path, done, of }: Frame): string {
  const said = done === null ? undefined : DONE.get(done);
  const body = html`<a class="skip" href="#main">To the content</a>
${visitor && header(visitor, path)}
<main id="main"${of !== undefined && html` data-of="${of}"`}>
${said !== undefined && told('good', said)}
${content}
</main>
${visitor && html`<footer class="quiet">Times are those of <span id="times-of">UTC</span>.</footer>`}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="htmx-config" content="includeIndicatorCSS:false">
<title>${escapeHtml(title)} · tagbridge</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/style.css">
<script src="/assets/htmx.js" defer></script>
<script src="/assets/page.js" defer></script>
</head>
<body>
${body.markup}
</body>
</html>
`;
}
