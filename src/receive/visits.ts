// Where visits come in: the script of a store, and what it posts. CORS by the store's origins; limits on size and rate.
import { type Request, type Response, Router } from 'express';
import { readJson } from '../lib/json.ts';
import { createBudget, withBody } from './body.ts';
import { VisitPost } from './visit-post.ts';

/** Who posts: the address as far as proxies may be believed, and the browser. */
export type From = { ip: string | undefined; user_agent: string | undefined };
/** What became of a post: kept, with a code where one was asked for; left out, for a reason nobody needs; or not now. */
export type Captured = { code?: string } | { later: 'busy' | 'too_many' };
export type VisitParts = {
  /** Of a store that keeps visits: who may post, and its script. */
  find: (store: string) => { origins: readonly string[]; script: () => string } | undefined;
  capture: (store: string, post: VisitPost, from: From) => Promise<Captured>;
};

const MAX_BYTES = 16_000;
const IN_FLIGHT_BYTES = 8_000_000;
const SCRIPT_SECONDS = 3_600;

/** The value of access-control-allow-origin; undefined where the page may not post. */
function allowed(origin: string | undefined, origins: readonly string[]): string | undefined {
  if (origin === undefined || origin === 'null') return origins.includes('sandbox') ? '*' : undefined;
  return origins.includes(origin.toLowerCase()) ? origin : undefined;
}

const end = (response: Response, status: number, text?: string): void => {
  if (response.destroyed) return;
  response.status(status).type('application/json').end(text);
};
const problem = (text: string): string => JSON.stringify({ error: text });

/** The routes under `/t`. */
export function createVisitRoutes({ find, capture }: VisitParts): Router {
  const routes = Router({ caseSensitive: true });
  const budget = createBudget(IN_FLIGHT_BYTES);

  routes.get('/:store.js', (request: Request<{ store: string }>, response) => {
    const store = find(request.params.store);
    if (store === undefined) return end(response, 404, problem('not found'));
    response
      .status(200)
      .set({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': `public, max-age=${SCRIPT_SECONDS}`,
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
      })
      .end(store.script());
  });

  const post = (request: Request<{ store: string }>, response: Response): Promise<void> =>
    withBody(request, MAX_BYTES, budget, async (read) => {
      if ('problem' in read) return end(response, read.problem === 'too_large' ? 413 : 503, problem(read.problem));
      const parsed = readJson(VisitPost, read.body.toString('utf8'));
      if (parsed === undefined) return end(response, 400, problem('bad request'));
      const from = { ip: request.ip, user_agent: request.headers['user-agent'] };
      const captured = await capture(request.params.store, parsed, from);
      if ('later' in captured) return end(response, captured.later === 'busy' ? 503 : 429, problem('try again later'));
      if (captured.code === undefined) return end(response, 204);
      return end(response, 200, JSON.stringify({ code: captured.code }));
    });

  routes.all('/:store', async (request: Request<{ store: string }>, response) => {
    const store = find(request.params.store);
    if (store === undefined) return end(response, 404, problem('not found'));
    const origin = allowed(request.headers.origin, store.origins);
    response.set('vary', 'origin');
    if (origin === undefined) return end(response, 403, problem('this origin is not among the origins of the store'));
    response.set('access-control-allow-origin', origin);
    if (request.method === 'OPTIONS') {
      response.set({ 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type' });
      response.set('access-control-max-age', '86400');
      return end(response, 204);
    }
    if (request.method !== 'POST') return end(response, 405, problem('method not allowed'));
    return post(request, response);
  });
  return routes;
}
