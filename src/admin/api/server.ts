// Serves the API: proves whose token it is, refuses what is too much or not allowed, and writes answers and problems as HTTP.
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Token } from '../../keep/tokens.ts';
import { hasNul } from '../../lib/plain.ts';
import type { Clock } from '../../types.ts';
import { writeLong } from '../long-answer.ts';
import type { Audit } from '../route.ts';
import { actorOf, type Tokens } from '../tokens/tokens.ts';
import { type KeyedParts, keyOf, runKeyed } from './keyed.ts';
import { openApi } from './openapi.ts';
import { createPace } from './pace.ts';
import { type ApiRoute, NO_BODY, type Outcome, PROBLEMS, type Problem, problem } from './route.ts';

export type ApiParts = KeyedParts & {
  routes: readonly ApiRoute[];
  tokens: Tokens;
  audit: Audit;
  /** The path under which the admin port's things lie. */
  base: string;
  now: Clock;
  onError: (error: unknown) => void;
};

const LARGEST_BODY = 64_000;
const FAILED = problem(503, 'Something failed; the log says what. Try again.', { retryAfter: 5 });

function writeProblem(response: Response, { status, detail, errors, retryAfter }: Problem): void {
  if (status === 401) response.set('www-authenticate', 'Bearer');
  if (retryAfter !== undefined) response.set('retry-after', String(retryAfter));
  const title = PROBLEMS[status];
  response.status(status).type('application/problem+json');
  response.send(JSON.stringify({ type: 'about:blank', title, status, detail, errors }));
}

async function write(response: Response, outcome: Outcome<unknown>): Promise<void> {
  if (outcome.kind === 'problem') writeProblem(response, outcome);
  else if (outcome.kind === 'json') response.type('json').send(JSON.stringify(outcome.json));
  else {
    response.attachment(outcome.name).type('text/csv');
    await writeLong(outcome.text, response);
  }
}

/** A name that is given twice says two things. */
function twiceIn(query: URLSearchParams): string | undefined {
  const names = [...query.keys()];
  return names.find((name, index) => names.indexOf(name) !== index);
}

const parseJson = express.json({ limit: LARGEST_BODY, strict: true, inflate: false, type: () => true });
/** Reads the body, or says why it cannot be read. */
function bodyOf(request: Request, response: Response): Promise<Problem | undefined> {
  if (request.is('application/json') === false)
    return Promise.resolve(problem(415, 'Send the body as application/json.'));
  return new Promise((resolve, reject) => {
    parseJson(request, response, (error) => {
      const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
      if (error === undefined) resolve(undefined);
      else if (status === 413) resolve(problem(413, `The body may have at most ${LARGEST_BODY} bytes.`));
      else if (status === 415) resolve(problem(415, 'Send the body as plain UTF-8, not compressed.'));
      else if (status !== undefined && status < 500)
        resolve(problem(400, 'The body is no JSON, or did not come whole.'));
      else reject(error);
    });
  });
}

export function createApi({ routes, tokens, keep, audit, base, now, onError }: ApiParts): Router {
  const pace = createPace(now);

  /** Whose request it is, or why it is nobody's. */
  const tokenOf = async (request: Request): Promise<{ token: Token } | Problem> => {
    const bearer = await tokens.bearerOf(request.headers.authorization, request.ip ?? '');
    if (bearer.kind === 'known') return { token: bearer.token };
    if (bearer.kind === 'missing') return problem(401, 'Send a token: Authorization: Bearer tagbridge_…');
    if (bearer.kind === 'wrong') return problem(401, 'There is no such token, or it was revoked.');
    if (bearer.kind === 'expired') return problem(401, `The token expired at ${new Date(bearer.since).toISOString()}.`);
    const retryAfter = Math.ceil(bearer.wait / 1000);
    return problem(429, 'Too many wrong tokens or passwords came from your address.', { retryAfter });
  };

  const answer = async (route: ApiRoute, request: Request, response: Response): Promise<Outcome<unknown>> => {
    const proven = await tokenOf(request);
    if ('kind' in proven) return proven;
    const { token } = proven;
    const wait = pace(token.id);
    if (wait > 0) return problem(429, 'This token asks too often.', { retryAfter: Math.ceil(wait / 1000) });
    // Before anything is asked or noted, a refusal in the audit among it.
    if (hasNul(Object.values(request.params))) return problem(400, 'The address has characters that cannot be seen.');
    if (!token.scopes.includes(route.scope)) {
      const detail = Object.values(request.params).join(' ');
      await audit({ actor: actorOf(token), action: `refused: ${route.method} /api${route.path}`, detail });
      return problem(403, `This token may not do that: it has not the scope ${route.scope}.`);
    }
    const query = new URL(request.url, 'http://here.invalid').searchParams;
    const twice = twiceIn(query);
    if (twice !== undefined) return problem(400, `${twice} is given twice.`);
    const unread = route.body === NO_BODY ? undefined : await bodyOf(request, response);
    if (unread !== undefined) return unread;
    const body: unknown = request.body;
    const header = request.get('idempotency-key');
    const key = header === undefined ? undefined : keyOf(header);
    const run = () => route.run({ token, params: { ...request.params }, query: Object.fromEntries(query), body, key });
    if (!route.keyed || header === undefined) return run();
    if (key === undefined) return problem(400, 'The Idempotency-Key has 1 to 200 plain characters without spaces.');
    return runKeyed({ keep, now }, { token_id: token.id, key, path: request.path, body }, run);
  };

  const handle = (route: ApiRoute) => async (request: Request, response: Response) => {
    try {
      await write(response, await answer(route, request, response));
    } catch (error) {
      onError(error);
      if (response.headersSent) response.destroy();
      else writeProblem(response, FAILED);
    }
  };

  const router = express.Router({ caseSensitive: true });
  const described = JSON.stringify(openApi(routes, base));
  router.get('/openapi.json', (_request, response) => {
    response.type('json').send(described);
  });
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  const paths = Map.groupBy(routes, ({ path }) => path.replace(/\{(\w+)\}/g, ':$1'));
  for (const [path, own] of paths) {
    for (const route of own) router[route.method](path, handle(route));
    const allowed = own.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST'])).join(', ');
    router.all(path, (_request, response) => {
      response.set('allow', allowed);
      writeProblem(response, problem(405, `Only ${allowed} can be asked here.`));
    });
  }
  router.use((_request, response) => {
    writeProblem(response, problem(404, 'There is nothing at this address; /api/openapi.json says what there is.'));
  });
  // Addresses that cannot be read end here.
  router.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    writeProblem(response, problem(400, 'The address is not written as it should be.'));
  });
  return router;
}
