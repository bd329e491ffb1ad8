// Serves pages: proves who asks, refuses what is foreign or not allowed, and writes the handlers' answers as HTTP.
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { hasNul } from '../lib/plain.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { createAssets } from './assets.ts';
import { type Html, html } from './html.ts';
import type { Live } from './live.ts';
import type { Accounts } from './login/accounts.ts';
import { sameText } from './login/tokens.ts';
import { writeLong } from './long-answer.ts';
import { isOtherSite } from './other-site.ts';
import {
  type Answer,
  type Audit,
  type OpenAsked,
  type OpenRoute,
  type Route,
  redirect,
  type Visitor,
} from './route.ts';
import { document } from './view/layout.ts';
import { link, refused } from './view/parts.ts';

export type PagesParts = {
  accounts: Accounts;
  audit: Audit;
  open: readonly OpenRoute[];
  routes: readonly Route[];
  live: Live;
  /** How people reach the pages; undefined where that is told by each request's Host, over plain http. */
  adminUrl: string | undefined;
  /** The path under which the pages lie, empty for the root. Handlers write their links as from the root. */
  base: string;
  onError: (error: unknown) => void;
};

const LOGIN_MS = 12 * HOUR_MS;
const ATTEMPT_MS = 10 * MINUTE_MS;

/** A form of another site, or a browser that does not say whose form it is. */
const isForeign = ({ headers }: Request, adminUrl: string | undefined): boolean =>
  headers.origin === undefined ? headers['sec-fetch-site'] !== 'same-origin' : isOtherSite(headers, adminUrl);

function cookieValue(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

/** Markup whose links, forms and files lie under the base. Text cannot be taken for one: its quotes are escaped. */
const under = (base: string, markup: string): string =>
  base === ''
    ? markup
    : markup.replace(
        / (href|src|action|formaction|hx-get|hx-post|data-href|data-of|data-part|data-step|data-stream)="(?=\/)/g,
        `$&${base}`,
      );

/** Asked for by a page that is open, to be shown inside it. */
const isPart = (request: Request): boolean =>
  request.headers['hx-request'] !== undefined || request.headers.accept === 'text/event-stream';

const SMALL_FORM = 64_000;
/** Resolves once the form is read; answers whether it came whole and small enough. */
const readForm = (request: Request, response: Response, limit: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    express.text({ type: 'application/x-www-form-urlencoded', limit })(request, response, (error) => {
      if (error === undefined) resolve(true);
      else if (error instanceof Error && 'status' in error && Number(error.status) < 500) resolve(false);
      else reject(error);
    });
  });

const textsOf = ({ params, query, form }: OpenAsked): string[] => [
  ...Object.values(params),
  ...query.values(),
  ...form.values(),
];

/** What people see while the database is away, among others. */
const failed = (isForm: boolean): string =>
  document({
    title: 'Out of order',
    content: html`<h1>This did not work just now</h1>
<p>Something failed; the log says what. Most often the database is away for a moment.</p>
${isForm ? html`<p>Reload this page to send the form once more: your browser asks whether you mean it.</p>` : html`<p><a href="">Try again</a></p>`}`,
    visitor: undefined,
    path: '',
    done: null,
  });

