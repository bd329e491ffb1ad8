// Serves the API: asks the gate, hands each request to its route, and writes answers and problems as HTTP.
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { hasNul } from '../../lib/plain.ts';
import type { Clock } from '../../types.ts';
import { writeLong } from '../long-answer.ts';
import type { Gate } from './gate.ts';
import { FAILED, readBody, writeProblem } from './http.ts';
import { type KeyedParts, keyOf, runKeyed } from './keyed.ts';
import { openApi } from './openapi.ts';
import { type ApiRoute, NO_BODY, type Outcome, problem } from './route.ts';

export type ApiParts = KeyedParts & {
  routes: readonly ApiRoute[];
  gate: Gate;
  /** The path under which the admin port's things lie. */
  base: string;
  now: Clock;
  onError: (error: unknown) => void;
};

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

export function createApi({ routes, gate, keep, base, now, onError }: ApiParts): Router {
  const answer = async (route: ApiRoute, request: Request, response: Response): Promise<Outcome<unknown>> => {
    const proven = await gate.tokenOf(request);
    if ('kind' in proven) return proven;
    const { token } = proven;
    // Before anything is asked or noted, a refusal in the audit among it.
    if (hasNul(Object.values(request.params))) return problem(400, 'The address has characters that cannot be seen.');
    const refused = await gate.refuse(token, route, Object.values(request.params).join(' '));
    if (refused !== undefined) return refused;
    const query = new URL(request.url, 'http://here.invalid').searchParams;
    const twice = twiceIn(query);
    if (twice !== undefined) return problem(400, `${twice} is given twice.`);
    const unread = route.body === NO_BODY ? undefined : await readBody(request, response);
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
