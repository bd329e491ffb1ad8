// The address where assistants ask: who may, and what comes and goes as HTTP.
import express, { type Request, type Response, type Router } from 'express';
import type { Gate } from '../api/gate.ts';
import { FAILED, readBody, writeProblem } from '../api/http.ts';
import { type Problem, problem } from '../api/route.ts';
import { isOtherSite } from '../other-site.ts';
import { answerMessage } from './protocol.ts';
import type { Tools } from './tools.ts';

export type McpParts = {
  tools: Tools;
  gate: Gate;
  /** How people reach the pages; undefined where that is told by each request's Host. */
  adminUrl: string | undefined;
  onError: (error: unknown) => void;
};

const ONE_MESSAGE = problem(400, 'Send one message of JSON-RPC as the body, and no list of them.');

/** What a browser calls this machine; any other name may have been made to lead here (DNS rebinding). */
const HERE = ['localhost', '127.0.0.1', '[::1]'];
/** Assistants are no pages: those name no origin, or our own. */
function isForeign({ headers }: Request, adminUrl: string | undefined): boolean {
  const name = headers.origin === undefined ? undefined : URL.parse(headers.origin)?.hostname;
  return isOtherSite(headers, adminUrl) || (adminUrl === undefined && name !== undefined && !HERE.includes(name));
}

/** The request as the library takes it; its body is read already. */
function withoutBody({ headers }: Request): globalThis.Request {
  const plain = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Request('http://here.invalid/mcp', { method: 'POST', headers: plain });
}

async function write(response: Response, reply: globalThis.Response): Promise<void> {
  response.status(reply.status);
  const text = await reply.text();
  if (text === '') response.end();
  else response.type(reply.headers.get('content-type') ?? 'json').send(text);
}

export function createMcp({ tools, gate, adminUrl, onError }: McpParts): Router {
  const answer = async (request: Request, response: Response): Promise<Problem | globalThis.Response> => {
    if (isForeign(request, adminUrl)) return problem(403, 'A page of another site asks, so nothing is done.');
    const proven = await gate.tokenOf(request);
    if ('kind' in proven) return proven;
    const unread = await readBody(request, response);
    if (unread !== undefined) return unread;
    const message: unknown = request.body;
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return ONE_MESSAGE;
    return answerMessage(tools, proven.token, withoutBody(request), message);
  };

  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.post('/', async (request, response) => {
    try {
      const reply = await answer(request, response);
      if ('kind' in reply) writeProblem(response, reply);
      else await write(response, reply);
    } catch (error) {
      onError(error);
      if (response.headersSent) response.destroy();
      else writeProblem(response, FAILED);
    }
  });
  router.all('/', (_request, response) => {
    response.set('allow', 'POST');
    writeProblem(response, problem(405, 'Only POST can be asked here.'));
  });
  return router;
}