export function createPages({ accounts, audit, open, routes, live, adminUrl, base, onError }: PagesParts): Router {
  const assets = createAssets();
  const placed = (markup: string) => under(base, assets.named(markup));
  const secure = adminUrl?.startsWith('https:') === true;
  const cookie = secure ? '__Host-tagbridge' : 'tagbridge';
  const attemptCookie = `${cookie}-attempt`;
  // Browsers take a __Host- cookie for the whole host only.
  const options = { httpOnly: true, sameSite: 'lax', secure, path: secure || base === '' ? '/' : base } as const;

  const visitorOf = (request: Request): Promise<Visitor | undefined> =>
    // What a page asks for by itself must not keep a session alive that nobody uses.
    accounts.visitorOf(cookieValue(request.headers.cookie, cookie), !isPart(request) || request.method === 'POST');

  const stream = async (part: () => Promise<Html>, visitor: Visitor | undefined, response: Response): Promise<void> => {
    const { token = '', user } = visitor ?? {};
    const isOpen = await live.follow(response, {
      session: token,
      markup: async () => placed((await part()).markup),
      may: async () => (await accounts.visitorOf(token, false))?.user.role === user?.role,
    });
    if (!isOpen) response.status(503).set('retry-after', '60').type('text').send('Too many pages are open already.');
  };

  const write = async (asked: OpenAsked, answer: Answer, request: Request, response: Response): Promise<void> => {
    response.set('cache-control', 'no-store');
    if (answer.kind === 'stream') return stream(answer.part, asked.visitor, response);
    if (answer.kind === 'redirect') {
      const { session } = answer;
      if (session?.token !== undefined) response.cookie(cookie, session.token, { ...options, maxAge: LOGIN_MS });
      else if (session !== undefined) response.clearCookie(cookie, options);
      if (session !== undefined && asked.attempt !== undefined) response.clearCookie(attemptCookie, options);
      response.redirect(303, base + answer.to);
      return;
    }
    if (answer.kind === 'leave') {
      response.cookie(attemptCookie, answer.attempt, { ...options, maxAge: ATTEMPT_MS }).redirect(303, answer.to);
      return;
    }
    if (answer.kind === 'part') {
      response.type('html').send(placed(answer.content.markup));
      return;
    }
    if (answer.kind === 'file') {
      if (answer.name !== undefined) response.attachment(answer.name);
      response.type(answer.type);
      if (typeof answer.text === 'string') response.send(answer.text);
      else await writeLong(answer.text, response);
      return;
    }
    const { title, content, status = 200, retryAfter, of } = answer;
    if (retryAfter !== undefined) response.set('retry-after', String(retryAfter));
    const { visitor, path, query } = asked;
    const markup = isPart(request)
      ? content.markup
      : document({ title, content, visitor, path, done: query.get('done'), of });
    response.status(status).type('html').send(placed(markup));
  };

  const askedOf = (request: Request, visitor: Visitor | undefined): OpenAsked => {
    // Not beside a base: an address of two slashes would be that of another host.
    const url = new URL(`http://here.invalid${request.url}`);
    const params = Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    return {
      path: url.pathname,
      params,
      query: url.searchParams,
      form,
      address: request.ip ?? '',
      visitor,
      attempt: cookieValue(request.headers.cookie, attemptCookie),
    };
  };

  /** Strangers' forms are small, whatever the page would take. */
  const handle =
    (answer: (asked: OpenAsked, request: Request) => Promise<Answer> | Answer, largest = SMALL_FORM): RequestHandler =>
    async (request, response) => {
      try {
        const visitor = await visitorOf(request);
        const isRead = await readForm(request, response, visitor === undefined ? SMALL_FORM : largest);
        const asked = askedOf(request, visitor);
        const reply = async (): Promise<Answer> => {
          if (request.method === 'POST' && isForeign(request, adminUrl))
            return refused('Not from here', 'This form came from another site, so nothing was done.', 403);
          if (!isRead)
            return refused(
              'Too large',
              'This form is larger than the page takes, or did not come whole. Nothing was done.',
              413,
            );
          if (hasNul(textsOf(asked)))
            return refused(
              'Not readable',
              'The address or the form has a character that cannot be seen and that no text has. Nothing was done.',
              400,
            );
          return answer(asked, request);
        };
        await write(asked, await reply(), request, response);
      } catch (error) {
        onError(error);
        if (response.headersSent) response.destroy();
        else {
          response.status(503).set({ 'retry-after': '5', 'cache-control': 'no-store' });
          if (isPart(request)) response.type('text').send('Something failed; the log says what. Try again.');
          else response.type('html').send(placed(failed(request.method === 'POST')));
        }
      }
    };

  const shown = new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path));
  /** The page that a form stood on, or the one above it. */
  const pageOf = (path: string, asked: string): string => {
    if (shown.has(path) || path === '') return asked === '' ? '/' : asked;
    return pageOf(path.slice(0, path.lastIndexOf('/')), asked.slice(0, asked.lastIndexOf('/')));
  };

  const guarded = ({ method, path, roles, answer, largest }: Route) =>
    handle(async (asked, request) => {
      const { visitor, form } = asked;
      if (visitor === undefined) {
        if (isPart(request) && method === 'get') request.res?.set('hx-redirect', `${base}/login`);
        if (method === 'get') return redirect(link('/login', { next: request.url }));
        return refused('Logged out', 'You were logged out in the meantime, so nothing was done.', 403, {
          href: link('/login', { next: pageOf(path, asked.path) }),
          text: 'Log in again',
        });
      }
      if (method === 'post' && !sameText(form.get('csrf') ?? '', visitor.csrf))
        return refused('Form too old', 'You logged in again since this form was loaded, so nothing was done.', 403, {
          href: pageOf(path, asked.path),
          text: 'Back to its page',
        });
      if (roles.includes(visitor.user.role)) {
        const found = await answer({ ...asked, visitor });
        // A form with a whole file in it stays at its address: loaded again, it brings the file back.
        const leads = found.kind === 'page' && method === 'post' && largest === undefined;
        return leads ? { of: pageOf(path, asked.path), ...found } : found;
      }
      if (path === '/' && visitor.user.role === 'sales') return redirect('/phone');
      await audit({
        actor: visitor.user.email,
        action: `refused: ${method} ${path}`,
        detail: Object.values(asked.params).join(' '),
      });
      return refused('Not for your role', `Your role is ${visitor.user.role}. Ask an admin.`, 403);
    }, largest);

  const router = express.Router().use(assets.router);
  for (const route of open) router[route.method](route.path, handle(route.answer));
  for (const route of routes) router[route.method](route.path, guarded(route));
  // The answer to a form stands at an address that only takes forms: opened again, it leads to the form's page.
  for (const { method, path } of routes)
    if (method === 'post' && !shown.has(path))
      router.get(
        path,
        handle((asked) => redirect(pageOf(path, asked.path))),
      );
  // Whoever follows an old or mistyped address with a browser; programs are told in their own way.
  const nothing = handle(() => refused('Not found', 'There is no page at this address.', 404));
  router.get(/.*/, (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') return next();
    return nothing(request, response, next);
  });
  return router;
}
