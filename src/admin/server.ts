// The port for people and machines of the operator; never reachable by senders.
import { createServer, type Server } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import helmet from 'helmet';
import { isBadRequest } from '../lib/errors.ts';
import { withoutOrigin } from '../lib/request-target.ts';
import { sameText } from './login/tokens.ts';
import type { Metrics } from './metrics.ts';

export type AdminParts = {
  metrics: Metrics;
  /** Without a token only this machine may read the metrics, and nobody where people come by a proxy. */
  metricsToken: string | undefined;
  /** Are the pages https, so that a proxy stands before them? It need not say so in what it passes on. */
  isProxied: boolean;
  /** Pages for people. */
  pages: Router;
  /** Addresses of proxies that may say whom they speak for, as Express's `trust proxy` takes them. */
  trustProxy: string | undefined;
  onError: (error: unknown) => void;
};

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** What proxies add: on this machine one may stand that speaks for anybody. */
const FORWARDED = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'];

const NOT_FOR_YOU = { error: 'unauthorized', hint: 'set METRICS_TOKEN, and ask with it as a bearer token' };

function mayRead({ socket, headers }: Request, token: string | undefined, isProxied: boolean): boolean {
  if (token === undefined)
    return (
      !isProxied && LOOPBACK.has(socket.remoteAddress ?? '') && FORWARDED.every((name) => headers[name] === undefined)
    );
  return sameText(headers.authorization ?? '', `Bearer ${token}`);
}

const SELF = ["'self'"];
const NONE = ["'none'"];
/** Nothing inline, nothing from elsewhere; with `no-referrer` browsers would not say which site a form came from. */
const HEADERS = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: NONE,
      styleSrc: SELF,
      scriptSrc: SELF,
      connectSrc: SELF,
      imgSrc: [...SELF, 'data:'],
      formAction: SELF,
      frameAncestors: NONE,
      baseUri: NONE,
    },
  },
  referrerPolicy: { policy: 'same-origin' },
});

function createAdminRouter({ metrics, metricsToken, isProxied, pages, onError }: AdminParts): Router {
  const router = express.Router();
  router.use(HEADERS);
  router.get('/healthz', (_request, response) => {
    response.type('json').send('{"status":"ok"}');
  });
  router.get('/metrics', async (request: Request, response: Response) => {
    if (!mayRead(request, metricsToken, isProxied)) {
      response.status(401).set('www-authenticate', 'Bearer').json(NOT_FOR_YOU);
      return;
    }
    try {
      response.type(metrics.contentType).send(await metrics.text());
    } catch (error) {
      onError(error);
      response.status(503).type('json').send('{"error":"try again later"}');
    }
  });
  router.use(pages);
  return router;
}

/** What listens on the admin port, or lies under a path of the hook port. */
export function createAdminApp(parts: AdminParts): Express {
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', parts.trustProxy ?? false);
  app.use((request, _response, next) => {
    request.url = withoutOrigin(request.url);
    next();
  });
  app.use(createAdminRouter(parts));
  app.use((_request, response) => {
    response.status(404).type('json').send('{"error":"not found"}');
  });
  // Express's own answer would show where the code lies.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const isTheirs = isBadRequest(error);
    if (!isTheirs) parts.onError(error);
    if (response.headersSent) response.destroy();
    else if (isTheirs) response.status(400).type('json').send('{"error":"bad request"}');
    else response.status(503).type('json').send('{"error":"try again later"}');
  });
  return app;
}

export function createAdminServer(app: Express): Server {
  const server = createServer(app);
  server.headersTimeout = 5_000;
  server.requestTimeout = 30_000;
  return server;
}
