// The public port: hooks and health. Express routes, time limits on slow senders, and nothing slow before the answer.
import { createServer, type Server, type ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { isBadRequest } from '../lib/errors.ts';
import { flatHeaders } from '../lib/headers.ts';
import { withoutOrigin } from '../lib/request-target.ts';
import { ANSWERS, type Answer } from './answer.ts';
import { createBudget, letPass, withBody } from './body.ts';

/** A hook request with its raw body, not yet trusted. `url` is path and query as sent. */
export type HookRequest = {
  store: string;
  source: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
};
/** `bytes` is how long the sender says the body is. */
export type Refusal = { store: string; source: string; status: number; bytes: number; reason: string };
export type ReceiveParts = {
  accept: (request: HookRequest) => Promise<Answer>;
  /** Hears of requests to a source that are answered before anybody looks at their body. */
  onRefused: (refusal: Refusal) => void;
  /** Is there such a source? Asked before the body is read. */
  knows: (store: string, source: string) => boolean;
  maxBodyBytes: number;
  /** Bodies held in memory at one time, in bytes; above it senders are told to come again. */
  maxInFlightBytes: number;
  /** More connections than these are closed at once. */
  maxConnections: number;
  /** Addresses or networks whose word on who asks is believed. */
  proxies: string;
  ready: () => boolean;
  /** What else this port carries, under paths of their own. */
  also: readonly { path: string; handler: RequestHandler }[];
  onError: (error: unknown) => void;
};

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_HEADERS = 100;

function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json',
    'content-length': Buffer.byteLength(answer.body),
    'x-content-type-options': 'nosniff',
    ...(answer.retryAfter !== undefined && { 'retry-after': String(answer.retryAfter) }),
    ...(answer.allow !== undefined && { allow: answer.allow }),
    ...(answer.close === true && { connection: 'close' }),
  });
  response.end(answer.body);
}

const PROBLEMS = {
  too_large: { refusal: ANSWERS.tooLarge, reason: 'too large' },
  busy: { refusal: { ...ANSWERS.unavailable, close: true }, reason: 'busy' },
  aborted: { refusal: ANSWERS.badRequest, reason: 'cut off' },
};
const METHOD = { refusal: ANSWERS.methodNotAllowed, reason: 'method' };
const ENCODING = { refusal: { ...ANSWERS.unsupportedEncoding, close: true }, reason: 'content encoding' };

function createHookHandler(parts: ReceiveParts) {
  const budget = createBudget(parts.maxInFlightBytes);
  return async (request: Request, response: Response): Promise<void> => {
    // Who is told to close finds another process next time; see DRAIN_SECONDS.
    const answer = (given: Answer) => send(response, parts.ready() ? given : { ...given, close: true });
    const { method } = request;
    const url = withoutOrigin(request.url);
    const { store, source } = request.params;
    if (typeof store !== 'string' || typeof source !== 'string' || !parts.knows(store, source))
      return answer(ANSWERS.notFound);
    const refuse = ({ refusal, reason }: { refusal: Answer; reason: string }) => {
      const bytes = Number(request.headers['content-length'] ?? 0);
      parts.onRefused({ store, source, status: refusal.status, bytes, reason });
      answer(refusal);
    };
    if (method !== 'POST' && method !== 'GET') return refuse(METHOD);
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      await letPass(request, parts.maxBodyBytes);
      return refuse(ENCODING);
    }
    await withBody(request, parts.maxBodyBytes, budget, async (read) => {
      if ('problem' in read) return refuse(PROBLEMS[read.problem]);
      const headers = flatHeaders(request.headers);
      answer(await parts.accept({ store, source, method, url, headers, body: read.body }));
    });
  };
}

/**
 * Connections are kept for long where they are few, such as those of a proxy. Where more than half of what may be open is, each
 * ends with its answer: senders that hold on to theirs leave the other half to those who come next.
 */
function keepHalf(server: Server, most: number): RequestHandler {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  return (_request, response, next) => {
    if (open > most / 2) response.setHeader('connection', 'close');
    next();
  };
}

/** Builds the server; it does not listen yet. */
export function createReceiver(parts: ReceiveParts): Server {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false).enable('case sensitive routing');
  app.set('trust proxy', parts.proxies);
  const server = createServer({ maxHeaderSize: 16_384, connectionsCheckingInterval: 1_000 }, app);
  app.use(keepHalf(server, parts.maxConnections));
  app.all('/hooks/:store/:source', createHookHandler(parts));
  app.get('/healthz', (_request, response) => send(response, { status: 200, body: '{"status":"ok"}' }));
  app.get('/readyz', (_request, response) =>
    send(response, parts.ready() ? { status: 200, body: '{"status":"ready"}' } : ANSWERS.unavailable),
  );
  for (const { path, handler } of parts.also) app.use(path, handler);
  app.use((_request, response) => send(response, ANSWERS.notFound));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const isTheirs = isBadRequest(error);
    if (!isTheirs) parts.onError(error);
    send(response, isTheirs ? ANSWERS.badRequest : ANSWERS.unavailable);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = parts.maxConnections;
  server.maxHeadersCount = MAX_HEADERS;
  return server;
}
